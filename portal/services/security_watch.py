"""What the security officer watches: who has a second step, accounts nobody uses, wrong passwords, who is inside.

It shows accounts of staff of the own place and below, names masked outside the own place, and changes nothing but that
sign-ins end (`appointing.end_sign_ins`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.models import Post, SignIn, Step, User, db
from portal.rules.account_reach import STAFF_ROLES
from portal.rules.clock import now
from portal.rules.masks import mask_name
from portal.rules.roles import Actor, Role
from portal.services import second_required, sign_in_tries
from portal.services.lists import inside
from portal.services.staff_accounts import is_live_now, live_posts, still_inside

PAGE = 50
#: what the list shows, in the order of the tiles
SHOWS = ("wrong", "no_second", "unused", "never", "inside", "all")
#: wrong passwords within this time are shown
WRONG_SINCE = timedelta(days=1)
#: codes of the second step that were guessed at, within this time
GUESSED_SINCE = timedelta(days=7)
#: an account nobody has used for so long; a new one nobody has come in with for so long
UNUSED, NEVER = timedelta(days=90), timedelta(days=30)


@dataclass(frozen=True)
class Facts:
    """What is known of one account without opening anything sealed; `needs` says that its second step is missing."""

    user_id: UUID
    login: str
    second_on: bool
    needs: bool
    last_in_at: datetime | None
    made_at: datetime
    wrong: int
    guessed: bool
    is_inside: bool


@dataclass(frozen=True)
class Watched:
    """One row of the list."""

    facts: Facts
    name: str
    posts: tuple[tuple[Role, str], ...]
    is_self: bool


def watch(actor: Actor, show: str, page: int = 1) -> tuple[dict[str, int], list[Watched]]:
    """(how many there are of each kind, 50 of the kind asked for): most wrong passwords first, else by login."""
    facts = _facts(actor)
    counts = {kind: sum(_is(kind, one) for one in facts) for kind in SHOWS}
    chosen = sorted((one for one in facts if _is(show, one)), key=lambda one: (-one.wrong, one.login))
    return counts, _rows(actor, chosen[(page - 1) * PAGE : page * PAGE])


def _is(kind: str, one: Facts) -> bool:
    moment = now()
    kinds = {
        "wrong": one.wrong > 0 or one.guessed,
        "no_second": one.needs,
        "unused": one.last_in_at is not None and moment - one.last_in_at > UNUSED,
        "never": one.last_in_at is None and moment - one.made_at > NEVER,
        "inside": one.is_inside,
        "all": True,
    }
    return kinds[kind]


def _facts(actor: Actor) -> list[Facts]:
    columns = (User.id, User.login, User.second_on_at, User.last_in_at, User.made_at, Post.role, Post.path)
    query = select(*columns).join(Post, Post.user_id == User.id).where(inside(Post.path, actor))
    query = query.where(Post.role.in_(STAFF_ROLES), User.ended_at.is_(None), is_live_now())
    wrong, asked = sign_in_tries.wrong_by_bucket(now() - WRONG_SINCE), second_required.below(actor)
    guessed, live, found = _guessed(actor), _inside_now(actor), dict[UUID, Facts]()
    for user_id, login, second_on_at, last_in_at, made_at, role, path in db.session.execute(query):
        needs = second_on_at is None and asked(Role(role), path)
        if user_id in found:
            needs = needs or found[user_id].needs
        n = wrong.get(sign_in_tries.bucket_of(login), 0) if wrong else 0
        known = (second_on_at is not None, needs, last_in_at, made_at, n, user_id in guessed, user_id in live)
        found[user_id] = Facts(user_id, login, *known)
    return list(found.values())


def _inside_now(actor: Actor) -> set[UUID]:
    query = select(SignIn.user_id).join(User, SignIn.user_id == User.id).join(Post, SignIn.post_id == Post.id)
    return set(db.session.scalars(query.where(inside(Post.path, actor), *still_inside())))


def _guessed(actor: Actor) -> set[UUID]:
    query = select(Step.thing_id).where(Step.move == "SECOND_WRONG", Step.at > now() - GUESSED_SINCE)
    return set(db.session.scalars(query.where(inside(Step.path, actor))))


def _rows(actor: Actor, chosen: list[Facts]) -> list[Watched]:
    query = select(User).options(selectinload(User.posts).joinedload(Post.place))
    people = {user.id: user for user in db.session.scalars(query.where(User.id.in_([one.user_id for one in chosen])))}
    return [_row(actor, one, people[one.user_id]) for one in chosen]


def _row(actor: Actor, one: Facts, user: User) -> Watched:
    live = [post for post in live_posts(user) if actor.covers(post.path)]
    name = user.name or user.login
    shown = name if any(post.path == actor.path for post in live) else mask_name(name)
    return Watched(one, shown, tuple((Role(post.role), post.place.name) for post in live), one.user_id == actor.user_id)
