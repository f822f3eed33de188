"""What stands on the decision slip of an application, for the school and the authorities that had it (H5, R87)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from portal.models import Application, Place, User, db
from portal.paper.decision_slip import Opinion, Row, Slip, print_slip
from portal.rules.applications import REFUSED, ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.roles import Actor, Role
from portal.rules.words import N_
from portal.services import application_checks, application_evidence, lists, transactions
from portal.services.history import record, steps_of
from portal.services.refusals import NotFound, TooLate

__all__ = ["Facts", "Opinion", "Review", "Row", "Slip", "facts_of", "print_for"]


_DECIDED = (ApplicationMove.PASS, ApplicationMove.GRANT, ApplicationMove.REFUSE)


@dataclass(frozen=True)
class Review:
    """One review: at which place, by whom in which post (message id), what they said; `agreed` or not, and when."""

    at_school: bool
    place: str
    name: str
    post: str
    agreed: bool
    opinion: str
    at: datetime


@dataclass(frozen=True)
class Facts:
    """A decided application. `values`: item -> old and new as stored; `files` how many there are."""

    application_id: UUID
    kind: ApplicationKind
    state: ApplicationState
    number: str
    school: str
    school_code: str
    name: str
    class_name: str
    student_number: str
    values: dict[str, dict[str, str]]
    reason: str
    files: int
    made_at: datetime
    made_by: str
    decided_at: datetime
    reviews: tuple[Review, ...]


def facts_of(actor: Actor, application_id: UUID) -> Facts:
    """The facts of a decided application inside the actor's place; raises `NotFound` for one that never came there, and
    `TooLate` while it is not decided."""
    found = lists.find(actor, Application, application_id)
    if not application_evidence.may_see(actor, found):
        raise NotFound
    if found.decided_at is None or (found.state != ApplicationState.GRANTED and found.state not in REFUSED):
        raise TooLate(N_("还没有办完，办完才有核办单。"))
    school = db.session.get_one(Place, found.school_id)
    pupil = found.pupil
    return Facts(
        application_id=found.id,
        kind=ApplicationKind(found.kind),
        state=ApplicationState(found.state),
        number=found.id.hex[:12].upper(),
        school=school.name,
        school_code=school.code,
        name=pupil.record["name"],
        class_name=pupil.class_.name,
        student_number=pupil.record.get("student_number", ""),
        values=found.values or {},
        reason=found.reason or "",
        files=len(application_checks.evidence_of(found)),
        made_at=found.made_at,
        made_by=_name(found.sent_by_id or found.made_by_id),
        decided_at=found.decided_at,
        reviews=tuple(_reviews(found, school)),
    )


def _reviews(found: Application, school: Place) -> list[Review]:
    """The last word of each side; an application that was sent again after it was taken back has one of each."""
    opinion = found.opinion or {}
    sides = {
        ApplicationState.WITH_LEADER: ("leader", school),
        ApplicationState.WITH_AUTHORITY: ("authority", found.authority),
    }
    made: dict[str, Review] = {}
    for step, by in steps_of(found.id):
        if step.move not in _DECIDED or step.before not in sides:
            continue
        side, place = sides[ApplicationState(step.before)]
        post = Role(step.role).label if step.role else ""
        agreed = step.move != ApplicationMove.REFUSE
        made[side] = Review(
            side == "leader", place.name if place else "", by, post, agreed, opinion.get(side, ""), step.at
        )
    return list(made.values())


def _name(user_id: UUID | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return user.name or "" if user else ""


def print_for(actor: Actor, facts: Facts, page: Slip, out: BinaryIO) -> None:
    """Write the PDF; that it was printed is recorded. Commits the step."""
    with transactions.reading():  # nobody who writes waits while the page is laid out
        print_slip(page, out)
    found = lists.find(actor, Application, facts.application_id)
    record(actor, found, "PRINT_SLIP", found.school_id)
    db.session.commit()
