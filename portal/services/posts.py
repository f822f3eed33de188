"""Which of several posts a person works in: one at a time, chosen after the sign-in and changed in the head (P6)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Place, Post, SignIn, User, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Level, Role
from portal.services import limits, seats, sign_ins
from portal.services.refusals import NotFound
from portal.services.staff_accounts import is_live_now


@dataclass(frozen=True)
class Choice:
    """One post to work in; `unit` is the school of a class, else empty."""

    post_id: UUID
    role: Role
    place: str
    unit: str
    is_current: bool


def choices(actor: Actor) -> list[Choice]:
    """The posts this person can work in now, in the order of their places; families have one."""
    if actor.role == Role.PARENT or actor.user_id is None:
        return []
    query = select(Post).where(Post.user_id == actor.user_id, Post.role != Role.PARENT, is_live_now())
    query = query.options(joinedload(Post.place).joinedload(Place.parent)).order_by(Post.path, Post.role)
    current = db.session.get_one(SignIn, actor.session_id).post_id
    return [_choice(post, post.id == current) for post in db.session.scalars(query)]


def _choice(post: Post, is_current: bool) -> Choice:
    place = post.place
    unit = place.parent.name if place.level == Level.CLASS and place.parent else ""
    return Choice(post.id, Role(post.role), place.name, unit, is_current)


def has_several(actor: Actor) -> bool:
    """True when there is something to choose."""
    if actor.role == Role.PARENT or actor.user_id is None:
        return False
    query = select(Post.id).where(Post.user_id == actor.user_id, Post.role != Role.PARENT, is_live_now())
    return len(list(db.session.scalars(query.limit(2)))) > 1


def work_in(actor: Actor, post_id: UUID) -> str:
    """Go on in another post of the same person; returns the token of a sign-in that continues this one (B7). Commits.

    Raises `NotFound` for a post that is not theirs today, and as `seats.take` for a verification account.
    """
    if all(choice.post_id != post_id for choice in choices(actor)):
        raise NotFound
    post, user = db.session.get_one(Post, post_id), db.session.get_one(User, actor.user_id)
    seats.take(post, *limits.staff_since())
    before = db.session.get_one(SignIn, actor.session_id)
    before.ended_at = now()
    return sign_ins.continued(before, user, post)
