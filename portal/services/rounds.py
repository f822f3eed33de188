"""Rounds and windows: opening a round, the province's two switches, and whether they are open here and now (A1-A6)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Round, Switch, Window, db
from portal.rules.clock import now, today
from portal.rules.places import ancestors, is_below
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import figures
from portal.services.history import record
from portal.services.lists import round_of
from portal.services.refusals import NotFound, Refusal, TooLate


def open_round(
    province: Place, title: str, begins: date, ends: date, kind: str = "full", cut_off: date | None = None
) -> Round:
    """A round of a province; the cut-off is 31 March of its year unless given (X13). The caller commits."""
    if begins >= ends:
        raise Refusal(N_("截止日要在开始日之后。"))
    made = Round(
        province_id=province.id,
        path=province.path,
        title=title,
        year=begins.year,
        kind=kind,
        cut_off=cut_off or date(begins.year, 3, 31),
        begins=begins,
        ends=ends,
    )
    db.session.add(made)
    return made


def window_of(round_id: UUID, path: str, switch: Switch) -> Window | None:
    """The window that decides for a place: that of its nearest ancestor, or itself, that has one."""
    query = select(Window).where(Window.round_id == round_id, Window.switch == switch, Window.path.in_(ancestors(path)))
    return max(db.session.scalars(query), key=lambda w: len(w.path), default=None)


def running(path: str) -> Round | None:
    """The round that is going on at a place, or None outside rounds: then business is routine (H)."""
    found = figures.current_round(path)
    return found if found is not None and today() <= found.ends else None


def is_open(round_id: UUID, path: str, switch: Switch, moment: datetime | None = None) -> bool:
    """True inside the window, its first moment included and its last excluded."""
    window = window_of(round_id, path, switch)
    return window is not None and window.opens_at <= (moment or now()) < window.closes_at


def require_open(round_id: UUID, path: str, switch: Switch) -> None:
    """Raise `TooLate` unless the switch is open here; the sentence says from when or since when (A4, R95)."""
    if is_open(round_id, path, switch):
        return
    window = window_of(round_id, path, switch)
    what = {Switch.EXPORT: N_("打印"), Switch.ENTRY: N_("录入")}[switch]
    if window is None:
        raise TooLate(N_("省里还没有给这里安排%(what)s时间。填好的还在页面上，没有存。"), what=what)
    if now() < window.opens_at:
        raise TooLate(N_("%(what)s窗口还没有开。填好的还在页面上，没有存。"), what=what)
    raise TooLate(N_("%(what)s窗口已经关了。填好的还在页面上，没有存；要延长请找省教育厅。"), what=what)


def place_with_windows(actor: Actor, place_id: UUID) -> Place:
    """A prefecture of the actor's province, or the province itself for the schools it runs; raises `NotFound`."""
    place = db.session.get(Place, place_id)
    if place is None or not is_below(place.path, actor.path) or place.level not in (Level.PROVINCE, Level.PREFECTURE):
        raise NotFound
    return place


def set_window(actor: Actor, place_id: UUID, switch: Switch, opens_at: datetime, closes_at: datetime) -> Window:
    """Open, move or close one switch of a place with windows (A3). The caller commits."""
    place, found = place_with_windows(actor, place_id), round_of(actor)
    if opens_at >= closes_at:
        raise Refusal(N_("关闭时间要在开放时间之后。"))
    query = select(Window).filter_by(round_id=found.id, place_id=place.id, switch=switch).with_for_update()
    window = db.session.scalar(query)
    before = f"{window.opens_at:%Y%m%d%H%M}-{window.closes_at:%Y%m%d%H%M}" if window else ""
    if window is None:
        window = Window(
            round_id=found.id, place_id=place.id, path=place.path, switch=switch, opens_at=opens_at, closes_at=closes_at
        )
        db.session.add(window)
    window.opens_at, window.closes_at = opens_at, closes_at
    after = f"{opens_at:%Y%m%d%H%M}-{closes_at:%Y%m%d%H%M}"
    record(actor, window, "SET_WINDOW", place.id, switch=switch.value, was=before, now=after)
    return window


def windows_of(actor: Actor) -> list[tuple[Place, dict[Switch, Window | None]]]:
    """Province and prefectures of the actor's province with their own windows, in order of division code."""
    found = round_of(actor)
    query = select(Place).where(Place.level.in_((Level.PROVINCE, Level.PREFECTURE)), Place.path.startswith(found.path))
    own = {(w.place_id, w.switch): w for w in db.session.scalars(select(Window).where(Window.round_id == found.id))}
    places = sorted(db.session.scalars(query), key=lambda p: p.path)
    return [(place, {switch: own.get((place.id, switch)) for switch in Switch}) for place in places]
