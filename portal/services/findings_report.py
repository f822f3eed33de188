"""Reporting a class: when every pupil has exactly one finding (R110), with a way back until the school has acted."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.models import Finding, Pupil, RecordCheck, Unlisted, db
from portal.rules.clock import now
from portal.rules.findings import is_complete
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import findings, findings_state
from portal.services.history import record
from portal.services.refusals import Refusal, TooLate


def report(actor: Actor, class_id: UUID) -> None:
    """Say that every pupil has been looked for. Reporting twice changes nothing. Commits.

    Raises `Refusal` while somebody has no finding (R110).
    """
    check = findings.lock_check(actor, class_id)
    roster = select(Pupil.id).where(Pupil.class_id == check.class_id, *findings_state.on_roster(check.path))
    pupils = set(db.session.scalars(roster))
    said = select(Finding.pupil_id).where(Finding.round_id == check.round_id, Finding.class_id == check.class_id)
    found = [pupil_id for pupil_id in db.session.scalars(said) if pupil_id in pupils]
    if not is_complete(pupils, found):
        raise Refusal(N_("还有 %(n)s 个学生没有说在不在。说完了再上报。"), n=len(pupils) - len(found))
    if not _covers(check):
        check.reported_at, check.reported_by_id = now(), actor.user_id
        record(actor, check, "REPORT_CLASS", check.school_id, pupils=len(pupils))
    db.session.commit()


def take_back(actor: Actor, class_id: UUID) -> None:
    """Open a reported class again to say something else; raises `TooLate` once the school has begun to act. Commits."""
    check = findings.lock_check(actor, class_id)
    if check.reported_at is None:
        db.session.rollback()  # nothing to take back, nothing to write down
        return
    if has_acted(check):
        raise TooLate(N_("学籍管理员已经在办了，拿不回来了。有不对的，请直接告诉学籍管理员。"))
    check.reported_at = check.reported_by_id = None
    record(actor, check, "TAKE_BACK_REPORT", check.school_id)
    db.session.commit()


def may_take_back(class_id: UUID, round_id: UUID) -> bool:
    """True while a reported class may be opened again."""
    query = select(RecordCheck).where(RecordCheck.round_id == round_id, RecordCheck.class_id == class_id)
    check = db.session.scalar(query)
    return check is not None and check.reported_at is not None and not has_acted(check)


def has_acted(check: RecordCheck) -> bool:
    """True when something has been done about a finding of this class."""
    mine = (Finding.round_id == check.round_id, Finding.class_id == check.class_id, findings_state.OF_ITS_CLASS)
    acts = select(Finding.id).join(Pupil, Finding.pupil_id == Pupil.id)
    begun = acts.where(*mine, Finding.code != "MATCH", findings_state.BEGUN)
    if db.session.scalar(begun.limit(1)) is not None:
        return True
    others = select(Unlisted.id).where(Unlisted.round_id == check.round_id, Unlisted.class_id == check.class_id)
    acted = Unlisted.result.is_not(None) | findings_state.SETTLED
    return db.session.scalar(others.where(Unlisted.removed_at.is_(None), acted).limit(1)) is not None


def _covers(check: RecordCheck) -> bool:
    """True when nothing has been found since the class was reported last."""
    if check.reported_at is None:
        return False
    own = (Finding.round_id == check.round_id, Finding.class_id == check.class_id, Finding.at > check.reported_at)
    more = (Unlisted.round_id == check.round_id, Unlisted.class_id == check.class_id, Unlisted.at > check.reported_at)
    later = (select(Finding.id).where(*own), select(Unlisted.id).where(*more, Unlisted.removed_at.is_(None)))
    return all(db.session.scalar(query.limit(1)) is None for query in later)
