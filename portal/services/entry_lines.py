"""The changes of one sheet as lines: printed, written, typed by the family, entered, and what does not agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from portal.models import Change, Sheet
from portal.rules.codes import printed
from portal.rules.evidence import documents_for
from portal.rules.items import ITEMS, Item
from portal.rules.screen_paper import Differs
from portal.services import evidence, place_settings, screen_paper
from portal.services.evidence import Shown


@dataclass(frozen=True)
class Line:
    """One item of a sheet to enter: what was on record, what the input begins with, what has been entered; `ticked` is
    the one answer ticked on the paper, in words.

    `by_family` is what the family typed in words, `cleared` when it typed that there is nothing, `asked` when the
    school is to fill it in; `told` says (message id) where screen and paper differ; `documents` speak for the change.
    """

    change: Change
    item: Item
    was: str
    typed: str
    shown: str
    is_key_data: bool
    is_controlled: bool = False
    by_family: str = ""
    ticked: str = ""
    cleared: bool = False
    asked: bool = False
    told: str | None = None
    documents: tuple[Shown, ...] = ()


def lines_of(sheet: Sheet, lang: str = "zh") -> list[Line]:
    """The changes of a sheet in the order of the registry's items."""
    found = {change.item: change for change in sheet.changes}
    if not found:
        return []
    pictures, said = evidence.of_sheet(sheet), {item: change.values for item, change in found.items()}
    against = screen_paper.compared(sheet, found, said)
    wanted = sheet.pupil.record | {item: v["typed"] for item, v in said.items() if v.get("typed") is not None}
    lines, controlled = [], place_settings.controlled_items(sheet.path)
    for code in ITEMS:
        if code in found:
            kinds = documents_for(code, wanted)
            shown = tuple(one for one in pictures if one.item.code == code or one.kind in kinds)
            counts = "ticked" if against.differs.get(code) == Differs.OTHER_TICK else "typed"
            line = _line(found[code], said[code], lang, _begins(said[code], counts), shown)
            lines.append(replace(line, is_controlled=code in controlled, told=against.sentence(code)))
    return lines


def line_of(sheet: Sheet, item: str, lang: str = "zh") -> Line:
    """One line of a sheet, without the documents."""
    found = {change.item: change for change in sheet.changes}
    said = {code: change.values for code, change in found.items()}
    against = screen_paper.compared(sheet, found, said)
    counts = "ticked" if against.differs.get(item) == Differs.OTHER_TICK else "typed"
    line = _line(found[item], said[item], lang, _begins(said[item], counts), ())
    return replace(line, told=against.sentence(item))


def done_line(change: Change, lang: str = "zh") -> Line:
    """The line of a change that has its verdict: screen and paper are compared no more."""
    said = change.values
    return _line(change, said, lang, _begins(said, "typed"), ())


def _begins(said: dict[str, Any], first: str) -> str:
    """What the input begins with: what has been entered, else what the family ticked or typed; the signed paper comes
    `first` where the two differ."""
    return next((said[name] for name in ("entered", first, "typed", "ticked") if said.get(name) is not None), "")


def _line(change: Change, said: dict[str, Any], lang: str, begins: str, documents: tuple[Shown, ...]) -> Line:
    item, typed = ITEMS[change.item], said.get("typed")
    return Line(
        change=change,
        item=item,
        was=printed(item.code, said["printed"], lang),
        typed=begins,
        shown=printed(item.code, begins, lang),
        is_key_data=item.is_key_data,
        by_family=printed(item.code, typed, lang) if typed else "",
        ticked=printed(item.code, said.get("ticked") or "", lang),
        cleared=typed == "",
        asked=bool(said.get("asked")),
        documents=documents,
    )
