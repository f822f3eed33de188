"""Decisions that can be taken back for ten minutes: noted, undone by who made them, or carried out when due (G3, G6).

A decision remembers the version of its sheet. What changed meanwhile is not carried out: the decision lapses with a
sentence, and the sheet is back in the queue.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.models import Decision, Place, Post, Sheet, SignIn, User, db
from portal.rules.access import Action, may
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Role
from portal.rules.undoing import can_undo, due_at
from portal.rules.words import N_
from portal.rules.workflow import NEEDS_REASON, NotAllowedNow, SheetMove, SheetState, after
from portal.services import leading, lists
from portal.services.history import record
from portal.services.refusals import NotYours, Refusal, TooLate
from portal.services.transactions import reading

log = logging.getLogger(__name__)

LONGEST_REASON = 500
#: why a decision was not carried out; the leader reads it beside the sheet that is back in the queue
CHANGED = N_("这张表后来有了变化，请看一眼新的再决定。")
NO_POST = N_("作决定的人已经不在这个岗位，要重新决定。")
NOT_ALLOWED = N_("这张表后来不能这样办了，请看一眼再决定。")

_PENDING = (Decision.done_at.is_(None), Decision.undone_at.is_(None))


def decide(actor: Actor, versions: Mapping[UUID, int], what: SheetMove, reason: str = "") -> int:
    """Note one decision on each sheet, all or none, to take effect in ten minutes; returns how many. Commits.

    `versions`: sheet -> the version that was on the screen. Raises `TooLate` when a sheet has changed since or is
    decided already, `NotAllowedNow` for a move that does not exist, `Refusal` for own work (R88) or no reason (R87).
    """
    sheets, reason = leading.chosen(actor, versions), reason.strip()
    _require_reason(what, reason)
    changed = sum(sheet.version != versions[sheet.id] for sheet in sheets)
    if changed or pending_on([sheet.id for sheet in sheets]):
        raise TooLate(N_("里面有表刚才有了变化，或者已经有人决定了。请看一眼新的再做。"))
    leading.require_other_eyes(actor, sheets, what)
    moment, post_id = now(), _post_of(actor)
    for sheet in sheets:
        after(SheetState(sheet.state), what)
        made = Decision(
            school_id=sheet.school_id, path=sheet.path, thing="sheet", thing_id=sheet.id, version=sheet.version,
            move=what.value, by_id=actor.user_id, post_id=post_id, at=moment, due_at=due_at(moment),
        )  # fmt: skip
        made.reason = reason or None
        db.session.add(made)
        record(actor, sheet, "DECIDE", sheet.school_id, reason=reason or None, what=what.value)
    db.session.commit()
    return len(sheets)


def _require_reason(what: SheetMove, reason: str) -> None:
    if what in NEEDS_REASON and not reason:
        raise Refusal(N_("请写明退回的原因，家长和学校都会看到。"))
    if len(reason) > LONGEST_REASON:
        raise Refusal(N_("原因最多写 %(n)s 个字。"), n=LONGEST_REASON)


def refuse(actor: Actor, sheet_id: UUID, version: int, reason: str) -> int:
    """Decide against one sheet: before entry back to the family, after entry back to be corrected (G9). Commits."""
    what = leading.refusal_of(leading.sheet_in_queue(actor, sheet_id))
    return decide(actor, {sheet_id: version}, what, reason)


def _post_of(actor: Actor) -> UUID:
    """The post in which the actor decides; it must still be held when the decision takes effect."""
    signed_in = db.session.get(SignIn, actor.session_id) if actor.session_id else None
    if signed_in is not None and signed_in.post_id is not None:
        return signed_in.post_id
    query = select(Post.id).where(Post.user_id == actor.user_id, Post.role == actor.role)
    found = db.session.scalar(query.where(Post.place_id == actor.place_id).order_by(Post.begins, Post.id).limit(1))
    if found is None:
        raise NotYours(N_("您的岗位不能做这件事。"))
    return found


def pending_on(sheet_ids: Collection[UUID]) -> dict[UUID, Decision]:
    """Sheet -> the decision that waits on it."""
    query = select(Decision).where(Decision.thing == "sheet", Decision.thing_id.in_(sheet_ids), *_PENDING)
    return {decision.thing_id: decision for decision in db.session.scalars(query)}


def pending(actor: Actor) -> list[Decision]:
    """Decisions of the actor's place that wait, the newest first."""
    query = select(Decision).where(lists.inside(Decision.path, actor), *_PENDING)
    return list(db.session.scalars(query.order_by(Decision.at.desc(), Decision.id)))


def undo(actor: Actor, sheet_ids: Collection[UUID]) -> int:
    """Take back own decisions on sheets, all or none, until they are due; returns how many. Commits.

    Raises `NotFound` outside the place, `NotYours` for what somebody else decided, `TooLate` once it holds.
    """
    sheets = {sheet.id: sheet for sheet in leading.chosen(actor, sheet_ids)}
    query = select(Decision).where(Decision.thing_id.in_(sheets), *_PENDING).order_by(Decision.id)
    found, moment = list(db.session.scalars(query.with_for_update())), now()
    if any(decision.by_id != actor.user_id for decision in found):
        raise NotYours(N_("这是别人的决定，只有作决定的人能撤回。"))
    if len(found) != len(sheets) or not all(can_undo(decision.due_at, moment) for decision in found):
        raise TooLate(N_("已经过了 10 分钟，决定已经生效，撤不回来了。"))
    for decision in found:
        decision.undone_at = moment
        record(actor, sheets[decision.thing_id], "UNDO_DECISION", decision.school_id, what=decision.move)
    db.session.commit()
    return len(found)


def carry_out_due() -> int:
    """Let every decision whose time has come take effect, each in a transaction of its own; returns how many were
    settled. Called by the worker; any number of workers may call it at once. Commits."""
    with reading():
        due = select(Decision.id).where(Decision.due_at <= now(), *_PENDING).order_by(Decision.due_at, Decision.id)
        ids = list(db.session.scalars(due.limit(500)))
    return sum(_settle(decision_id) for decision_id in ids)


def _settle(decision_id: UUID) -> bool:
    """One decision; False when another worker has it or it could not be carried out (it is tried again)."""
    try:
        return _take_effect(decision_id)
    except Exception as error:  # one that cannot be carried out keeps no other waiting
        db.session.rollback()
        log.error("a decision waits: %s", type(error).__name__)
        return False


def _take_effect(decision_id: UUID) -> bool:
    sheet_id = db.session.scalar(select(Decision.thing_id).where(Decision.id == decision_id))
    # the sheet first, then its decision: the order in which everybody locks them
    sheet = db.session.scalars(select(Sheet).where(Sheet.id == sheet_id).with_for_update()).one()
    query = select(Decision).where(Decision.id == decision_id, *_PENDING)
    decision = db.session.scalar(query.with_for_update())
    if decision is None:
        db.session.rollback()
        return False
    actor = _actor_of(decision)
    why = CHANGED if sheet.version != decision.version else NO_POST if actor is None else None
    if why is None and actor is not None:
        try:
            leading.carry_out(actor, sheet, SheetMove(decision.move), decision.reason)
        except Refusal as refusal:
            why = refusal.text
        except NotAllowedNow:
            why = NOT_ALLOWED
    decision.done_at, decision.lapsed = now(), why
    if why is not None:
        record(None, sheet, "DECISION_LAPSED", sheet.school_id, what=decision.move)
    db.session.commit()
    return True


def _actor_of(decision: Decision) -> Actor | None:
    """Who decided, as the actor of the post; None when it is no longer held or does not allow the act any more."""
    post, user = db.session.get_one(Post, decision.post_id), db.session.get_one(User, decision.by_id)
    if user.ended_at is not None or not _holds(post, today()):
        return None
    place = db.session.get_one(Place, post.place_id)
    actor = Actor(
        user.id, None, Role(post.role), place.level, place.id, place.path, user.name or user.login, place.name
    )
    action = Action.VERIFY_SHEETS if decision.move == SheetMove.VERIFY else Action.PASS_SHEETS
    return actor if may(actor, action) and actor.covers(decision.path) else None


def _holds(post: Post, day: date) -> bool:
    return post.begins <= day and (post.ends is None or post.ends >= day)


def lapsed(actor: Actor) -> list[Decision]:
    """Decisions of the actor's place that were not carried out and whose sheet waits for a decision again, one a
    sheet: nobody has decided anew."""
    query = (
        select(Decision)
        .join(Sheet, Sheet.id == Decision.thing_id)
        .where(lists.inside(Decision.path, actor), Sheet.state.in_((SheetState.CHECKED, SheetState.ENTERED)))
        .order_by(Decision.at.desc(), Decision.id)
    )
    newest: dict[UUID, Decision] = {}
    for decision in db.session.scalars(query):
        newest.setdefault(decision.thing_id, decision)
    return [decision for decision in newest.values() if decision.lapsed]
