"""Verification accounts: in only while the entry window of their school is open, 20 at once per school (R100, R101)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Place, Post, SignIn, Switch, User, db
from portal.rules.checks_round import check_account_open, check_seat_free
from portal.rules.clock import now
from portal.rules.problems import Problem, message_of
from portal.rules.roles import Role
from portal.services import figures, rounds
from portal.services.refusals import Refusal, TooLate


def is_open(post: Post, moment: datetime) -> bool:
    """True for every post but that of a verification account outside the entry window of its school (R101)."""
    return not _obstacles(post, moment)


def take(post: Post, idle_since: datetime, begun_since: datetime) -> None:
    """Let a verification account in, or raise `TooLate` outside the window and `Refusal` when 20 are inside.

    Sign-ins seen and begun after these moments are live. The caller adds the new one and commits: until then the
    school is locked, so that no 21st comes in beside the 20th.
    """
    if post.role != Role.OPERATOR:
        return
    for found in _obstacles(post, now()):
        raise TooLate(message_of(found)[0])
    db.session.execute(select(Place.id).where(Place.id == post.place_id).with_for_update(key_share=True))
    for found in check_seat_free(_inside(post.place_id, idle_since, begun_since)):
        text, values = message_of(found)
        raise Refusal(text, **values)


def _obstacles(post: Post, moment: datetime) -> list[Problem]:
    if post.role != Role.OPERATOR:
        return []
    found = figures.current_round(post.path)
    window = rounds.window_of(found.id, post.path, Switch.ENTRY) if found else None
    if window is None:
        return check_account_open(moment, None, None)
    return check_account_open(moment, window.opens_at, window.closes_at)


def _inside(place_id: UUID, idle_since: datetime, begun_since: datetime) -> int:
    """How many sign-ins of the school's verification accounts are live; each is one seat."""
    query = select(func.count()).select_from(SignIn).join(Post, SignIn.post_id == Post.id)
    query = query.join(User, SignIn.user_id == User.id).where(Post.place_id == place_id, Post.role == Role.OPERATOR)
    live = (SignIn.ended_at.is_(None), SignIn.epoch == User.epoch, User.ended_at.is_(None))
    recent = (SignIn.seen_at > idle_since, SignIn.begun_at > begun_since)
    return db.session.scalar(query.where(*live, *recent)) or 0
