"""Decisions that can be taken back for ten minutes, whatever they are about: noted, undone, or settled when due.

A decision remembers the version of its thing. What changed meanwhile is not carried out: the decision lapses with a
sentence, and the thing is back in its queue. `decisions` is about sheets, `reviewing` about applications.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from portal.models import Decision, Place, Post, SignIn, Step, User, db
from portal.rules.access import Action, may
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Role
from portal.rules.undoing import can_undo, due_at
from portal.rules.words import N_
from portal.rules.workflow import NotAllowedNow
from portal.services import lists
from portal.services.history import record
from portal.services.refusals import NotYours, Refusal, TooLate

LONGEST_REASON = 500
#: why a decision was not carried out; its maker reads it beside the thing that is back in the queue
CHANGED = N_("后来有了变化，请看一眼新的再决定。")
NO_POST = N_("作决定的人已经不在这个岗位，要重新决定。")
NOT_ALLOWED = N_("后来不能这样办了，请看一眼再决定。")

PENDING = (Decision.done_at.is_(None), Decision.undone_at.is_(None))


class Thing(Protocol):
    """What a decision can be about: a row with a place and a version."""

    __tablename__: str
    id: UUID
    school_id: UUID
    path: str
    version: int


def note(actor: Actor, thing: Thing, move: str, reason: str, moment: datetime, items: Sequence[str] = ()) -> Decision:
    """Note a decision on a thing and write its step, with the `items` it is about where it is not the whole; it takes
    effect ten minutes after `moment`. The caller has locked the thing and commits; what is decided together has one
    moment."""
    made = Decision(
        school_id=thing.school_id, path=thing.path, thing=thing.__tablename__, thing_id=thing.id, version=thing.version,
        move=move, by_id=actor.user_id, post_id=post_of(actor), at=moment, due_at=due_at(moment),
    )  # fmt: skip
    made.reason = reason or None
    db.session.add(made)
    step = record(actor, thing, "DECIDE", thing.school_id, reason=reason or None, what=move)
    if items:
        step.details = step.details | {"items": list(items)}
    return made


def items_of(thing: Thing) -> frozenset[str]:
    """The items that the newest decision on a thing is about; empty for the whole."""
    query = select(Step.details).where(Step.thing_id == thing.id, Step.move == "DECIDE")
    details = db.session.scalar(query.order_by(Step.at.desc(), Step.id).limit(1))
    return frozenset((details or {}).get("items", ()))


def require_reason(needed: bool, reason: str) -> None:
    """Raise `Refusal` for a refusal without a reason (R87) and for one that is too long."""
    if needed and not reason:
        raise Refusal(N_("请写明退回的原因，家长和学校都会看到。"))
    if len(reason) > LONGEST_REASON:
        raise Refusal(N_("原因最多写 %(n)s 个字。"), n=LONGEST_REASON)


def post_of(actor: Actor) -> UUID:
    """The post in which the actor decides; it must still be held when the decision takes effect."""
    signed_in = db.session.get(SignIn, actor.session_id) if actor.session_id else None
    if signed_in is not None and signed_in.post_id is not None:
        return signed_in.post_id
    query = select(Post.id).where(Post.user_id == actor.user_id, Post.role == actor.role)
    found = db.session.scalar(query.where(Post.place_id == actor.place_id).order_by(Post.begins, Post.id).limit(1))
    if found is None:
        raise NotYours(N_("您的岗位不能做这件事。"))
    return found


def on(thing_ids: Collection[UUID]) -> dict[UUID, Decision]:
    """Thing -> the decision that waits on it."""
    query = select(Decision).where(Decision.thing_id.in_(thing_ids), *PENDING)
    return {decision.thing_id: decision for decision in db.session.scalars(query)}


def of_place(actor: Actor, thing: str) -> list[Decision]:
    """Decisions on things of one table in the actor's place that wait, the newest first."""
    query = select(Decision).where(lists.inside(Decision.path, actor), Decision.thing == thing, *PENDING)
    return list(db.session.scalars(query.order_by(Decision.at.desc(), Decision.id)))


def undo(actor: Actor, things: Collection[Thing]) -> int:
    """Take back own decisions on things, all or none, until they are due; returns how many. The caller has locked the
    things and commits.

    Raises `NotYours` for what somebody else decided, `TooLate` once it holds.
    """
    by_id = {thing.id: thing for thing in things}
    query = select(Decision).where(Decision.thing_id.in_(by_id), *PENDING).order_by(Decision.id)
    found, moment = list(db.session.scalars(query.with_for_update())), now()
    if any(decision.by_id != actor.user_id for decision in found):
        raise NotYours(N_("这是别人的决定，只有作决定的人能撤回。"))
    if len(found) != len(by_id) or not all(can_undo(decision.due_at, moment) for decision in found):
        raise TooLate(N_("已经过了 10 分钟，决定已经生效，撤不回来了。"))
    for decision in found:
        decision.undone_at = moment
        record(actor, by_id[decision.thing_id], "UNDO_DECISION", decision.school_id, what=decision.move)
    return len(found)


def settle(
    thing: Thing, decision_id: UUID, action: Callable[[Decision], Action], carry_out: Callable[[Actor, Decision], None]
) -> bool:
    """Carry a due decision out on its thing, which the caller has locked. `carry_out` may refuse at any point: then all
    it did is dropped and the decision lapses. False when another worker had it. Commits."""
    decision = db.session.scalar(select(Decision).where(Decision.id == decision_id, *PENDING).with_for_update())
    if decision is None:
        db.session.rollback()
        return False
    actor = actor_of(decision, action(decision))
    why = CHANGED if thing.version != decision.version else NO_POST if actor is None else None
    if why is None and actor is not None:
        try:
            with db.session.begin_nested():
                carry_out(actor, decision)
        except Refusal as refusal:
            why = refusal.text
        except NotAllowedNow:
            why = NOT_ALLOWED
    decision.done_at, decision.lapsed = now(), why
    if why is not None:
        record(None, thing, "DECISION_LAPSED", thing.school_id, what=decision.move)
    db.session.commit()
    return True


def actor_of(decision: Decision, action: Action) -> Actor | None:
    """Who decided, as the actor of the post; None when it is no longer held or does not allow the act any more."""
    post, user = db.session.get_one(Post, decision.post_id), db.session.get_one(User, decision.by_id)
    if user.ended_at is not None or not _holds(post, today()):
        return None
    place = db.session.get_one(Place, post.place_id)
    name = user.name or user.login
    actor = Actor(user.id, None, Role(post.role), place.level, place.id, place.path, name, place.name)
    return actor if may(actor, action) and actor.covers(decision.path) else None


def _holds(post: Post, day: date) -> bool:
    return post.begins <= day and (post.ends is None or post.ends >= day)
