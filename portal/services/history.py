"""Writes the append-only steps, in the same transaction as the act they tell of."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Place, Step, User, db, keyring
from portal.rules.roles import Actor

#: the request's id and where it came from; commands and jobs have none
_came: ContextVar[tuple[str, str] | None] = ContextVar("portal_came", default=None)


def came_from(request_id: str, address: str) -> None:
    """Say which request this context works for: its steps carry the id, and a keyed hash of the address."""
    _came.set((request_id, address))


def request_id() -> str | None:
    """The id of the request this context works for."""
    came = _came.get()
    return came[0] if came else None


def came_from_nowhere() -> None:
    """The request is over."""
    _came.set(None)


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
    came = _came.get()
    if came is not None:
        step.request, step.origin = came[0], origin_of(came[1])
    step.reason = reason
    db.session.add(step)
    return step


def origin_of(address: str) -> str:
    """A keyed hash of an address (16 hex digits): equal ones are seen to be equal, and nobody reads them."""
    return keyring().blind("step.origin", address or "-").hex()[:16]


def record_deployment(move: str, actor: Actor | None = None, **details: Any) -> Step | None:
    """Add a step that concerns the whole deployment (keys, backup, verification): it stands at the topmost place. None
    while there is no place yet; the caller commits."""
    top = top_place()
    return record(actor, top, move, top.id, **details) if top is not None else None


def top_place() -> Place | None:
    """The topmost place, at which everything stands that concerns the whole deployment."""
    return db.session.scalar(select(Place).order_by(func.length(Place.path), Place.path).limit(1))


def steps_of(thing_id: UUID) -> list[tuple[Step, str]]:
    """Steps of one thing, oldest first, with the name of who did it (empty for a family without account)."""
    steps = list(db.session.scalars(select(Step).where(Step.thing_id == thing_id).order_by(Step.at, Step.id)))
    people = {
        u.id: u.name for u in db.session.scalars(select(User).where(User.id.in_({s.by_id for s in steps if s.by_id})))
    }
    return [(step, people.get(step.by_id, "") if step.by_id else "") for step in steps]
