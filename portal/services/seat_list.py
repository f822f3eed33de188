"""The verification seats of one place: who has one, who is inside since when, renamed, signed out (B1, B2, P2, X29).

Seats are made, ended and given a new first password as every account is, in `appointing`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from portal.models import Post, SignIn, User, db
from portal.rules.account_reach import may_end_seat
from portal.rules.clock import now
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services import limits, naming, place_settings, seats, staff_accounts
from portal.services.history import record
from portal.services.refusals import NotFound, NotYours, Refusal


@dataclass(frozen=True)
class Seat:
    """One seat. `since`: who sits in it came in then, None when nobody does; `times` sign-ins at once."""

    user_id: UUID
    post_id: UUID
    name: str
    login: str
    first: bool
    has_slip: bool
    last_in_at: datetime | None
    since: datetime | None
    seen_at: datetime | None
    times: int
    may_reset: bool


@dataclass(frozen=True)
class Seats:
    """The seats of a place; `most` there may be. `opens` and `closes`: when they come in, None without a window."""

    most: int
    seats: tuple[Seat, ...]
    opens: datetime | None
    closes: datetime | None
    is_open: bool

    @property
    def inside(self) -> int:
        """How many sign-ins are live; each takes one of the places at once (R100)."""
        return sum(seat.times for seat in self.seats)

    @property
    def people(self) -> int:
        """How many people are inside."""
        return sum(seat.times > 0 for seat in self.seats)

    @property
    def is_over(self) -> bool:
        return not self.is_open and self.closes is not None and self.closes <= now()


def seats_of(actor: Actor) -> Seats:
    """The seats of the actor's own place, in the order of their logins."""
    moment = now()
    opens, closes = seats.window_at(actor.path, Level(actor.level), moment) or (None, None)
    is_open = opens is not None and closes is not None and opens <= moment < closes
    found = sorted(_posts(actor), key=lambda post: post.user.login)
    inside = _inside(actor.place_id)
    shown = tuple(_seat(actor, post, inside.get(post.user_id, [])) for post in found)
    return Seats(place_settings.seats(actor.path), shown, opens, closes, is_open)


def _posts(actor: Actor) -> list[Post]:
    query = select(Post).join(User, Post.user_id == User.id).where(Post.place_id == actor.place_id)
    query = query.where(Post.role == Role.OPERATOR, User.ended_at.is_(None), staff_accounts.is_live_now())
    return list(db.session.scalars(query))


def _inside(place_id: UUID) -> dict[UUID, list[SignIn]]:
    """Live sign-ins in seats of a place by person, the oldest first."""
    query = select(SignIn).join(User, SignIn.user_id == User.id).join(Post, SignIn.post_id == Post.id)
    query = query.where(Post.place_id == place_id, Post.role == Role.OPERATOR, *_live())
    found: dict[UUID, list[SignIn]] = {}
    for row in db.session.scalars(query.order_by(SignIn.begun_at, SignIn.id)):
        found.setdefault(row.user_id, []).append(row)
    return found


def _live() -> tuple[ColumnElement[bool], ...]:
    return seats.live(*limits.staff_since())


def _seat(actor: Actor, post: Post, inside: list[SignIn]) -> Seat:
    user = post.user
    return Seat(
        user_id=user.id,
        post_id=post.id,
        name=user.name or user.login,
        login=user.login,
        first=user.must_change,
        has_slip=user.must_change and user.first_password_sealed is not None,
        last_in_at=user.last_in_at,
        since=inside[0].begun_at if inside else None,
        seen_at=max((row.seen_at for row in inside), default=None),
        times=len(inside),
        may_reset=user.id != actor.user_id and staff_accounts.can_reset(actor, staff_accounts.live_posts(user)),
    )


def rename(actor: Actor, user_id: UUID, name: str) -> None:
    """Correct the real name of a seat of the own place; the name before stays in its history. Commits.

    A seat is one person's: for somebody else it is ended and a new one made. Raises `NotFound` for every other account.
    """
    user = _user(actor, user_id)
    before, wanted = user.name or "", naming.real_name(name)
    if wanted == before:
        raise Refusal(N_("姓名和原来一样，没有改。"))
    if any(post.user.name == wanted for post in _posts(actor)):
        raise Refusal(N_("这个姓名在这里已经有这个岗位的账号了。真的是同名的人，请在姓名后面加字区分。"))
    user.name = wanted
    record(actor, user, "RENAME_SEAT", user.home_id, path=actor.path, reason=f"{before} → {wanted}")
    db.session.commit()


def _user(actor: Actor, user_id: UUID) -> User:
    if all(post.user_id != user_id for post in _posts(actor)):
        raise NotFound
    return staff_accounts.find(actor, user_id, lock=True)


def post_of(actor: Actor, user_id: UUID) -> UUID:
    """The post of a seat of the own place; raises `NotFound` for every other account."""
    for post in _posts(actor):
        if post.user_id == user_id:
            return post.id
    raise NotFound


def sign_out(actor: Actor, user_ids: Collection[UUID]) -> int:
    """End the sign-ins of seats, one or many; passwords and other posts of these people stay. Commits; how many (P2).

    Raises `NotFound` for who has no seat below the actor, `NotYours` for a seat of a place that is not the actor's.
    """
    ended_count = 0
    for user_id in sorted(set(user_ids), key=lambda one: one.hex):
        user = staff_accounts.find(actor, user_id)
        held = [post for post in user.posts if post.role == Role.OPERATOR and actor.covers(post.path)]
        if not held:
            raise NotFound
        if user.id == actor.user_id or not all(may_end_seat(actor, post.path) for post in held):
            raise NotYours(N_("这个席位不归您管。请找它的单位的学籍管理员，或者省里。"))
        rows = select(SignIn.id).join(User, SignIn.user_id == User.id)
        rows = rows.where(SignIn.user_id == user.id, SignIn.post_id.in_([post.id for post in held]), *_live())
        ended = update(SignIn).where(SignIn.id.in_(rows)).values(ended_at=now()).returning(SignIn.id)
        count = len(list(db.session.scalars(ended)))
        if count:
            record(actor, user, "END_SIGN_INS", user.home_id, path=held[0].path, n=count)
        ended_count += count
    db.session.commit()
    return ended_count
