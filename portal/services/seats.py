"""Verification seats: named accounts that are in only while the entry window is open, so many at once (R100, R101).

At a school the window is that of its place; at an authority it is open while that of any place it answers for is.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.models import Place, Post, SignIn, Switch, User, Window, db
from portal.rules.checks_round import check_account_open, check_seat_free
from portal.rules.clock import now, today
from portal.rules.places import below
from portal.rules.problems import Problem, message_of
from portal.rules.roles import AUTHORITY_LEVELS, Level, Role
from portal.rules.words import N_
from portal.services import figures, place_settings, rounds
from portal.services.refusals import Refusal, TooLate


class SeatClosed(TooLate):
    """A seat asks for something after its window has closed: nothing is done, what was typed is kept (R101)."""


def is_open(post: Post, moment: datetime) -> bool:
    """True for every post but that of a seat outside its window (R101)."""
    return not _obstacles(post, moment)


def take(post: Post, idle_since: datetime, begun_since: datetime) -> None:
    """Let a seat in, or raise `TooLate` outside the window and `Refusal` when as many are inside as may be.

    Sign-ins seen and begun after these moments are live. The caller adds the new one and commits: until then the
    place is locked, so that no 21st comes in beside the 20th.
    """
    if post.role != Role.OPERATOR:
        return
    for found in _obstacles(post, now()):
        raise TooLate(message_of(found)[0])
    place = db.session.scalars(select(Place).where(Place.id == post.place_id).with_for_update(key_share=True)).one()
    inside = db.session.scalar(_inside(post.place_id, live(idle_since, begun_since))) or 0
    for found in check_seat_free(inside, place_settings.seats(place.path)):
        text, values = message_of(found)
        raise Refusal(text, **values)


def closed(post: Post) -> SeatClosed | None:
    """What a request of a seat is answered with when its window has closed since it came in; None while it is open."""
    if is_open(post, now()):
        return None
    return SeatClosed(N_("核查时间已过，核查席位不能再用。刚才填的没有存，还留在这一页上；要延长请找学籍管理员。"))


def require_room(place: Place) -> None:
    """Raise `Refusal` when a place has as many seats as it may have (B2). The caller has locked the place."""
    most = place_settings.seats(place.path)
    query = select(func.count(func.distinct(Post.user_id))).join(User, Post.user_id == User.id)
    query = query.where(Post.place_id == place.id, Post.role == Role.OPERATOR, User.ended_at.is_(None), *_holds())
    if (db.session.scalar(query) or 0) >= most:
        raise Refusal(N_("这里最多 %(n)s 个核查席位，已经满了。先停掉没有人用的，再开新的。"), n=most)


def window_at(path: str, level: Level, moment: datetime) -> tuple[datetime, datetime] | None:
    """(opens, closes) of the entry window that lets seats in here: the one open at the moment, else the next to come,
    else the last one."""
    found = figures.current_round(path)
    if found is None:
        return None
    own = rounds.window_of(found.id, path, Switch.ENTRY)
    windows = [own] if own else []
    if level in AUTHORITY_LEVELS:
        low, high = below(path)
        query = select(Window).where(Window.round_id == found.id, Window.switch == Switch.ENTRY)
        windows += db.session.scalars(query.where(Window.path >= low, Window.path < high))
    times = [(one.opens_at, one.closes_at) for one in windows]
    present = [one for one in times if one[0] <= moment < one[1]]
    ahead = [one for one in times if one[0] > moment]
    if present:
        return max(present, key=lambda one: one[1])
    return min(ahead, default=max(times, key=lambda one: one[1], default=None))


def live(idle_since: datetime, begun_since: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a sign-in of a user takes a seat."""
    good = (SignIn.ended_at.is_(None), SignIn.epoch == User.epoch, User.ended_at.is_(None))
    return (*good, SignIn.seen_at > idle_since, SignIn.begun_at > begun_since)


def _holds() -> tuple[ColumnElement[bool], ...]:
    return Post.begins <= today(), or_(Post.ends.is_(None), Post.ends >= today())


def _obstacles(post: Post, moment: datetime) -> list[Problem]:
    if post.role != Role.OPERATOR:
        return []
    opens, closes = window_at(post.path, Level(post.place.level), moment) or (None, None)
    return check_account_open(moment, opens, closes)


def _inside(place_id: UUID, conditions: tuple[ColumnElement[bool], ...]) -> Select[int]:
    """How many sign-ins in seats of a place there are under these conditions; each is one seat."""
    query = select(func.count()).select_from(SignIn).join(Post, SignIn.post_id == Post.id)
    query = query.join(User, SignIn.user_id == User.id)
    return query.where(Post.place_id == place_id, Post.role == Role.OPERATOR, *conditions)
