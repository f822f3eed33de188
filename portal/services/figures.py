"""Counting: every change of a sheet leaves delta rows; a folder adds them up; a recount must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, event, func, inspect, select
from sqlalchemy.orm import Session, aliased

from portal.models import DayFigure, Delta, Figure, Place, Round, Sheet, db
from portal.rules.clock import today
from portal.rules.figures import COUNTED, MEASURES, Measure, Why, as_mask, counted_of, from_mask
from portal.rules.places import below
from portal.rules.roles import Level

Key = tuple[UUID, UUID, str, str]
DayKey = tuple[UUID, UUID, str, date]
#: what a school has days of: enough for its trend, and to see since when something stands still
DAYS_OF_SCHOOLS = frozenset({Measure.ISSUED, Measure.RECEIVED, Measure.CHECKED, Measure.ENTERED, Measure.VERIFIED})
_MEASURES = frozenset(MEASURES)


@event.listens_for(Session, "before_flush")
def _count_changed_sheets(session: Session, _context: object, _instances: object) -> None:
    """No service can forget to count: whatever changed on a sheet is settled in the same transaction."""
    sums: Counter[Key] = Counter()
    for sheet in (*session.new, *session.dirty):
        if isinstance(sheet, Sheet):
            _settle(sheet, sums)
    day = today()
    for (round_id, class_id, path, measure), n in sums.items():
        if n:
            session.add(Delta(round_id=round_id, class_id=class_id, path=path, measure=measure, n=n, day=day))


def _settle(sheet: Sheet, sums: Counter[Key]) -> None:
    counted, before = counted_of(sheet), from_mask(sheet.counted)
    here = (sheet.class_id, sheet.path)
    was = _before(sheet, "class_id"), _before(sheet, "path")
    if as_mask(counted) == sheet.counted and was == here:
        return
    for measure in counted if was != here else counted - before:
        sums[(sheet.round_id, *here, measure.value)] += 1
    for measure in before if was != here else before - counted:
        sums[(sheet.round_id, *was, measure.value)] -= 1
    sheet.counted = as_mask(counted)


def _before(sheet: Sheet, column: str) -> Any:
    """The value of a column before this flush: a sheet that changed its class is taken off where it was counted."""
    history = inspect(sheet).attrs[column].history
    return history.deleted[0] if history.deleted else getattr(sheet, column)


def fold(limit: int = 20_000) -> int:
    """Add waiting deltas to the rows of their class and their school's authority, and to the day; in one transaction.

    Returns how many deltas were folded. Called every second by the worker, so that figures are at most 2 s old.
    """
    deltas = list(
        db.session.scalars(select(Delta).order_by(Delta.position).limit(limit).with_for_update(skip_locked=True))
    )
    if not deltas:
        db.session.rollback()
        return 0
    homes = _homes({d.class_id for d in deltas})
    class_sums: Counter[tuple[UUID, UUID, str]] = Counter()
    authority_sums: Counter[tuple[UUID, UUID, str]] = Counter()
    days: Counter[DayKey] = Counter()
    for d in deltas:
        school, authority = homes[d.class_id]
        class_sums[(d.round_id, d.class_id, d.measure)] += d.n
        authority_sums[(d.round_id, authority.id, d.measure)] += d.n
        if d.measure in _MEASURES:
            days[(d.round_id, authority.id, d.measure, d.day)] += d.n
        if d.measure in DAYS_OF_SCHOOLS:
            days[(d.round_id, school.id, d.measure, d.day)] += d.n
    _add_figures(class_sums)
    _add_figures(authority_sums)
    _add_days(days, {place.id: place for pair in homes.values() for place in pair})
    db.session.execute(delete(Delta).where(Delta.position.in_([d.position for d in deltas])))
    db.session.commit()
    return len(deltas)


def _homes(class_ids: Iterable[UUID]) -> dict[UUID, tuple[Place, Place]]:
    """The school and the authority of each class."""
    school, class_, authority = aliased(Place), aliased(Place), aliased(Place)
    rows = db.session.execute(
        select(class_.id, school, authority)
        .join(school, class_.parent_id == school.id)
        .join(authority, school.parent_id == authority.id)
        .where(class_.id.in_(class_ids))
    )
    return {class_id: (own, above) for class_id, own, above in rows}


def _add_figures(sums: Counter[tuple[UUID, UUID, str]]) -> None:
    pairs = {(round_id, place_id) for round_id, place_id, _ in sums}
    places = {p.id: p for p in db.session.scalars(select(Place).where(Place.id.in_({p for _, p in pairs})))}
    rows = {
        (row.round_id, row.place_id): row
        for row in db.session.scalars(select(Figure).where(Figure.place_id.in_(places)).with_for_update())
    }
    for round_id, place_id in pairs - rows.keys():
        place = places[place_id]
        rows[(round_id, place_id)] = Figure(
            round_id=round_id,
            place_id=place_id,
            level=place.level,
            path=place.path,
            **{one.value: 0 for one in COUNTED},
        )
        db.session.add(rows[(round_id, place_id)])
    for (round_id, place_id, measure), n in sums.items():
        row = rows[(round_id, place_id)]
        setattr(row, measure, getattr(row, measure) + n)


def _add_days(days: Counter[DayKey], places: dict[UUID, Place]) -> None:
    wanted = DayFigure.place_id.in_({key[1] for key in days}), DayFigure.day.in_({key[3] for key in days})
    found = db.session.scalars(select(DayFigure).where(*wanted).with_for_update())
    rows: dict[DayKey, DayFigure] = {(row.round_id, row.place_id, row.measure, row.day): row for row in found}
    for key, n in days.items():
        if key not in rows:
            round_id, place_id, measure, day = key
            place = places[place_id]
            rows[key] = DayFigure(
                round_id=round_id, place_id=place_id, path=place.path, measure=measure, day=day,
                is_school=place.level == Level.SCHOOL,
            )  # fmt: skip
            db.session.add(rows[key])
        rows[key].n += n


def counts_below(round_id: UUID, path: str) -> dict[Measure, int]:
    """The counts of everything at or below a path."""
    return dict(zip(MEASURES, _sums_below(round_id, path, MEASURES), strict=True))


def whys_below(round_id: UUID, path: str) -> dict[Why, int]:
    """Why sheets at or below a path are not received; the numbers add up to expected minus received."""
    return dict(zip(Why, _sums_below(round_id, path, tuple(Why)), strict=True))


def _sums_below(round_id: UUID, path: str, counted: Sequence[Measure | Why]) -> tuple[int, ...]:
    """Sums of authority rows down to a county, of class rows below."""
    low, high = below(path)
    depth_level = db.session.scalar(select(Place.level).where(Place.path == path))
    only_classes = depth_level in (Level.SCHOOL, Level.CLASS)
    columns = [func.coalesce(func.sum(getattr(Figure, one.value)), 0) for one in counted]
    query = select(*columns).where(Figure.round_id == round_id, Figure.path >= low, Figure.path < high)
    query = query.where(Figure.level == Level.CLASS if only_classes else Figure.level != Level.CLASS)
    return tuple(db.session.execute(query).one())


def recount(round_id: UUID) -> list[tuple[str, Measure | Why, int, int]]:
    """(class path, measure or reason, folded, counted) wherever a folded figure differs from the sheets themselves."""
    fold_all()
    true: Counter[tuple[str, Measure | Why]] = Counter()
    for sheet in db.session.scalars(select(Sheet).where(Sheet.round_id == round_id).execution_options(yield_per=2000)):
        for measure in counted_of(sheet):
            true[(sheet.path, measure)] += 1
    wrong = []
    for row in db.session.scalars(select(Figure).where(Figure.round_id == round_id, Figure.level == Level.CLASS)):
        for measure in COUNTED:
            counted = true.pop((row.path, measure), 0)
            if getattr(row, measure.value) != counted:
                wrong.append((row.path, measure, getattr(row, measure.value), counted))
    wrong += [(path, measure, 0, n) for (path, measure), n in true.items()]
    return sorted(wrong) + _wrong_sums(round_id)


def _wrong_sums(round_id: UUID) -> list[tuple[str, Measure | Why, int, int]]:
    """Authority rows that are not the sum of the classes of their schools."""
    school, class_ = aliased(Place), aliased(Place)
    columns = [func.sum(getattr(Figure, m.value)) for m in COUNTED]
    sums = db.session.execute(
        select(school.parent_id, *columns)
        .select_from(Figure)
        .join(class_, Figure.place_id == class_.id)
        .join(school, class_.parent_id == school.id)
        .where(Figure.round_id == round_id, Figure.level == Level.CLASS)
        .group_by(school.parent_id)
    )
    by_place = {row[0]: row[1:] for row in sums}
    wrong = []
    for row in db.session.scalars(select(Figure).where(Figure.round_id == round_id, Figure.level != Level.CLASS)):
        for measure, n in zip(COUNTED, by_place.get(row.place_id, (0,) * len(COUNTED)), strict=True):
            if getattr(row, measure.value) != n:
                wrong.append((row.path, measure, getattr(row, measure.value), n))
    return wrong


def fold_all() -> int:
    """Fold until nothing waits."""
    total = 0
    while folded := fold():
        total += folded
    return total


def current_round(path: str) -> Round | None:
    """The newest round, begun and not later than its end plus its evening, of the province that `path` lies in."""
    rounds = db.session.scalars(select(Round).where(Round.begins <= today()).order_by(Round.begins.desc()))
    return next((r for r in rounds if path.startswith(r.path)), None)
