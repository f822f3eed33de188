"""The accounts of people who work here, as a registrar sees them: their posts, when they were in, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.models import Place, Post, SignIn, User, db
from portal.rules.account_reach import STAFF_ROLES, may_end_sign_ins, may_manage, may_reset
from portal.rules.clock import today
from portal.rules.masks import mask_name
from portal.rules.places import below
from portal.rules.roles import Actor, Level, Role
from portal.services import limits
from portal.services.lists import inside
from portal.services.refusals import NotFound

PAGE = 50
#: what a list can be narrowed to
SHOWS = ("live", "never", "inside", "ended")


@dataclass(frozen=True)
class PostView:
    """One post of an account."""

    post_id: UUID
    role: Role
    place_id: UUID
    place: str
    level: Level
    is_live: bool
    may_end: bool


@dataclass(frozen=True)
class AccountView:
    """One account. The name is masked unless the reader manages one of its posts or works at the same place.

    `inside`: how many sign-ins are live; `first`: the first password has not been replaced yet.
    """

    user_id: UUID
    name: str
    login: str
    posts: tuple[PostView, ...]
    is_self: bool
    is_ended: bool
    first: bool
    has_slip: bool
    inside: int
    last_in_at: datetime | None
    may_reset: bool
    may_end_sign_ins: bool
    second_on: bool
    may_manage: bool


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see: below a place, in a role, in a state, and which page (from 1)."""

    place_id: UUID | None = None
    role: Role | None = None
    show: str = "live"
    page: int = 1


def accounts_of(actor: Actor, asked: Asked) -> tuple[int, list[AccountView]]:
    """How many accounts there are, and 50 of them in the order of their places. Raises `NotFound` for a place outside.

    A post outside the actor's place is never shown.
    """
    query = _narrowed(actor, asked)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(func.min(Post.path), User.login).limit(PAGE).offset((asked.page - 1) * PAGE)
    ids = [user_id for (user_id,) in db.session.execute(page)]
    found = {user.id: user for user in db.session.scalars(_users().where(User.id.in_(ids)))}
    live = _inside_now(ids)
    return total, [_view(actor, found[user_id], live.get(user_id, 0)) for user_id in ids]


def account(actor: Actor, user_id: UUID) -> AccountView:
    """One account that has, or had, a post inside the actor's place; raises `NotFound` for every other id."""
    return _view(actor, find(actor, user_id), _inside_now([user_id]).get(user_id, 0))


def find(actor: Actor, user_id: UUID, lock: bool = False) -> User:
    """A member of staff with a post inside the actor's place; raises `NotFound`."""
    mine = select(Post.user_id).where(inside(Post.path, actor), Post.role.in_(STAFF_ROLES))
    query = _users().where(User.id == user_id, User.id.in_(mine))
    if lock:  # read anew: the page may have looked at it before it was locked
        query = query.with_for_update(of=User).execution_options(populate_existing=True)
    user = db.session.scalar(query)
    if user is None:
        raise NotFound
    return user


def live_posts(user: User) -> list[Post]:
    """The posts that hold today, of an account that has not ended."""
    return [post for post in user.posts if user.ended_at is None and _is_live(post)]


def is_live_now() -> ColumnElement[bool]:
    """The condition that a post holds today."""
    return (Post.begins <= today()) & (Post.ends.is_(None) | (Post.ends >= today()))


def still_inside() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a sign-in of a user is still good."""
    seen, begun = limits.staff_since()
    recent = (SignIn.seen_at > seen, SignIn.begun_at > begun, SignIn.post_id.is_not(None))
    return (SignIn.ended_at.is_(None), SignIn.epoch == User.epoch, User.ended_at.is_(None), *recent)


def _users() -> Select[User]:
    return select(User).options(selectinload(User.posts).joinedload(Post.place), joinedload(User.home))


def _narrowed(actor: Actor, asked: Asked) -> Select[UUID]:
    query = select(User.id).join(Post, Post.user_id == User.id).group_by(User.id, User.login)
    query = query.where(inside(Post.path, actor), Post.role.in_(STAFF_ROLES))
    if asked.place_id is not None:
        low, high = below(_place_inside(actor, asked.place_id).path)
        query = query.where(Post.path >= low, Post.path < high)
    if asked.role is not None:
        query = query.where(Post.role == asked.role)
    is_live = User.ended_at.is_(None) & is_live_now()
    if asked.show == "ended":
        return query.having(func.count().filter(is_live) == 0)
    query = query.where(is_live)
    if asked.show == "never":
        return query.where(User.last_in_at.is_(None))
    if asked.show == "inside":
        live = select(SignIn.id).where(SignIn.user_id == User.id, *still_inside())
        return query.where(live.exists())
    return query


def _place_inside(actor: Actor, place_id: UUID) -> Place:
    place = db.session.scalar(select(Place).where(Place.id == place_id, inside(Place.path, actor)))
    if place is None:
        raise NotFound
    return place


def _inside_now(ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(SignIn.user_id, func.count()).join(User, SignIn.user_id == User.id)
    query = query.where(SignIn.user_id.in_(ids), *still_inside()).group_by(SignIn.user_id)
    return {user_id: n for user_id, n in db.session.execute(query)}


def _is_live(post: Post) -> bool:
    return post.begins <= today() and (post.ends is None or post.ends >= today())


def _view(actor: Actor, user: User, signed_in: int) -> AccountView:
    live = live_posts(user)
    posts = [_post(actor, user, post) for post in user.posts if actor.covers(post.path) and post.role in STAFF_ROLES]
    known = any(may_manage(actor, Role(p.role), p.place.level, p.path) or p.path == actor.path for p in user.posts)
    is_self = user.id == actor.user_id
    name = user.name or user.login
    return AccountView(
        user_id=user.id,
        name=name if known else mask_name(name),
        login=user.login,
        posts=tuple(sorted(posts, key=lambda post: not post.is_live)),
        is_self=is_self,
        is_ended=not live,
        first=user.must_change,
        has_slip=user.must_change and user.first_password_sealed is not None,
        inside=signed_in,
        last_in_at=user.last_in_at,
        may_reset=not is_self and bool(live) and can_reset(actor, live),
        second_on=user.second_on_at is not None,
        may_end_sign_ins=not is_self and all(may_end_sign_ins(actor, post.path) for post in live),
        may_manage=any(post.may_end for post in posts),
    )


def can_reset(actor: Actor, live: Sequence[Post]) -> bool:
    """True when every post of the account is one whose password the actor may reset: a new password opens all."""
    return all(may_reset(actor, Role(post.role), post.place.level, post.path) for post in live)


def _post(actor: Actor, user: User, post: Post) -> PostView:
    role, place = Role(post.role), post.place
    is_live = user.ended_at is None and _is_live(post)
    may_end = is_live and user.id != actor.user_id and may_manage(actor, role, place.level, post.path)
    name = f"{place.parent.name}{place.name}" if place.level == Level.CLASS and place.parent else place.name
    shown = place.name if actor.level == Level.SCHOOL else name
    return PostView(post.id, role, place.id, shown, place.level, is_live, may_end)
