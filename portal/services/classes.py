"""The class teacher's class: every pupil with a standing, one sheet with its picture, and the small acts on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Photo, Place, Sheet, db
from portal.rules.masks import mask_name
from portal.rules.place_settings import Switch
from portal.rules.roles import Actor, Level
from portal.rules.standing import Group, Standing, is_plain, standing_of
from portal.services import checking, lists, photos, place_settings, readings, sampling, sheets, viewing
from portal.services.refusals import NotFound
from portal.services.sheets import CAUSES


@dataclass(frozen=True)
class Row:
    """One pupil of the list; `why` says why the sheet stands still or what is on it, as a message id with values."""

    sheet_id: UUID
    seat: str
    name: str
    standing: Standing
    why: str = ""
    written: int = 0
    signed: bool = True
    is_plain: bool = False
    cause: str = ""
    issued: bool = False
    returned: bool = False
    reminded: int = 0
    reminded_at: datetime | None = None


@dataclass(frozen=True)
class ClassList:
    """A class of the present round. `own` is true for the class's teacher, who sees names in full."""

    class_id: UUID
    name: str
    school: str
    deadline: date
    own: bool
    rows: tuple[Row, ...]

    def count(self, group: Group) -> int:
        """How many pupils are in a group."""
        return self._counts[group]

    @cached_property
    def _counts(self) -> Counter[Group]:
        return Counter(row.standing.group for row in self.rows)

    def of(self, group: Group | None) -> list[Row]:
        """The rows of a group, or all."""
        return [row for row in self.rows if group is None or row.standing.group == group]

    @property
    def plain(self) -> int:
        """How many can be confirmed together."""
        return sum(row.is_plain for row in self.rows)


def class_list(actor: Actor, class_id: UUID | None = None) -> ClassList:
    """A class inside the actor's place, by default the actor's own; raises `NotFound`."""
    if class_id is None and actor.level != Level.CLASS:
        raise NotFound
    class_ = checking.class_of(actor, class_id or actor.place_id)
    found = lists.round_of(actor)
    own = is_own(actor, class_)
    query = select(Sheet).options(joinedload(Sheet.pupil))
    query = query.where(Sheet.round_id == found.id, Sheet.class_id == class_.id, Sheet.in_scope)
    strange, told = _unrecognised(class_), sampling.with_changes(class_.id)
    found_sheets = [(sheet, sheet.pupil.record) for sheet in db.session.scalars(query)]  # each record opened once
    found_sheets.sort(key=lambda pair: lists.seat_order(pair[1]))
    rows = [_row(sheet, record, own, (sheet.id in strange, sheet.id in told)) for sheet, record in found_sheets]
    school = db.session.get_one(Place, class_.parent_id)
    return ClassList(class_.id, class_.name, school.name, found.ends, own, tuple(rows))


def is_own(actor: Actor, class_: Place) -> bool:
    """The class's own teacher works with full names; others get the mask."""
    return actor.place_id == class_.id


def _unrecognised(class_: Place) -> set[UUID]:
    """Sheets with a photo that no machine could name and nobody has looked at."""
    query = select(Photo.sheet_id).where(Photo.path == class_.path, Photo.outcome == "unknown")
    return {sheet_id for sheet_id in db.session.scalars(query) if sheet_id is not None}


def _row(sheet: Sheet, record: dict[str, str], own: bool, found: tuple[bool, bool]) -> Row:
    unrecognised, told = found
    standing = standing_of(sheet, unrecognised)
    return Row(
        sheet_id=sheet.id,
        seat=record.get("class_seat_number", ""),
        name=record["name"] if own else mask_name(record["name"]),
        standing=standing,
        why=CAUSES.get(sheet.cause or "", "") if standing.group in (Group.MISSING, Group.REDO) else "",
        written=sheet.written,
        signed=sheet.signed or not sheet.received,
        is_plain=is_plain(sheet, told),
        cause=sheet.cause or "",
        issued=sheet.issued,
        returned=sheet.returned,
        reminded=sheet.reminded,
        reminded_at=sheet.reminded_at,
    )


def sheet_of(actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet inside the actor's place; raises `NotFound`."""
    return lists.find(actor, Sheet, sheet_id)


def upload(actor: Actor, sheet_id: UUID, data: bytes) -> str:
    """Send a photo for a family, recorded as such (E7); returns its receipt. Commits."""
    sheet = sheet_of(actor, sheet_id)
    place_settings.require_on(sheet.path, Switch.TEACHER_UPLOAD)
    return readings.take_in(sheet, data, photos.Sender("teacher", actor))


def tick(actor: Actor, sheet_id: UUID, returned: bool) -> None:
    """The paper is back, or it was ticked by mistake. Commits."""
    sheets.tick_returned(actor, lists.find(actor, Sheet, sheet_id, lock=True), returned)


def set_cause(actor: Actor, sheet_id: UUID, cause: str) -> None:
    """Why nothing comes from this family; empty clears it. Commits."""
    sheets.set_cause(actor, lists.find(actor, Sheet, sheet_id, lock=True), cause or None)


def set_causes(actor: Actor, class_id: UUID, causes: Mapping[UUID, str]) -> int:
    """Say for several children of a class why nothing comes, all or none; returns how many changed. Commits.

    Raises `NotFound` for a sheet that is not of the class and `Refusal` for a cause that does not exist.
    """
    class_ = checking.class_of(actor, class_id)
    query = select(Sheet).where(Sheet.id.in_(causes), Sheet.class_id == class_.id).order_by(Sheet.id)
    found = list(db.session.scalars(query.with_for_update()))
    if len(found) != len(causes):
        raise NotFound
    changed = sum(sheets.note_cause(actor, sheet, causes[sheet.id] or None) for sheet in found)
    db.session.commit()
    return changed


def page_image(actor: Actor, photo_id: UUID) -> bytes:
    """The flattened page of a photo as JPEG; raises `NotFound` when there is none."""
    photo = lists.find(actor, Photo, photo_id)
    page = readings.flat_page(photo)
    if page is None:
        raise NotFound
    viewing.look(actor, photo, viewing.PHOTO)
    return page


def crop(actor: Actor, photo_id: UUID, item: str) -> bytes:
    """What was written in one box, as JPEG; raises `NotFound` when there is none."""
    photo = lists.find(actor, Photo, photo_id)
    written = photo.reading.seen["written"] if photo.reading else {}
    address = written.get(item, {}).get("crop")
    if address is None:
        raise NotFound
    return photos.content_of(address, photo.school_id, photo.round_id)
