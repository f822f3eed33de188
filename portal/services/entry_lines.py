"""The changes of one sheet as lines: printed, written, typed by the family, entered, and what does not agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from portal.models import Change, GroupCheck, Sheet, db
from portal.rules.check_groups import group_of
from portal.rules.codes import printed
from portal.rules.corrections import Told, disagreement
from portal.rules.evidence import documents_for
from portal.rules.items import ITEMS, Item
from portal.services import evidence, place_settings
from portal.services.evidence import Shown


@dataclass(frozen=True)
class Line:
    """One item of a sheet to enter: what was on record, what the input begins with, what has been entered.

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
    cleared: bool = False
    asked: bool = False
    told: str | None = None
    documents: tuple[Shown, ...] = ()


def lines_of(sheet: Sheet, lang: str = "zh") -> list[Line]:
    """The changes of a sheet in the order of the registry's items."""
    found = {change.item: change for change in sheet.changes}
    if not found:
        return []
    query = select(GroupCheck.group).where(GroupCheck.sheet_id == sheet.id)
    confirmed, pictures = frozenset(db.session.scalars(query)), evidence.of_sheet(sheet)
    said = {item: change.values for item, change in found.items()}
    wanted = sheet.pupil.record | {item: v["typed"] for item, v in said.items() if v.get("typed") is not None}
    lines, controlled = [], place_settings.controlled_items(sheet.path)
    for code in ITEMS:
        if code in found:
            kinds = documents_for(code, wanted)
            shown = tuple(one for one in pictures if one.item.code == code or one.kind in kinds)
            told = disagreement(_told(sheet, found[code], said[code], confirmed))
            line = _line(found[code], said[code], lang, told, shown)
            lines.append(replace(line, is_controlled=code in controlled))
    return lines


def _told(sheet: Sheet, change: Change, said: dict[str, Any], confirmed: frozenset[str]) -> Told:
    group = group_of(change.item)
    return Told(
        typed=said.get("typed"),
        asked=bool(said.get("asked")),
        ticked=said["ticked"],
        inked=change.crop_address is not None or bool(said["ticked"]) or change.source != "typed",
        confirmed=group is not None and group.code in confirmed,
        paper=sheet.photo_id is not None,
    )


def _line(change: Change, said: dict[str, Any], lang: str, told: str | None, documents: tuple[Shown, ...]) -> Line:
    item, typed = ITEMS[change.item], said.get("typed")
    begins = said["entered"] if said["entered"] is not None else (typed if typed is not None else said["ticked"] or "")
    return Line(
        change=change,
        item=item,
        was=printed(item.code, said["printed"], lang),
        typed=begins,
        shown=printed(item.code, begins, lang),
        is_key_data=item.is_key_data,
        by_family=printed(item.code, typed, lang) if typed else "",
        cleared=typed == "",
        asked=bool(said.get("asked")),
        told=told,
        documents=documents,
    )
