"""The calendar of windows: both switches of every prefecture as stretches of days, and setting them by day (A1-A3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, false, select

from portal.models import Figure, Place, Switch, Window, db
from portal.rules.clock import day_start, local, now, today
from portal.rules.figures import Measure, Why
from portal.rules.places import ancestors, area_name, below
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import rounds
from portal.services.lists import round_of
from portal.services.refusals import NotFound, Refusal

_MOMENT = timedelta(microseconds=1)
_LONGEST = 366


class Standing(StrEnum):
    """Where a window stands now (A3: closed -> scheduled -> open -> closed)."""

    NONE = "none"
    PLANNED = "planned"
    OPEN = "open"
    PAST = "past"


@dataclass(frozen=True)
class Stretch:
    """One window: first and last day in Shanghai, and where it stands; a draft is looked at and not saved."""

    switch: str
    first: date | None = None
    last: date | None = None
    standing: Standing = Standing.NONE
    is_draft: bool = False


@dataclass(frozen=True)
class Draft:
    """Days of a place that somebody wants to look at before saving them."""

    place_id: UUID
    days: dict[str, tuple[date, date]]


@dataclass(frozen=True)
class PlaceWindows:
    """A prefecture, or the province for the schools it runs, with both switches, the pupils expected there and how
    many of them have no sheet yet."""

    place_id: UUID
    name: str
    is_province: bool
    expected: int
    not_issued: int
    stretches: list[Stretch] = field(default_factory=list)

    def stretch(self, switch: str) -> Stretch:
        return next(s for s in self.stretches if s.switch == switch)


@dataclass(frozen=True)
class Calendar:
    """All windows the actor may see, over the days from `first` to `last`."""

    first: date
    last: date
    today: date
    places: list[PlaceWindows]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def calendar_of(actor: Actor, draft: Draft | None = None) -> Calendar:
    """The windows of the actor's province, with a draft as if it were saved; below the province only what applies to
    the own place, and nobody is counted outside it (R130)."""
    found = round_of(actor)
    rows = [row for row in rounds.windows_of(actor) if _concerns(row[0], actor)]
    if actor.level != Level.PROVINCE:
        deciding = {_deciding(found.id, actor.path, switch) for switch in Switch}
        rows = [row for row in rows if row[0].level == Level.PREFECTURE or row[0].id in deciding]
    counts = _counts(found.id, [place for place, _own_windows in rows if actor.covers(place.path)])
    places = [_place(place, own, counts.get(place.id, (0, 0)), draft) for place, own in rows]
    days = [day for place in places for s in place.stretches for day in (s.first, s.last) if day]
    first, last = min([found.begins, *days]), max([found.ends, *days])
    return Calendar(first, min(last, first + timedelta(days=_LONGEST)), today(), _in_order(places))


def entry_later(actor: Actor) -> list[tuple[date, list[str]]]:
    """From which day on entry opens where it has not yet: days in order, each with the names of a province's
    prefectures, without names for the actor's own place."""
    found, moment = round_of(actor), now()
    if actor.level != Level.PROVINCE:
        window = rounds.window_of(found.id, actor.path, Switch.ENTRY)
        return [(local(window.opens_at).date(), [])] if window and window.opens_at > moment else []
    later: dict[date, list[str]] = {}
    for place, own in rounds.windows_of(actor):
        window = own[Switch.ENTRY]
        if window and window.opens_at > moment and place.level == Level.PREFECTURE:
            later.setdefault(local(window.opens_at).date(), []).append(area_name(place.name))
    return sorted(later.items())


def _concerns(place: Place, actor: Actor) -> bool:
    return place.path.startswith(actor.path) or actor.path.startswith(place.path)


def _deciding(round_id: UUID, path: str, switch: Switch) -> UUID | None:
    window = rounds.window_of(round_id, path, switch)
    return window.place_id if window else None


def _in_order(places: list[PlaceWindows]) -> list[PlaceWindows]:
    """Prefectures by division code, the province's own schools last."""
    return [p for p in places if not p.is_province] + [p for p in places if p.is_province]


def _place(
    place: Place, own: dict[Switch, Window | None], counts: tuple[int, int], draft: Draft | None
) -> PlaceWindows:
    stretches = [_stretch(switch, own[switch]) for switch in Switch]
    if draft and draft.place_id == place.id:
        stretches = [_drafted(stretch, draft.days) for stretch in stretches]
    is_province = place.level == Level.PROVINCE
    return PlaceWindows(place.id, area_name(place.name), is_province, *counts, stretches)


def _drafted(kept: Stretch, days: dict[str, tuple[date, date]]) -> Stretch:
    wanted = days.get(kept.switch)
    if wanted is None or wanted == (kept.first, kept.last):
        return kept
    return Stretch(kept.switch, *wanted, Standing.PLANNED, is_draft=True)


def _counts(round_id: UUID, places: list[Place]) -> dict[UUID, tuple[int, int]]:
    """(expected, not issued) of the schools that each row's window decides for: a province's row is its own schools,
    a prefecture's everything below it."""
    sums = {place.path: [0, 0] for place in places}
    province = next((place for place in places if place.level == Level.PROVINCE), None)
    columns = [getattr(Figure, one.value) for one in (Measure.EXPECTED, Why.NOT_ISSUED)]
    query = select(Figure.path, *columns).where(Figure.round_id == round_id, Figure.level != Level.CLASS)
    for path, *counts in db.session.execute(query.where(_in_any(places))):
        for above in ancestors(path):
            if above in sums and (province is None or above != province.path or path == above):
                sums[above] = [have + more for have, more in zip(sums[above], counts, strict=True)]
    return {place.id: (sums[place.path][0], sums[place.path][1]) for place in places}


def _in_any(places: list[Place]) -> ColumnElement[bool]:
    if not places:
        return false()
    low, high = below(min((place.path for place in places), key=len))
    return (Figure.path >= low) & (Figure.path < high)


def _stretch(switch: Switch, window: Window | None) -> Stretch:
    if window is None:
        return Stretch(switch.value)
    first, last = local(window.opens_at).date(), local(window.closes_at - _MOMENT).date()
    return Stretch(switch.value, first, last, _standing(window, now()))


def _standing(window: Window, moment: datetime) -> Standing:
    if moment < window.opens_at:
        return Standing.PLANNED
    return Standing.OPEN if moment < window.closes_at else Standing.PAST


def set_days(actor: Actor, place_id: UUID, days: dict[str, tuple[date, date]]) -> None:
    """Open switches from the first moment of a day until the last moment of another (A3); a switch whose days are the
    same as before is left alone, also when it was closed within its last day. Both switches or none; commits."""
    rounds.place_with_windows(actor, place_id)
    found = round_of(actor)
    for switch, (first, last) in checked(days).items():
        kept = _stretch(_switch(switch), _own(found.id, place_id, _switch(switch)))
        if (kept.first, kept.last) != (first, last):
            rounds.set_window(actor, place_id, _switch(switch), day_start(first), day_start(last + timedelta(days=1)))
    db.session.commit()


def checked(days: dict[str, tuple[date, date]]) -> dict[str, tuple[date, date]]:
    """The same days; raises `Refusal` when they make no window."""
    for first, last in days.values():
        if last < first:
            raise Refusal(N_("关闭的日子要在开放的日子之后。"))
        if (last - first).days > _LONGEST or not 2000 <= first.year < 3000:
            raise Refusal(N_("一个窗口最长一年，请看一看年份。"))
    return days


def _own(round_id: UUID, place_id: UUID, switch: Switch) -> Window | None:
    return db.session.scalar(select(Window).filter_by(round_id=round_id, place_id=place_id, switch=switch))


def switch_now(actor: Actor, place_id: UUID, switch: str, to_open: bool) -> None:
    """Open a switch at once, until its planned end, or close it at once (A3). Commits."""
    rounds.place_with_windows(actor, place_id)
    window = _own(round_of(actor).id, place_id, _switch(switch))
    if window is None:
        raise Refusal(N_("这里还没有定日期。请先填从哪天到哪天，再保存。"))
    moment = now()
    if to_open:
        if window.closes_at <= moment:
            raise Refusal(N_("这个窗口的截止日已经过了。请先把截止日往后改，再保存。"))
        rounds.set_window(actor, place_id, _switch(switch), min(window.opens_at, moment), window.closes_at)
        db.session.commit()
        return
    if window.opens_at >= moment:
        raise Refusal(N_("这个窗口还没有开，不用关。不想开了，请把日期往后改。"))
    rounds.set_window(actor, place_id, _switch(switch), window.opens_at, min(window.closes_at, moment))
    db.session.commit()


def _switch(text: str) -> Switch:
    try:
        return Switch(text)
    except ValueError:
        raise NotFound from None
