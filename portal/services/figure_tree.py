"""Figures by place, level by level, and the list behind each number; both inside the viewer's place."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased, joinedload

from portal.models import Figure, Place, Round, Sheet, db
from portal.rules.figures import MEASURES, Measure, as_mask
from portal.rules.masks import mask_name
from portal.rules.places import below
from portal.rules.roles import Actor, Level
from portal.services.lists import inside
from portal.services.refusals import NotFound

Counts = dict[Measure, int]
PAGE = 50
_NOTHING: Counts = dict.fromkeys(MEASURES, 0)


@dataclass(frozen=True)
class Row:
    """One row of the tree. `key` opens it; a group of directly run schools has its authority's key plus "d"."""

    key: str
    place_id: UUID
    name: str
    depth: int
    counts: Counts
    is_open: bool
    can_open: bool
    is_direct_group: bool = False


def tree(actor: Actor, found: Round, opened: set[str]) -> list[Row]:
    """The actor's place and everything that is opened below it, in order of division codes."""
    top = db.session.get_one(Place, actor.place_id)
    rows = [_row(top, 0, _sums([top], found)[top.id], opened | {top.id.hex})]
    rows += _children(top, 1, found, opened)
    return rows


def _children(place: Place, depth: int, found: Round, opened: set[str]) -> list[Row]:
    children = sorted(db.session.scalars(select(Place).where(Place.parent_id == place.id)), key=lambda p: p.path)
    direct = [p for p in children if p.level == Level.SCHOOL]
    areas = [p for p in children if p.level not in (Level.SCHOOL, Level.CLASS)]
    if not areas:
        return _listed(children, depth, found, opened)
    rows = _listed(areas, depth, found, opened)
    if direct:
        rows += _direct_group(place, direct, depth, found, opened)
    return rows


def _listed(places: list[Place], depth: int, found: Round, opened: set[str]) -> list[Row]:
    sums, rows = _sums(places, found), []
    for place in places:
        rows.append(_row(place, depth, sums[place.id], opened))
        if place.id.hex in opened and place.level != Level.CLASS:
            rows += _children(place, depth + 1, found, opened)
    return rows


def _direct_group(place: Place, schools: list[Place], depth: int, found: Round, opened: set[str]) -> list[Row]:
    """The schools a prefecture or the province runs itself, under one row (domain 2.1)."""
    key = f"{place.id.hex}d"
    own = db.session.scalar(select(Figure).where(Figure.round_id == found.id, Figure.place_id == place.id))
    counts = {m: getattr(own, m.value) for m in MEASURES} if own else dict(_NOTHING)
    row = Row(key, place.id, place.name, depth, counts, key in opened, True, is_direct_group=True)
    return [row, *(_listed(schools, depth + 1, found, opened) if key in opened else [])]


def _row(place: Place, depth: int, counts: Counts, opened: set[str]) -> Row:
    can_open = place.level != Level.CLASS
    return Row(place.id.hex, place.id, place.name, depth, counts, place.id.hex in opened, can_open)


def _sums(places: list[Place], found: Round) -> dict[UUID, Counts]:
    """Counts of sibling places with one query a level: authority rows by prefix, class rows by school."""
    sums = {place.id: dict(_NOTHING) for place in places}
    if not places:
        return sums
    if places[0].level == Level.CLASS:
        rows = db.session.scalars(select(Figure).where(Figure.round_id == found.id, Figure.place_id.in_(sums)))
        return sums | {row.place_id: {m: getattr(row, m.value) for m in MEASURES} for row in rows}
    if places[0].level == Level.SCHOOL:
        return sums | _school_sums(places, found)
    low = min(below(p.path)[0] for p in places)
    high = max(below(p.path)[1] for p in places)
    query = select(Figure).where(
        Figure.round_id == found.id, Figure.level != Level.CLASS, Figure.path >= low, Figure.path < high
    )
    for row in db.session.scalars(query):
        place = next((p for p in places if row.path.startswith(p.path)), None)
        for m in MEASURES if place else ():
            sums[place.id][m] += getattr(row, m.value)  # type: ignore[union-attr]
    return sums


def _school_sums(schools: list[Place], found: Round) -> dict[UUID, Counts]:
    class_ = aliased(Place)
    columns = [func.sum(getattr(Figure, m.value)) for m in MEASURES]
    query = (
        select(class_.parent_id, *columns)
        .join(class_, Figure.place_id == class_.id)
        .where(Figure.round_id == found.id, Figure.level == Level.CLASS, class_.parent_id.in_([s.id for s in schools]))
        .group_by(class_.parent_id)
    )
    return {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in db.session.execute(query)}


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
    """Which list: sheets that count in `measure`, or expected ones still `missing`; with `direct` only those of the
    schools the place runs itself. Pages count from 1."""

    measure: Measure
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
