"""The list behind each number of the figures; inside the viewer's place, names masked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from portal.models import Place, Round, Sheet, db
from portal.rules.figures import Measure, Why, as_mask
from portal.rules.masks import mask_name
from portal.rules.places import below
from portal.rules.roles import Actor
from portal.services.lists import inside
from portal.services.refusals import NotFound

PAGE = 50


@dataclass(frozen=True)
class Listed:
    """One sheet in the list behind a number: masked, with where it is."""

    sheet_id: UUID
    class_id: UUID
    name: str
    seat: str
    school: str
    class_name: str
    state_label: str


@dataclass(frozen=True)
class Asked:
    """Which list: sheets that count in `measure` (or are not received for this reason), or expected ones still
    `missing`; with `direct` only those of the schools the place runs itself. Pages count from 1."""

    measure: Measure | Why
    missing: bool = False
    direct: bool = False
    page: int = 1


def list_behind(actor: Actor, found: Round, place_id: UUID, asked: Asked) -> tuple[Place, int, list[Listed]]:
    """(place, how many, one page of them). The condition is the mask of what has been counted, so list and number
    cannot disagree. Raises `NotFound` for a place that is not the actor's."""
    place = db.session.scalar(select(Place).where(Place.id == place_id, inside(Place.path, actor)))
    if place is None:
        raise NotFound
    condition = _condition(found, place, asked)
    total = db.session.scalar(select(func.count()).select_from(Sheet).where(*condition)) or 0
    query = (
        select(Sheet)
        .where(*condition)
        .options(joinedload(Sheet.pupil), joinedload(Sheet.school), joinedload(Sheet.class_))
        .order_by(Sheet.path, Sheet.id)
        .offset(PAGE * min(max(0, asked.page - 1), total // PAGE))
        .limit(PAGE)
    )
    return place, total, [_listed_sheet(sheet) for sheet in db.session.scalars(query)]


def _condition(found: Round, place: Place, asked: Asked) -> list[ColumnElement[bool]]:
    low, high = below(place.path)
    bit, expected = as_mask(frozenset({asked.measure})), as_mask(frozenset({Measure.EXPECTED}))
    condition = [Sheet.round_id == found.id, Sheet.path >= low, Sheet.path < high]
    condition.append((Sheet.counted.op("&")(bit) == 0) if asked.missing else (Sheet.counted.op("&")(bit) != 0))
    if asked.missing:
        condition.append(Sheet.counted.op("&")(expected) != 0)
    if asked.direct:
        condition.append(Sheet.school_id.in_(select(Place.id).where(Place.parent_id == place.id)))
    return condition


def _listed_sheet(sheet: Sheet) -> Listed:
    record = sheet.pupil.record
    return Listed(
        sheet.id,
        sheet.class_id,
        mask_name(record["name"]),
        record.get("class_seat_number", ""),
        sheet.school.name,
        sheet.class_.name,
        sheet.state.label if hasattr(sheet.state, "label") else str(sheet.state),
    )
