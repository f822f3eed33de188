"""Writes the append-only steps, in the same transaction as the act they tell of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Step, User, db
from portal.rules.roles import Actor


def record(
    actor: Actor | None,
    thing: Any,
    move: str,
    place_id: UUID,
    *,
    path: str | None = None,
    states: tuple[str | None, str | None] = (None, None),
    reason: str | None = None,
    **details: Any,
) -> Step:
    """Add one step. `place_id` is the school or authority whose key seals the reason; `details` hold no
    personal data; `path` is given for things that have no place of their own, such as a user."""
    step = Step(
        by_id=actor.user_id if actor else None,
        role=actor.role.value if actor else None,
        place_id=place_id,
        path=thing.path if path is None else path,
        thing=thing.__tablename__,
        thing_id=thing.id,
        move=move,
        before=states[0],
        after=states[1],
        details=details,
    )
    step.reason = reason
    db.session.add(step)
    return step


def steps_of(thing_id: UUID) -> list[tuple[Step, str]]:
    """Steps of one thing, oldest first, with the name of who did it (empty for a family without account)."""
    steps = list(db.session.scalars(select(Step).where(Step.thing_id == thing_id).order_by(Step.at, Step.id)))
    people = {
        u.id: u.name for u in db.session.scalars(select(User).where(User.id.in_({s.by_id for s in steps if s.by_id})))
    }
    return [(step, people.get(step.by_id, "") if step.by_id else "") for step in steps]
