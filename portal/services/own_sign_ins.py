"""Where one is signed in, when one was in before, and how often a password was wrong since (sec-A9, A39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from portal.models import Post, SignIn, User, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import limits, sign_in_tries
from portal.services.history import record


@dataclass(frozen=True)
class Own:
    """One live sign-in of one's own; `device` and `browser` are words of `web.known`, empty when nothing is known."""

    sign_in_id: UUID
    device: str
    browser: str
    role: Role
    place: str
    begun_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True)
class LastIn:
    """The sign-in before this one (None: this is the first), and the wrong passwords since in unknown browsers."""

    at: datetime | None
    wrong: int


def of(actor: Actor) -> list[Own]:
    """The live sign-ins of this person, this one first, then the last used."""
    query = select(SignIn, Post).join(Post, SignIn.post_id == Post.id).join(User, SignIn.user_id == User.id)
    query = query.where(SignIn.user_id == actor.user_id, SignIn.ended_at.is_(None), SignIn.epoch == User.epoch)
    moment = now()
    alive = [
        (signed_in, post)
        for signed_in, post in db.session.execute(query)
        if moment - signed_in.seen_at < limits.idle(post.role) and moment - signed_in.begun_at < limits.absolute()
    ]
    own = [_own(actor, signed_in, post) for signed_in, post in alive]
    return sorted(own, key=lambda one: (not one.is_this, -one.seen_at.timestamp()))


def last_in(actor: Actor) -> LastIn:
    """When this person was in before."""
    user = db.session.get_one(User, actor.user_id)
    before = user.previous_in_at
    return LastIn(before, sign_in_tries.wrong_since(user.login, before) if before else 0)


def end_others(actor: Actor) -> int:
    """End every other sign-in of this person; the password stays. Commits; returns how many."""
    others = (SignIn.user_id == actor.user_id, SignIn.id != actor.session_id, SignIn.ended_at.is_(None))
    ended = update(SignIn).where(*others).values(ended_at=now()).returning(SignIn.id)
    n = len(list(db.session.scalars(ended)))
    if n:
        user = db.session.get_one(User, actor.user_id)
        record(actor, user, "END_OWN_SIGN_INS", user.home_id, path=actor.path, n=n)
    db.session.commit()
    return n


def _own(actor: Actor, signed_in: SignIn, post: Post) -> Own:
    device, _, browser = (signed_in.browser or "").partition(" ")
    is_this, place = signed_in.id == actor.session_id, post.place.name
    return Own(signed_in.id, device, browser, Role(post.role), place, signed_in.begun_at, signed_in.seen_at, is_this)
