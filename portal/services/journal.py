"""The journal of a class: item, old, new, who, when and the sheet, signed off in bulk by the leader (G6, X10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Sheet, User, db
from portal.rules.codes import printed
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.workflow import SheetMove
from portal.services import checking, leader_queue, leading
from portal.services.maintenance import AT_DESK


@dataclass(frozen=True)
class Entry:
    """One item: what was registered, what it is now, who entered it and when; `outcome` as on the change. `by_school`:
    not written by the family, changed at the desk."""

    change_id: UUID
    item: Item
    was: str
    became: str
    outcome: str
    reason: str
    who: str
    at: datetime | None
    has_crop: bool
    by_school: bool = False


@dataclass(frozen=True)
class JournalSheet:
    """One pupil of the journal. `own`: the reader typed it and so cannot sign it off (R88)."""

    sheet_id: UUID
    version: int
    seat: str
    name: str
    own: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Journal:
    """The entered sheets of a class: those with changes one by one, those without as a number and their ids."""

    class_id: UUID
    class_name: str
    changed: tuple[JournalSheet, ...]
    plain: tuple[JournalSheet, ...]

    @property
    def total(self) -> int:
        """How many sheets can be signed off."""
        return sum(not sheet.own for sheet in self.changed + self.plain)


def journal(actor: Actor, class_id: UUID, lang: str = "zh") -> Journal:
    """The journal of a class inside the actor's place; raises `NotFound`."""
    class_ = checking.class_of(actor, class_id)
    sheets = leader_queue.signable(actor, class_.id)
    own = leading.own_work(actor.user_id, sheets, SheetMove.VERIFY)
    typists = {change.entered_by_id for sheet in sheets for change in sheet.changes if change.entered_by_id}
    people = {user.id: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(typists)))}
    found = [_sheet(sheet, sheet.id in own, people, lang) for sheet in sheets]
    changed, plain = (tuple(one for one in found if bool(one.entries) is has) for has in (True, False))
    return Journal(class_.id, class_.name, changed, plain)


def _sheet(sheet: Sheet, own: bool, people: dict[UUID, str], lang: str) -> JournalSheet:
    record = sheet.pupil.record
    return JournalSheet(
        sheet_id=sheet.id,
        version=sheet.version,
        seat=record.get("class_seat_number", ""),
        name=mask_name(record["name"]),
        own=own,
        entries=tuple(_entries(sheet, people, lang)),
    )


def _entries(sheet: Sheet, people: dict[UUID, str], lang: str) -> list[Entry]:
    found = {change.item: change for change in sheet.changes}
    entries = []
    for code in (code for code in ITEMS if code in found):
        change, values = found[code], found[code].values
        entries.append(
            Entry(
                change_id=change.id,
                item=ITEMS[code],
                was=printed(code, values["printed"], lang),
                became=printed(code, values["entered"] or "", lang),
                outcome=change.outcome,
                reason=change.reason or "",
                who=people.get(change.entered_by_id, "") if change.entered_by_id else "",
                at=change.entered_at,
                has_crop=change.crop_address is not None,
                by_school=change.source == AT_DESK,
            )
        )
    return entries
