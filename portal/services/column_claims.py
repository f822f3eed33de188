"""Who has which handwriting before them: rows are claimed for some minutes, renewed while one works, free again by
themselves when a browser dies. A claim changes nothing about the row, not even its version."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update

from portal.models import Change, User, db
from portal.rules.clock import now
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services.refusals import TooLate

#: how long a row stays somebody's after the last thing that person did
HOLD = timedelta(minutes=10)


def is_free(moment: datetime) -> ColumnElement[bool]:
    """The condition that nobody has a change before them, or the time of whoever had is up."""
    return or_(Change.claimed_by_id.is_(None), Change.claimed_until.is_(None), Change.claimed_until <= moment)


def is_mine(actor: Actor, moment: datetime) -> ColumnElement[bool]:
    """The condition that the actor has a change before them."""
    return (Change.claimed_by_id == actor.user_id) & (Change.claimed_until > moment)


def holder(actor: Actor, change: Change) -> UUID | None:
    """Who else has a change before them, or None."""
    held = change.claimed_until is not None and change.claimed_until > now()
    return change.claimed_by_id if held and change.claimed_by_id != actor.user_id else None


def require_free(actor: Actor, change: Change) -> None:
    """Raise `TooLate` while somebody else has the row before them; the sentence says who."""
    who = holder(actor, change)
    if who is not None:
        raise TooLate(N_("%(who)s正在录这一处。您填的没有存。"), who=name_of(who))


def name_of(user_id: UUID) -> str:
    """The name of a colleague."""
    user = db.session.get(User, user_id)
    return (user.name or user.login or "") if user else ""


def take(actor: Actor, change_ids: Collection[UUID]) -> None:
    """Claim rows that the caller has found free and locked. The caller commits."""
    values = {"claimed_by_id": actor.user_id, "claimed_until": now() + HOLD}
    query = update(Change).where(Change.id.in_(change_ids)).values(values)
    db.session.execute(query, execution_options={"synchronize_session": False})


def renew(actor: Actor) -> None:
    """Whoever works keeps what is before them for another while. The caller commits."""
    moment = now()
    query = update(Change).where(is_mine(actor, moment), Change.outcome == "open")
    db.session.execute(query.values(claimed_until=moment + HOLD), execution_options={"synchronize_session": False})
