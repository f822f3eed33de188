"""Who needs help: places that are stuck, named by the obstacle and since when (look section 3).

A province and a prefecture see the authorities below them, a county its schools, a school its classes: each level is
asked about what it can itself do something about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, select, text

from portal.models import DayFigure, Figure, Place, Round, Sheet, Switch, Unlock, Window, db
from portal.rules.clock import day_start, local, now, today
from portal.rules.figures import MEASURES, Measure
from portal.rules.obstacles import PATIENCE, Flow, Obstacle, Stuck, stuck_in
from portal.rules.places import ancestors
from portal.rules.roles import Actor, Level
from portal.rules.workflow import SheetState
from portal.services.lists import inside

_PRINTED = text("sheet.state = 'PRINTED'")  # as the index says it
_LATELY = max(PATIENCE.values())


@dataclass(frozen=True)
class Help:
    """One place that is stuck. `above` is the name of the place it belongs to; `is_direct` means the schools that an
    authority runs itself."""

    place: Place
    above: str
    is_direct: bool
    stuck: Stuck


def who_needs_help(actor: Actor, found: Round) -> list[Help]:
    """One obstacle a place, the one that has stood longest; places that wait longest come first."""
    units = _units(actor)
    stuck = _of_classes(found, units) if actor.level == Level.SCHOOL else _of_flows(actor, found, units)
    if actor.level != Level.SCHOOL:
        windows = _windows(found)
        for unit_id, more in (*_not_unlocked(actor, found, units, windows), *_not_handed_out(actor, found, units)):
            stuck[unit_id].append(more)
    names = _names_above(actor, [units[unit_id] for unit_id in stuck])
    helps = [_help(actor, units[unit_id], min(all_, key=_longest), names) for unit_id, all_ in stuck.items() if all_]
    return sorted(helps, key=lambda one: (one.stuck.since, one.place.path))


def _longest(stuck: Stuck) -> tuple[date, int]:
    return stuck.since, list(Obstacle).index(stuck.obstacle)


def _help(actor: Actor, place: Place, stuck: Stuck, names: dict[UUID, str]) -> Help:
    is_direct = actor.level == Level.PROVINCE and place.level != Level.COUNTY
    is_direct = is_direct or (actor.level == Level.PREFECTURE and place.id == actor.place_id)
    return Help(place, names.get(place.parent_id, "") if place.parent_id else "", is_direct, stuck)


def _names_above(actor: Actor, places: list[Place]) -> dict[UUID, str]:
    if actor.level != Level.PROVINCE:
        return {}
    wanted = {place.parent_id for place in places if place.level == Level.COUNTY}
    return {p.id: p.name for p in db.session.scalars(select(Place).where(Place.id.in_(wanted)))}


def _units(actor: Actor) -> dict[UUID, Place]:
    query = select(Place).where(inside(Place.path, actor))
    if actor.level == Level.COUNTY:
        query = query.where(Place.level == Level.SCHOOL)
    elif actor.level == Level.SCHOOL:
        query = query.where(Place.level == Level.CLASS)
    else:
        query = query.where(Place.level.in_((Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)))
    return {place.id: place for place in db.session.scalars(query)}


def _of_flows(actor: Actor, found: Round, units: dict[UUID, Place]) -> defaultdict[UUID, list[Stuck]]:
    """Steps that stand still, from the days of authorities or of a county's schools."""
    flows = _flows(actor, found, _counts(actor, found))
    windows, day = _windows(found), today()
    stuck: defaultdict[UUID, list[Stuck]] = defaultdict(list)
    for unit_id, flow in flows.items():
        if unit_id in units:
            entry = _window_of(windows, units[unit_id].path, Switch.ENTRY)
            is_open = entry is not None and entry.opens_at + timedelta(days=2) <= now() < entry.closes_at
            stuck[unit_id] += stuck_in(flow, day, is_open)
    return stuck


def _counts(actor: Actor, found: Round) -> dict[UUID, dict[Measure, int]]:
    columns = [getattr(Figure, m.value) for m in MEASURES]
    where = Figure.round_id == found.id, inside(Figure.path, actor)
    if actor.level == Level.COUNTY:
        sums = [func.sum(column) for column in columns]
        query: Select[UUID] = select(Place.parent_id, *sums).join(Place, Figure.place_id == Place.id)
        query = query.where(*where, Figure.level == Level.CLASS).group_by(Place.parent_id)
    else:
        query = select(Figure.place_id, *columns).where(*where, Figure.level != Level.CLASS)
    return {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in db.session.execute(query)}


def _flows(actor: Actor, found: Round, counts: dict[UUID, dict[Measure, int]]) -> dict[UUID, Flow]:
    where = [DayFigure.round_id == found.id, inside(DayFigure.path, actor)]
    where.append(DayFigure.is_school.is_(actor.level == Level.COUNTY))
    ends = select(DayFigure.place_id, DayFigure.measure, func.min(DayFigure.day), func.max(DayFigure.day))
    first: defaultdict[UUID, dict[Measure, date]] = defaultdict(dict)
    last: defaultdict[UUID, dict[Measure, date]] = defaultdict(dict)
    grown = ends.where(*where, DayFigure.n > 0).group_by(DayFigure.place_id, DayFigure.measure)
    for place_id, measure, begin, end in db.session.execute(grown):
        first[place_id][Measure(measure)], last[place_id][Measure(measure)] = begin, end
    gains: defaultdict[UUID, Counter[tuple[Measure, date]]] = defaultdict(Counter)
    recent = select(DayFigure.place_id, DayFigure.measure, DayFigure.day, DayFigure.n)
    since = today() - timedelta(days=_LATELY)
    for place_id, measure, day, n in db.session.execute(recent.where(*where, DayFigure.day >= since)):
        gains[place_id][(Measure(measure), day)] += n
    return {place_id: Flow(own, gains[place_id], first[place_id], last[place_id]) for place_id, own in counts.items()}


def _of_classes(found: Round, units: dict[UUID, Place]) -> defaultdict[UUID, list[Stuck]]:
    """A school asks its sheets: how many of a class have stood in a state longer than its patience."""
    states = {
        SheetState.PRINTED: Obstacle.NOT_HANDED_OUT,
        SheetState.RECEIVED: Obstacle.NOT_LOOKED_AT,
        SheetState.CHECKED: Obstacle.NOT_ENTERED,
        SheetState.ENTERED: Obstacle.NOT_SIGNED_OFF,
    }
    stuck: defaultdict[UUID, list[Stuck]] = defaultdict(list)
    for state, obstacle in states.items():
        where = [Sheet.round_id == found.id, Sheet.class_id.in_(units), Sheet.state == state, Sheet.in_scope]
        if state == SheetState.RECEIVED:
            where.append(Sheet.readable)
        where.append(Sheet.updated_at < now() - timedelta(days=PATIENCE[obstacle]))
        query = select(Sheet.class_id, func.count(), func.min(Sheet.updated_at)).where(*where).group_by(Sheet.class_id)
        for class_id, count, since in db.session.execute(query):
            stuck[class_id].append(Stuck(obstacle, count, local(since).date()))
    return stuck


def _windows(found: Round) -> dict[tuple[str, Switch], Window]:
    rows = db.session.scalars(select(Window).where(Window.round_id == found.id))
    return {(window.path, Switch(window.switch)): window for window in rows}


def _window_of(windows: dict[tuple[str, Switch], Window], path: str, switch: Switch) -> Window | None:
    """The window that decides for a place: that of the nearest place above it, or its own."""
    return next((windows[(p, switch)] for p in reversed(ancestors(path)) if (p, switch) in windows), None)


def _not_unlocked(
    actor: Actor, found: Round, units: dict[UUID, Place], windows: dict[tuple[str, Switch], Window]
) -> Iterable[tuple[UUID, Stuck]]:
    """Schools that have pupils and could print, and have not been unlocked."""
    used = and_(Unlock.school_id == Place.id, Unlock.round_id == found.id, Unlock.used_at.is_not(None))
    query = select(Place.id, Place.parent_id).outerjoin(Unlock, used)
    query = query.where(Place.level == Level.SCHOOL, inside(Place.path, actor), Unlock.id.is_(None))
    counts: Counter[UUID | None] = Counter()
    for school_id, authority_id in db.session.execute(query):
        counts[school_id if actor.level == Level.COUNTY else authority_id] += 1
    late, moment = timedelta(days=PATIENCE[Obstacle.NOT_UNLOCKED]), now()
    for unit_id, n in counts.items():
        if unit_id is None or unit_id not in units:
            continue
        window = _window_of(windows, units[unit_id].path, Switch.EXPORT)
        if window and window.opens_at + late <= moment < window.closes_at:
            yield unit_id, Stuck(Obstacle.NOT_UNLOCKED, n, local(window.opens_at).date())


def _not_handed_out(actor: Actor, found: Round, units: dict[UUID, Place]) -> Iterable[tuple[UUID, Stuck]]:
    """Sheets that were printed and lie at school."""
    before: datetime = day_start(today() - timedelta(days=PATIENCE[Obstacle.NOT_HANDED_OUT]))
    unit = Sheet.school_id if actor.level == Level.COUNTY else Place.parent_id
    query = select(unit, func.count(), func.min(Sheet.updated_at)).join(Place, Sheet.school_id == Place.id)
    query = query.where(Sheet.round_id == found.id, inside(Sheet.path, actor), _PRINTED, Sheet.updated_at < before)
    for unit_id, n, since in db.session.execute(query.group_by(unit)):
        if unit_id in units:
            yield unit_id, Stuck(Obstacle.NOT_HANDED_OUT, n, local(since).date())
