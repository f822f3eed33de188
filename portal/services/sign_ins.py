"""Server-side sign-ins: begun, continued, ended. The browser holds only a token whose hash stands here (sec-A9, A11).

Between password and second step there is a waiting sign-in without a post: nobody acts in it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from portal.models import Place, Post, SignIn, User, db, writing
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Role
from portal.services import limits, seats, second_required
from portal.services.history import record

#: so long a sign-in waits for the second step
WAITING = timedelta(minutes=10)


def begin(user: User, post: Post, browser: str = "") -> str:
    """The token of a new sign-in in one post, just proven. Commits."""
    moment = now()
    signed_in = SignIn(user_id=user.id, post_id=post.id, epoch=user.epoch, browser=browser or None)
    signed_in.begun_at = signed_in.seen_at = signed_in.proven_at = moment
    user.previous_in_at, user.last_in_at = user.last_in_at, moment
    return _entered(signed_in, user, post)


def continued(before: SignIn, user: User, post: Post) -> str:
    """The token of a sign-in that goes on where another one of the same person ends: it keeps the first of the chain
    (B7), its age and its proof, so that whoever holds an open browser gets neither (sec-A10). Commits."""
    signed_in = SignIn(user_id=user.id, post_id=post.id, epoch=user.epoch, browser=before.browser)
    signed_in.origin_id = before.origin_id or before.id
    signed_in.begun_at, signed_in.seen_at, signed_in.proven_at = before.begun_at, now(), before.proven_at
    return _entered(signed_in, user, post)


def _entered(signed_in: SignIn, user: User, post: Post) -> str:
    token = secrets.token_urlsafe(32)
    signed_in.token_hash = hash_of(token)
    db.session.add(signed_in)
    record(actor_for(signed_in, user, post), user, "SIGN_IN", user.home_id, path=post.path)
    db.session.commit()
    return token


def wait_for_second(user: User) -> str:
    """The token of a sign-in that waits for the second step; it opens nothing. Commits."""
    token, moment = secrets.token_urlsafe(32), now()
    waiting = SignIn(token_hash=hash_of(token), user_id=user.id, post_id=None, epoch=user.epoch)
    waiting.begun_at = waiting.seen_at = moment
    db.session.add(waiting)
    db.session.commit()
    return token


def waiting(token: str) -> SignIn | None:
    """The sign-in behind a token that still waits for its second step; None after ten minutes."""
    query = select(SignIn).options(joinedload(SignIn.user)).where(SignIn.token_hash == hash_of(token))
    found = db.session.scalar(query.where(SignIn.ended_at.is_(None), SignIn.post_id.is_(None)))
    if found is None or found.user.ended_at is not None or found.epoch != found.user.epoch:
        return None
    return found if timedelta(0) <= now() - found.begun_at < WAITING else None


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def best_post(user: User) -> Post | None:
    """The first post that holds today; a verification seat outside its window only when there is no other."""
    day, moment = today(), now()
    live = [p for p in user.posts if p.begins <= day and (p.ends is None or p.ends >= day)]
    return next((post for post in live if seats.is_open(post, moment)), live[0] if live else None)


def actor_of(token: str) -> Actor | None:
    """The actor behind a cookie's token, or None when the sign-in has ended, idled out or the posts have changed, and
    for a verification seat outside its window (R101)."""
    found = _signed_in(token)
    if found is None or found.post is None or not seats.is_open(found.post, now()):
        return None
    return actor_for(found, found.user, found.post)


def shut_out(token: str) -> seats.SeatClosed | None:
    """What to answer a verification seat that is signed in and whose window has closed since; None for all others."""
    found = _signed_in(token)
    return seats.closed(found.post) if found and found.post else None


def _signed_in(token: str) -> SignIn | None:
    query = (
        select(SignIn)
        .options(joinedload(SignIn.user), joinedload(SignIn.post).joinedload(Post.place))
        .where(SignIn.token_hash == hash_of(token), SignIn.ended_at.is_(None))
    )
    found = db.session.scalar(query)
    return found if found is not None and found.post is not None and _still_good(found, now()) else None


def _still_good(signed_in: SignIn, moment: datetime) -> bool:
    user, post = signed_in.user, signed_in.post
    assert post is not None
    day = today()
    return (
        user.ended_at is None
        and signed_in.epoch == user.epoch
        and post.begins <= day
        and (post.ends is None or post.ends >= day)
        and moment - signed_in.seen_at < limits.idle(post.role)
        and timedelta(0) <= moment - signed_in.begun_at < limits.absolute()
    )


def actor_for(signed_in: SignIn, user: User, post: Post) -> Actor:
    """The actor of a sign-in in one post. A family's path is below no place: what concerns its children is found
    through its guardianships only."""
    place = post.place or db.session.get_one(Place, post.place_id)
    is_family = post.role == Role.PARENT
    return Actor(
        user_id=user.id,
        session_id=signed_in.id,
        role=Role(post.role),
        level=place.level,
        place_id=place.id,
        path=f"family/{user.id.hex}/" if is_family else place.path,
        name=(user.name or "") if is_family else (user.name or user.login),
        place_name=place.name,
        must_change=user.must_change,
        must_secure=user.second_on_at is None and second_required.is_required(Role(post.role), place),
    )


def seen(actor: Actor) -> None:
    """Keep a sign-in from idling out; at most one write a minute, in a transaction of its own, also while a page is
    only read. A database too busy for it fails no page."""
    row = db.session.get(SignIn, actor.session_id)
    if row is None or now() - row.seen_at <= timedelta(minutes=1):
        return
    db.session.rollback()  # on SQLite a transaction that has read cannot write once another one has
    try:
        with writing():
            db.session.execute(update(SignIn).where(SignIn.id == actor.session_id).values(seen_at=now()))
            db.session.commit()
    except OperationalError:
        db.session.rollback()


def sign_out(actor: Actor) -> None:
    """End this sign-in. Commits."""
    row = db.session.get(SignIn, actor.session_id)
    if row is not None:
        row.ended_at = now()
    db.session.commit()


def renew(actor: Actor) -> str:
    """Another token for the same sign-in, which has just been proven once more (sec-A11). Commits."""
    token = secrets.token_urlsafe(32)
    signed_in = db.session.get_one(SignIn, actor.session_id)
    signed_in.token_hash, signed_in.proven_at = hash_of(token), now()
    db.session.commit()
    return token


def go_on(actor: Actor, user: User, is_proven: bool = False) -> str:
    """End every sign-in of this person and return the token of a fresh one in the same post, after a change of the
    password or the second step (sec-A9). `is_proven`: what was just shown is the proof that this account asks for.
    Commits."""
    signed_in = db.session.get_one(SignIn, actor.session_id)
    post = signed_in.post
    assert post is not None
    user.epoch += 1
    if is_proven:
        signed_in.proven_at = now()
    return continued(signed_in, user, post)
