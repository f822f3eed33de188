"""The template files and what is read out of them without rendering."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "portal/templates"
#: where the name of an icon stands among the arguments of a macro
ICON_ARGUMENT = {"icon": 0, "button": 3, "tile": 3, "post": 3, "empty": 2}

parser = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)


def names(under: str = "") -> list[str]:
    """Templates of screens by name; the printed sheet is no screen."""
    found = (path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
    return sorted(name for name in found if name.startswith(under) and not name.startswith("paper/"))


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def is_page(name: str) -> bool:
    """A page of its own: no base, no macro, no part."""
    last = name.rsplit("/", 1)[-1]
    return not (name.startswith(("ui/", "base")) or last.startswith("_"))


def constants(node: nodes.Node) -> Iterator[str]:
    """The texts an expression can come to, as far as they stand in it."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from constants(node.expr1)
        if node.expr2 is not None:
            yield from constants(node.expr2)
    elif isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Dict):
        for pair in node.node.items:
            yield from constants(pair.value)


def icons_of(text: str) -> set[str]:
    """Icons named in a template."""
    found: set[str] = set()
    for call in parser.parse(text).find_all(nodes.Call):
        macro = getattr(call.node, "name", "")
        place = ICON_ARGUMENT.get(macro)
        if place is not None and len(call.args) > place:
            found.update(constants(call.args[place]))
        for keyword in call.kwargs:
            if keyword.key == "icon_name":
                found.update(constants(keyword.value))
    return found


def classes_of(text: str) -> set[str]:
    """Classes written out in a template; what an expression adds is left aside."""
    found: set[str] = set()
    for value in re.findall(r'\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', text, re.DOTALL):
        whole = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "?", value, flags=re.DOTALL)
        found.update(one for one in whole.split() if "?" not in one)
    return found
