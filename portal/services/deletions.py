"""Deletion of records that were made by mistake: who can be chosen, what is under way, and the taking out (M1, M2).

Nobody is ever erased: status, ledger and figures say that the record is closed, everything it was stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Application, Pupil, Step, db, keyring
from portal.rules import deletions
from portal.rules.applications import OPEN, REFUSED, ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.masks import mask_id
from portal.rules.normalise import normalise
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import applications, figures, ledger, lists, pupils
from portal.services.application_checks import missing_evidence, require_deletable
from portal.services.history import record, steps_of
from portal.services.refusals import NotFound, NotYours, Refusal

ENDED_SHOWN = 30


@dataclass(frozen=True)
class Row:
    """One deletion in the school's list."""

    application_id: UUID
    name: str
    class_name: str
    number: str
    state: ApplicationState
    since: datetime
    refusal: str

    @property
    def is_refused(self) -> bool:
        """It was refused and its entry still stands: other business waits."""
        return self.state in REFUSED


@dataclass(frozen=True)
class Chosen:
    """A pupil to choose; `why_not` is the sentence that says why not (a message id)."""

    pupil_id: UUID
    name: str
    class_name: str
    number: str
    is_draft: bool
    has_left: bool
    why_not: str | None
    blocking: Application | None = None


def list_of(actor: Actor) -> tuple[list[Row], list[Row]]:
    """The school's deletions: those under way, refused ones that still block first; and the last that have ended."""
    require_school(actor)
    mine = (Application.school_id == actor.place_id, Application.kind == ApplicationKind.DELETION)
    query = select(Application).where(*mine).order_by(Application.since.desc(), Application.id)
    query = query.options(joinedload(Application.pupil).joinedload(Pupil.class_))
    stands = Application.state.in_(OPEN | REFUSED)
    open_ = sorted(db.session.scalars(query.where(stands)), key=lambda one: one.state not in REFUSED)
    ended = db.session.scalars(query.where(~stands).limit(ENDED_SHOWN))
    return [_row(one) for one in open_], [_row(one) for one in ended]


def _row(one: Application) -> Row:
    kept = one.pupil.record
    number = mask_id(kept.get("student_number", ""))
    refusal = refusal_of(one)
    state = ApplicationState(one.state)
    return Row(one.id, kept.get("name", ""), one.pupil.class_.name, number, state, one.since, refusal)


def refusal_of(one: Application) -> str:
    """What the leader or the authority wrote when refusing; empty when nobody refused."""
    if one.state not in REFUSED:
        return ""
    said = one.opinion or {}
    return said.get("leader" if one.state == ApplicationState.REFUSED_BY_LEADER else "authority", "")


def of_class(actor: Actor, class_id: UUID) -> list[Chosen]:
    """The pupils of a class of the actor's school who can be chosen, rows that were never taken over too."""
    require_school(actor)
    query = select(Pupil).where(Pupil.class_id == class_id, lists.inside(Pupil.path, actor), Pupil.left_at.is_(None))
    found = list(db.session.scalars(query.options(joinedload(Pupil.class_))))
    return [_chosen(one) for one in sorted(found, key=lambda one: lists.seat_order(one.record))]


def named(actor: Actor, name: str) -> list[Chosen]:
    """The pupils of the actor's school with exactly this name."""
    require_school(actor)
    index = keyring().blind("pupil.name", normalise("name", name))
    query = select(Pupil).where(Pupil.school_id == actor.place_id, Pupil.name_index == index, Pupil.left_at.is_(None))
    return [_chosen(one) for one in db.session.scalars(query.options(joinedload(Pupil.class_)).order_by(Pupil.path))]


def chosen(actor: Actor, pupil_id: UUID) -> Chosen:
    """One pupil of the actor's school with what stands in the way; raises `NotFound`."""
    require_school(actor)
    found = lists.find(actor, Pupil, pupil_id)
    return replace(_chosen(found), blocking=applications.blocking(found.id))


def _chosen(found: Pupil) -> Chosen:
    kept = found.record
    number = kept.get("student_number", "")
    why = deletions.why_not(number, found.is_draft)
    gone = found.left_at is not None
    return Chosen(found.id, kept.get("name", ""), found.class_.name, mask_id(number), found.is_draft, gone, why)


def find(actor: Actor, application_id: UUID) -> Application:
    """A deletion of the actor's school; raises `NotFound`."""
    require_school(actor)
    found = lists.find(actor, Application, application_id)
    if found.kind != ApplicationKind.DELETION:
        raise NotFound
    return found


def draft(actor: Actor, pupil_id: UUID, reason: str) -> Application:
    """Draft the application. Commits; raises `Refusal` without a reason and for a record that is no mistaken entry."""
    require_school(actor)
    if not reason.strip():
        raise Refusal(N_("请写明为什么是误操作，校领导和主管部门要看。"))
    return applications.make(actor, pupil_id, ApplicationKind.DELETION, {}, reason)


@dataclass(frozen=True)
class View:
    """The page of one deletion; `steps` with who did each, `waits` while a decision can still be undone."""

    application: Application
    chosen: Chosen
    refusal: str
    state: ApplicationState
    missing: tuple[str, ...]
    steps: list[tuple[Step, str]]
    waits: bool


def view_of(actor: Actor, application_id: UUID) -> View:
    """One deletion of the actor's school; raises `NotFound`."""
    found = find(actor, application_id)
    missing = [kind for _item, kinds in missing_evidence(found) for kind in kinds]
    waits = applications.decision_on(found) is not None
    return View(
        found,
        _chosen(found.pupil),
        refusal_of(found),
        ApplicationState(found.state),
        tuple(missing),
        steps_of(found.id),
        waits,
    )


def require_school(actor: Actor) -> None:
    """Raise `NotYours` outside a school."""
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("这件事由学校办。"))


def take_out(actor: Actor, pupil: Pupil) -> None:
    """Close a record for good: status, sheet and figures follow, an open proof of identity ends. The caller has locked
    the pupil and commits. Raises `Refusal` when the record has got a formal number meanwhile (R112)."""
    require_deletable(pupil)
    applications.end_proof(actor, pupil.id)
    before = pupil.status
    kept = pupil.record | {"student_status": deletions.STATUS}
    if pupil.is_draft:  # its indexes are of nobody
        pupil.record, pupil.status = kept, deletions.STATUS
    else:
        pupils.keep_record(pupil, kept)
    pupil.business_open, pupil.left_at = False, now()
    found = figures.current_round(pupil.path)
    sheet = ledger.sheets_of(found, [pupil.id]).get(pupil.id) if found else None
    if found is not None and sheet is not None:
        ledger.rescope(found, sheet, pupil, actor, deletions.REASON)
    record(actor, pupil, "DELETE_RECORD", pupil.school_id, states=(before, pupil.status))
