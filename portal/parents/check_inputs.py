"""What the check page shows and gets back: rows in words, open rows with their inputs, answers out of a posted form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.rules import check_groups, evidence, inputs
from portal.rules.codes import printed
from portal.rules.inputs import InputKind, PlaceStep
from portal.rules.items import ITEMS, Item
from portal.rules.problems import Problem, sentence
from portal.rules.standards import STANDARDS
from portal.services.family_changes import Answer
from portal.services.family_check import Row, Screen

#: longest text a field may have; what is longer is cut before it reaches a rule
_LONGEST = 400


def language() -> str:
    """The language of the page as rules know it."""
    return "en" if str(get_locale()) == "en" else "zh"


@dataclass(frozen=True)
class Shown:
    """A row in words. `data`: the value is text of the record, which stays Chinese on an English page."""

    row: Row
    label: str
    value: str
    old: str
    data: bool
    doubts: tuple[str, ...]
    documents: str


@dataclass(frozen=True)
class Input:
    """An open row: `fields` fill the input, `options` and `places` are what can be chosen, `errors` are sentences."""

    item: Item
    kind: InputKind
    label: str
    fields: Mapping[str, str]
    version: int
    standard: str
    options: tuple[tuple[str, str], ...] = ()
    places: tuple[PlaceStep, ...] = ()
    errors: tuple[str, ...] = ()
    may_be_same: bool = False
    may_be_empty: bool = False


def words_of(item: Item, value: str) -> str:
    """A stored value as the screen says it."""
    lang = language()
    return inputs.shown_date(item, value, lang) or printed(item.code, value, lang)


def _is_data(item: Item) -> bool:
    return not (item.code_table or item.type in {"date8", "period17"})


def document_words(kinds: tuple[str, ...]) -> str:
    """The documents any one of which will do."""
    return _("或者").join(_(evidence.WORDS[kind]) for kind in kinds)


def place_on_paper(item: Item) -> str:
    """The name of an item among all of the paper: which family member, and what."""
    one = check_groups.group_of(item.code)
    label = check_groups.label(item.code, language())
    return f"{_(one.name)} {label}" if one is not None and item.code.startswith("guardian") else label


def shown(row: Row) -> Shown:
    """One row in words; a doubt of something just typed is told as well."""
    return Shown(
        row=row,
        label=check_groups.label(row.item.code, language()),
        value=words_of(row.item, row.now),
        old=words_of(row.item, row.stored),
        data=_is_data(row.item),
        doubts=tuple(said(found) for found in row.doubts),
        documents=document_words(row.documents),
    )


def said(found: Problem) -> str:
    """A problem in words."""
    return sentence(found, _, language())


def opened(row: Row, posted: Mapping[str, str] | None = None, errors: tuple[str, ...] = ()) -> Input:
    """The input of an open row, filled with what was posted, else with what is on record or typed."""
    item, kind = row.item, inputs.kind_of(row.item)
    fields = posted if posted is not None else inputs.fields_of(item, row.now)
    chosen = kind in (InputKind.TICKS, InputKind.LIST)
    return Input(
        item=item,
        kind=kind,
        label=check_groups.label(item.code, language()),
        fields=fields,
        version=row.version,
        standard=_(STANDARDS[item.code]),
        options=_options(item, row.now) if chosen else (),
        places=tuple(inputs.place_steps(fields)) if kind == InputKind.PLACE else (),
        errors=errors,
        may_be_same=item.code in inputs.SAME_AS_PRESENT,
        may_be_empty=item.required != "always",
    )


def _options(item: Item, value: str) -> tuple[tuple[str, str], ...]:
    """What can be chosen, and what is on record even where it is offered no more."""
    found = inputs.options_of(item, language())
    known = {code for code, _label in found}
    return (*found, *([(value, words_of(item, value))] if value and value not in known else []))


def posted_of(form: Mapping[str, str], items: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """The fields of every row that was open: item -> field -> text."""
    found: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        item, dot, part = name.partition(".")
        if dot and item in items:
            found.setdefault(item, {})[part] = text.strip()[:_LONGEST]
    return {item: fields for item, fields in found.items() if "version" in fields}


def answers_of(posted: Mapping[str, Mapping[str, str]], present_address: str) -> dict[str, Answer]:
    """What was posted as answers for the service; a row whose fields were not touched at all counts as its value."""
    answers = {}
    for item, fields in posted.items():
        version = fields.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        address = posted.get("current_address", {}).get("value", present_address)
        answers[item] = Answer(inputs.raw_of(ITEMS[item], fields, address), number)
    return answers


def present_address(screen: Screen) -> str:
    """The present address as the family says it, for addresses that are the same."""
    return next((row.now for row in screen.rows if row.item.code == "current_address"), "")


def page_data(
    screen: Screen,
    posted: Mapping[str, Mapping[str, str]],
    open_item: str | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
    focus: str | None = None,
) -> dict[str, Any]:
    """What the templates of a group are given. `posted` rows stay open as they were typed."""
    errors = errors or {}
    rows = {row.item.code: row for row in screen.rows}
    wanted = {**posted, **({open_item: None} if open_item in rows and open_item not in posted else {})}
    inputs_ = {code: opened(rows[code], fields, errors.get(code, ())) for code, fields in wanted.items()}
    return {
        "screen": screen,
        "rows": [shown(row) for row in screen.rows],
        "inputs": {} if screen.closed else inputs_,
        "focus": focus or open_item,
        "summary": _unsaved(posted) if screen.closed else _summary(errors),
    }


def _summary(errors: Mapping[str, tuple[str, ...]]) -> list[tuple[str | None, str]]:
    """What the error summary lists: where it is, and its first sentence."""
    return [
        (f"in-{item}", _("%(name)s：%(text)s", name=check_groups.label(item, language()), text=texts[0]))
        for item, texts in errors.items()
    ]


def _unsaved(posted: Mapping[str, Mapping[str, str]]) -> list[tuple[str | None, str]]:
    """What was typed and came too late, so that it can be written on the paper."""
    typed = {
        item: " ".join(text for name, text in fields.items() if name != "version") for item, fields in posted.items()
    }
    return [
        (None, _("%(name)s没有存：%(text)s", name=check_groups.label(item, language()), text=text))
        for item, text in typed.items()
    ]
