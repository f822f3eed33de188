"""All photos that were ever sent for a sheet: the one the school works with and the others behind it (E12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Photo, Sheet, User, db
from portal.rules.masks import mask_name
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor
from portal.services import lists, readings
from portal.services.verdicts import Verdict, verdict_of


@dataclass(frozen=True)
class Version:
    """One photo. `shown`: the school works with it; `by` sent it where an account is known, `assigned_by` said by hand
    whose it is; `leaf` is the printed number of the copy it shows; `pictured`: its page can be looked at."""

    photo_id: UUID
    at: datetime
    source: str
    receipt: str
    verdict: Verdict
    shown: bool
    by: str
    assigned_by: str
    leaf: str
    pictured: bool


@dataclass(frozen=True)
class Versions:
    """The photos of a sheet, the shown one first, then the newest."""

    sheet_id: UUID
    class_id: UUID
    class_name: str
    seat: str
    name: str
    rows: tuple[Version, ...]


def versions_of(actor: Actor, sheet_id: UUID) -> Versions:
    """Every photo of a sheet inside the actor's place; raises `NotFound`."""
    sheet = lists.find(actor, Sheet, sheet_id)
    values = sheet.pupil.record
    name = values["name"] if actor.place_id == sheet.class_id else mask_name(values["name"])
    people = _names(sheet.photos)
    rows = sorted(sheet.photos, key=lambda photo: (photo.id == sheet.photo_id, photo.received_at), reverse=True)
    return Versions(
        sheet.id,
        sheet.class_id,
        sheet.class_.name,
        values.get("class_seat_number", ""),
        name,
        tuple(_version(photo, photo.id == sheet.photo_id, people) for photo in rows),
    )


def _version(photo: Photo, shown: bool, people: dict[UUID, str]) -> Version:
    return Version(
        photo_id=photo.id,
        at=photo.received_at,
        source=photo.source,
        receipt=photo.receipt,
        verdict=verdict_of(readings.answer_of(photo)),
        shown=shown,
        by=people.get(photo.by_id, "") if photo.by_id and photo.source in ("teacher", "pile") else "",
        assigned_by=people.get(photo.assigned_by_id, "") if photo.assigned_by_id else "",
        leaf=leaf_text(photo.leaf_number) if photo.leaf_number is not None else "",
        pictured=photo.flat_address is not None,
    )


def _names(photos: list[Photo]) -> dict[UUID, str]:
    """The names of staff who sent a photo or said whose it is."""
    ids = {one for photo in photos for one in (photo.by_id, photo.assigned_by_id) if one is not None}
    return {user.id: user.name for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
