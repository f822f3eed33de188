"""Deciding on applications: first the school, then the authority responsible for it; nobody on own work (H3-H5, R88).

A decision takes effect after ten minutes (see `pending`). The school may decide several at once from a list of exactly
what it decides; an authority decides one by one (H4, R105).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Application, Decision, Evidence, Step, db
from portal.rules.access import Action
from portal.rules.applications import (
    NEEDS_REASON,
    WAITS_FOR,
    ApplicationKind,
    ApplicationMove,
    ApplicationState,
    Side,
    after,
    side_of,
)
from portal.rules.clock import now
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.rules.words import N_
from portal.services import application_sheets, granting, lists, pending, place_settings
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate

#: why an application was left out of several that were decided together
CHANGED = N_("后来有了变化")
DECIDED = N_("已经有人决定了")


@dataclass(frozen=True)
class Outcome:
    """What became of several applications decided together: how many are decided, and the others with the reason."""

    decided: int
    left_out: tuple[tuple[UUID, str], ...] = ()


def decide(actor: Actor, versions: Mapping[UUID, int], what: ApplicationMove, opinion: str = "") -> Outcome:
    """Decide on applications, each as it was on the screen (`versions`), to take effect in ten minutes. Commits.

    Of several those that changed meanwhile, or are decided already, are left out and named; a single one raises
    `TooLate` then. Raises `NotFound` outside the place, `NotYours` for the wrong side or own work (R88, R105),
    `NotAllowedNow` for a move that does not exist, `Refusal` without a reason (R87).
    """
    found, opinion = _locked(actor, versions), opinion.strip()
    pending.require_reason(what in NEEDS_REASON, opinion)
    if actor.level in AUTHORITY_LEVELS and len(found) > 1:
        raise Refusal(N_("主管部门要一件一件地看，不能一次批几件。"))
    waiting = pending.on([one.id for one in found])
    left_out = [(one.id, _why_left(one, versions, waiting)) for one in found]
    skipped = {thing_id: why for thing_id, why in left_out if why is not None}
    if skipped and len(found) == 1:
        raise TooLate(N_("这件申请刚才有了变化，或者已经有人决定了。请看一眼新的再做。"))
    moment = now()
    for one in found:
        if one.id not in skipped:
            require_may(actor, one, what)
            after(ApplicationKind(one.kind), one.at_school, ApplicationState(one.state), what)
            pending.note(actor, one, what.value, opinion, moment)
    db.session.commit()
    return Outcome(len(found) - len(skipped), tuple(skipped.items()))


def _locked(actor: Actor, ids: Iterable[UUID]) -> list[Application]:
    """Applications inside the actor's place, locked in one order and read anew."""
    wanted = set(ids)
    if not wanted:
        raise Refusal(N_("请先勾选要处理的申请。"))
    query = select(Application).where(Application.id.in_(wanted), lists.inside(Application.path, actor))
    query = query.order_by(Application.id).with_for_update().execution_options(populate_existing=True)
    found = list(db.session.scalars(query))
    if len(found) != len(wanted):
        raise NotFound
    return found


def _why_left(one: Application, versions: Mapping[UUID, int], waiting: Mapping[UUID, Decision]) -> str | None:
    if one.id in waiting:
        return DECIDED
    return CHANGED if one.version != versions[one.id] else None


def require_may(actor: Actor, found: Application, what: ApplicationMove) -> None:
    """Raise `NotYours` unless this actor is the reviewer the application waits for: the right side and place (X7,
    R105), and none who made, sent, passed it or added a file to it (R88)."""
    side = side_of(ApplicationState(found.state), what)
    if not _is_side(actor, found, side):
        raise NotYours(N_("这件申请不由您这里核办。"))
    if actor.user_id in own_hands(found):
        raise NotYours(N_("这件申请您自己经过手，要由另一位来核办。"))


def _is_side(actor: Actor, found: Application, side: Side) -> bool:
    if side == Side.AUTHORITY:
        return actor.place_id == found.authority_id and actor.role in (Role.REGISTRAR, Role.OPERATOR)
    if side == Side.LEADER:
        return actor.level == Level.SCHOOL and actor.place_id == found.school_id and may_review_at_school(actor)
    return False


def is_reviewer(actor: Actor, found: Application) -> bool:
    """True when the application waits for this actor's side and place; own hands are not asked."""
    side = WAITS_FOR.get(ApplicationState(found.state))
    return side is not None and _is_side(actor, found, side)


def may_review_at_school(actor: Actor) -> bool:
    """The leader in charge (H3), and registrars where the province lets them (X7); never on own work."""
    if actor.role == Role.REGISTRAR:
        return place_settings.registrars_may_review(actor.path)
    return actor.role == Role.LEADER


def own_hands(found: Application) -> set[UUID]:
    """Everybody who had a hand in an application: who made, typed in, sent or passed it, or added a file (R88)."""
    files = select(Evidence.by_id).where(Evidence.application_id == found.id, Evidence.removed_at.is_(None))
    typed = select(Step.by_id).where(Step.thing_id == found.id, Step.move == "REDRAFT")
    people = {found.made_by_id, found.sent_by_id, found.leader_id, *db.session.scalars(files.union(typed))}
    return {one for one in people if one is not None}


def undo(actor: Actor, ids: Collection[UUID]) -> int:
    """Take back own decisions on applications, all or none, until they are due; returns how many. Commits."""
    count = pending.undo(actor, _locked(actor, ids))
    db.session.commit()
    return count


def take_effect(decision_id: UUID, application_id: UUID) -> bool:
    """Let a due decision take effect; False when another worker had it. Commits."""
    application_sheets.lock_pupil_of(application_id)  # the order in which everybody locks them
    query = select(Application).where(Application.id == application_id).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True)).one()

    def carry_out(actor: Actor, decision: Decision) -> None:
        what = ApplicationMove(decision.move)
        require_may(actor, found, what)
        granting.carry_out(actor, found, what, decision.reason)

    return pending.settle(found, decision_id, lambda _decision: action_on(found), carry_out)


def action_on(found: Application) -> Action:
    """What a reviewer of the application must be allowed to do."""
    at_school = found.state == ApplicationState.WITH_LEADER
    return Action.REVIEW_AT_SCHOOL if at_school else Action.REVIEW_AT_AUTHORITY
