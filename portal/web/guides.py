"""The guides as pages: one text serves `docs/guides/`, the screen and the printer, in the reader's language.

The files keep to a small part of Markdown: one title, `##` sections, paragraphs, `-` and `1.` lists, pictures on lines
of their own, and **bold**, `code` and [links](target) inside a line. What goes beyond it is refused, not shown raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Role
from portal.rules.words import N_
from portal.web.account import screens
from portal.web.guard import current_actor, does
from portal.web.page import page

FOLDER = Path(__file__).parent.parent / "guides"
#: audience -> what it is called in links
AUDIENCES = {
    "parents": N_("给家长的说明"),
    "teachers": N_("给班主任的说明"),
    "registrars": N_("给学校的说明"),
    "authorities": N_("给教育局的说明"),
}
_LINE = re.compile(r"(?P<mark>## |- |\d+\. |# |!\[|)(?P<rest>.*)")
_INSIDE = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`|\[(?P<words>[^\]]+)\]\((?P<target>[^)]+)\)")
_PICTURE = re.compile(r"(?P<words>[^\]]+)\]\(\.\./pictures/(?P<file>[\w.-]+)\)")
_KINDS = {"": "words", "- ": "dots", "![": "picture"}


class NotOurMarkdown(ValueError):
    """A guide uses something that its page cannot show."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: `kind` is text, bold, code or link; `target` is a link's."""

    kind: str
    text: str
    target: str = ""


@dataclass
class Block:
    """`kind` is words, dots, steps or picture; `lines` its paragraph, items, or caption; `file` a picture's name."""

    kind: str
    lines: list[list[Piece]]
    file: str = ""


@dataclass
class Section:
    """A heading with what follows; the first one is the guide's title."""

    title: str
    blocks: list[Block] = field(default_factory=list)


def read(text: str) -> list[Section]:
    """The sections of a guide; raises `NotOurMarkdown` with the line that cannot be shown."""
    sections: list[Section] = []
    for line in filter(None, map(str.rstrip, text.splitlines())):
        found = _LINE.fullmatch(line)
        assert found is not None
        mark, rest = found["mark"], found["rest"]
        if mark in ("# ", "## "):
            sections.append(Section(rest))
        elif not sections or line[0] in " \t>|<=~" or line.startswith("```") or (not mark and line[0] in "#*+"):
            raise NotOurMarkdown(line)
        else:
            _add(sections[-1].blocks, _KINDS.get(mark, "steps"), rest)
    return sections


def _add(blocks: list[Block], kind: str, rest: str) -> None:
    if kind == "picture":
        found = _PICTURE.fullmatch(rest)
        if found is None:
            raise NotOurMarkdown(rest)
        blocks.append(Block(kind, [[Piece("text", found["words"])]], found["file"]))
    elif kind in ("dots", "steps") and blocks and blocks[-1].kind == kind:
        blocks[-1].lines.append(list(_pieces(rest)))
    else:
        blocks.append(Block(kind, [list(_pieces(rest))]))


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for found in _INSIDE.finditer(text):
        if text[at : found.start()]:
            yield Piece("text", text[at : found.start()])
        kind = found.lastgroup or ""
        yield Piece("link", found["words"], found["target"]) if kind == "target" else Piece(kind, found[kind])
        at = found.end()
    if text[at:]:
        yield Piece("text", text[at:])


def file_of(audience: str, language: str) -> Path:
    """The file of a guide: `parents.md` is English, `parents.zh-CN.md` Chinese."""
    return FOLDER / (f"{audience}.md" if language == "en" else f"{audience}.zh-CN.md")


@cache
def sections_of(audience: str, language: str) -> list[Section]:
    """A guide as it is shown: without the line that leads to its other language, which the page's head does."""
    sections = read(file_of(audience, language).read_text(encoding="utf-8"))
    first = sections[0].blocks
    if first and first[0].lines[0][0].target.startswith(f"{audience}."):
        del first[0]
    return sections


def address_of(target: str) -> str:
    """A link to another guide leads to its page; every other stays as it is."""
    audience = target.split(".")[0]
    return url_for("web.guide", audience=audience) if audience in AUDIENCES and target.endswith(".md") else target


def audience_of(actor: Actor | None) -> str:
    """Whose guide a footer leads to."""
    if actor is None or actor.role == Role.PARENT:
        return "parents"
    if actor.role == Role.TEACHER:
        return "teachers"
    return "authorities" if actor.level in AUTHORITY_LEVELS else "registrars"


@screens.get("/guide/<any(parents, teachers, registrars, authorities):audience>")
@does(Action.SEE_PUBLIC_PAGE)
def guide(audience: str) -> Response:
    """One guide, on the screen and for the printer."""
    sections = sections_of(audience, "en" if str(get_locale()) == "en" else "zh")
    return page("guide.html", audience=audience, sections=sections, address_of=address_of)


def init(app: Flask) -> None:
    """Give every page the address of its reader's guide."""

    @app.context_processor
    def guide_values() -> dict[str, object]:
        address = url_for("web.guide", audience=audience_of(current_actor()))
        return {"guide_url": address, "guide_names": AUDIENCES}
