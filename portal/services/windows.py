"""The calendar of windows: both switches of every prefecture as stretches of days, and setting them by day (A1-A3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Figure, Place, Switch, Window, db
from portal.rules.clock import day_start, local, now, today
from portal.rules.places import below
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
    """One window: first and last day in Shanghai, and where it stands."""

    switch: str
    first: date | None = None
    last: date | None = None
    standing: Standing = Standing.NONE


@dataclass(frozen=True)
class PlaceWindows:
    """A prefecture, or the province for the schools it runs, with both switches."""

    place_id: UUID
    name: str
    is_province: bool
    expected: int
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


def calendar_of(actor: Actor) -> Calendar:
    """The windows of the actor's province; below the province only what applies to the own place (R130)."""
    found = round_of(actor)
    rows = [row for row in rounds.windows_of(actor) if _concerns(row[0], actor)]
    if actor.level != Level.PROVINCE:
        deciding = {_deciding(found.id, actor.path, switch) for switch in Switch}
        rows = [row for row in rows if row[0].level == Level.PREFECTURE or row[0].id in deciding]
    places = [_place(found.id, place, own) for place, own in rows]
    days = [day for place in places for s in place.stretches for day in (s.first, s.last) if day]
    first, last = min([found.begins, *days]), max([found.ends, *days])
    return Calendar(first, min(last, first + timedelta(days=_LONGEST)), today(), _in_order(places))


def _concerns(place: Place, actor: Actor) -> bool:
    return place.path.startswith(actor.path) or actor.path.startswith(place.path)


def _deciding(round_id: UUID, path: str, switch: Switch) -> UUID | None:
    window = rounds.window_of(round_id, path, switch)
    return window.place_id if window else None


def _in_order(places: list[PlaceWindows]) -> list[PlaceWindows]:
    """Prefectures by division code, the province's own schools last."""
    return [p for p in places if not p.is_province] + [p for p in places if p.is_province]


def _place(round_id: UUID, place: Place, own: dict[Switch, Window | None]) -> PlaceWindows:
    is_province = place.level == Level.PROVINCE
    stretches = [_stretch(switch, own[switch]) for switch in Switch]
    return PlaceWindows(place.id, place.name, is_province, _expected(round_id, place), stretches)


def _expected(round_id: UUID, place: Place) -> int:
    """Pupils of the schools that this row's window decides for."""
    query = select(func.coalesce(func.sum(Figure.expected), 0)).where(Figure.round_id == round_id)  # type: ignore[attr-defined]
    if place.level == Level.PROVINCE:
        return db.session.scalar(query.where(Figure.place_id == place.id)) or 0
    low, high = below(place.path)
    return db.session.scalar(query.where(Figure.path >= low, Figure.path < high, Figure.level != Level.CLASS)) or 0


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
    for first, last in days.values():
        if last < first:
            raise Refusal(N_("关闭的日子要在开放的日子之后。"))
        if (last - first).days > _LONGEST:
            raise Refusal(N_("一个窗口最长一年，请看一看年份。"))
    for switch, (first, last) in days.items():
        kept = _stretch(_switch(switch), _own(found.id, place_id, _switch(switch)))
        if (kept.first, kept.last) != (first, last):
            rounds.set_window(actor, place_id, _switch(switch), day_start(first), day_start(last + timedelta(days=1)))
    db.session.commit()


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
