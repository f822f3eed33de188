"""What the school does about findings (J3): each action is said to be done, or done by the record itself.

Only findings of reported classes are shown: before that the teacher is still looking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from portal.models import Finding, Place, Pupil, RecordCheck, Unlisted, db
from portal.rules.clock import now
from portal.rules.findings import UPWARD, Act, FindingCode, Registration, act_of, likely_kinds, results
from portal.rules.masks import mask_id, mask_name
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import findings_state, findings_unlisted, lists, tickets, viewing
from portal.services.findings_state import ClassFacts
from portal.services.findings_unlisted import Listed
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate


@dataclass(frozen=True)
class Todo:
    """One finding with what follows from it; `kinds` are the movements to offer first, `says_done` is true when it is
    done because somebody said so, `begun_at` when something was done first."""

    finding_id: UUID
    pupil_id: UUID
    class_name: str
    name: str
    code: FindingCode
    act: Act
    status: str
    note: str
    kinds: tuple[str, ...]
    is_done: bool
    says_done: bool
    begun_at: datetime | None


@dataclass(frozen=True)
class SchoolCheck:
    """The check at a school: its classes, what is left to do and what is done."""

    classes: tuple[ClassFacts, ...]
    todos: tuple[Todo, ...]
    children: tuple[Listed, ...]

    @property
    def missing(self) -> int:
        """How many pupils have no finding yet."""
        return sum(one.counts.missing for one in self.classes)


def school_check(actor: Actor) -> SchoolCheck:
    """Everything of the actor's school in the present round; raises `NotFound` anywhere else."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    found = lists.round_of(actor)
    classes = findings_state.classes_below(found, actor.path)
    order = {place.id: n for n, place in enumerate(lists.classes_of(actor.place_id))}
    reported = [one.class_id for one in classes if one.reported_at is not None]
    query = (
        select(Finding, Pupil, Place.name, findings_state.DONE)
        .join(Pupil, Finding.pupil_id == Pupil.id)
        .join(Place, Finding.class_id == Place.id)
        .where(Finding.round_id == found.id, Finding.class_id.in_(reported), findings_state.OF_ITS_CLASS)
        .where(Finding.code != FindingCode.MATCH)
        .order_by(Finding.path, Finding.at, Finding.id)
    )
    todos = [_todo(*row) for row in db.session.execute(query)]
    children = findings_unlisted.listed(Unlisted.round_id == found.id, Unlisted.class_id.in_(reported))
    return SchoolCheck(
        tuple(sorted(classes, key=lambda one: order.get(one.class_id, 0))), tuple(todos), tuple(children)
    )


def _todo(finding: Finding, pupil: Pupil, class_name: str, done: bool) -> Todo:
    code, kept = FindingCode(finding.code), pupil.record
    return Todo(
        finding_id=finding.id,
        pupil_id=pupil.id,
        class_name=class_name,
        name=kept["name"],
        code=code,
        act=act_of(code, kept["student_number"]),
        status=pupil.status,
        note=finding.note or "",
        kinds=likely_kinds(code, pupil.status),
        is_done=bool(done),
        says_done=finding.done_at is not None,
        begun_at=finding.begun_at,
    )


def reported_about(actor: Actor, pupil_id: UUID) -> Todo | None:
    """What is reported about a pupil of the actor's school, when it needs an action."""
    return next((todo for todo in school_check(actor).todos if todo.pupil_id == pupil_id), None)


def set_done(actor: Actor, finding_id: UUID, done: bool) -> None:
    """Say that nothing is left to do about a finding, or take that back. Saying it twice changes nothing. Commits."""
    finding = _reported(actor, finding_id)
    if done != (finding.done_at is not None):
        finding.done_at, finding.done_by_id = (now(), actor.user_id) if done else (None, None)
        record(actor, finding, "FINDING_DONE" if done else "FINDING_NOT_DONE", finding.school_id, code=finding.code)
    db.session.commit()


def set_child_done(actor: Actor, unlisted_id: UUID, done: bool) -> None:
    """The same for a child who was not listed: transferred in, or back at the school that has the record. Commits."""
    child = _child(actor, unlisted_id)
    if done != (child.done_at is not None):
        child.done_at, child.done_by_id = (now(), actor.user_id) if done else (None, None)
        record(actor, child, "UNLISTED_DONE" if done else "UNLISTED_NOT_DONE", child.school_id, code=child.code)
    db.session.commit()


def report_up(actor: Actor, finding_id: UUID) -> None:
    """Ask the level above for what the school cannot do itself: a death undone that was entered by mistake (M7), a
    false record with a formal number treated (M4). Commits."""
    finding = _reported(actor, finding_id)
    pupil = db.session.get_one(Pupil, finding.pupil_id)
    kept = pupil.record
    act = act_of(FindingCode(finding.code), kept["student_number"])
    if act not in UPWARD:
        raise NotFound
    words = {"class_": pupil.class_.name, "name": kept["name"], "number": kept["student_number"]}
    finding.begun_at = finding.begun_at or now()
    record(actor, finding, "REPORT_UP", finding.school_id, code=finding.code)
    tickets.ask(tickets.Asker(actor), _LETTERS[act] % words, "staff.findings")
    db.session.commit()


#: what the school writes to the level above; the student number is masked there as in every question
_LETTERS = {
    Act.REPORT_UP: "%(class_)s的学生 %(name)s（学籍号 %(number)s）在班里上课，学籍状态却是“死亡”。"
    "学校改不了，请核实，并逐级上报改回在校。",
    Act.TREAT: "%(class_)s的 %(name)s（学籍号 %(number)s）有学籍，班主任核对没有这个人。"
    "是正式学籍号，学校不能按误操作删除，请按问题学籍办理。",
}


def set_result(actor: Actor, unlisted_id: UUID, result: str) -> None:
    """Write down what became of a child on the registration list (R122). At the school: the registry's answer; at the
    responsible authority: that the record has been entered. Commits."""
    child = _child(actor, unlisted_id)
    person, by_authority = child.person, actor.level != Level.SCHOOL
    if by_authority and actor.place_id != db.session.get_one(Place, child.school_id).parent_id:
        raise NotFound
    proved = bool(person["id_number"] or person.get("certificate"))
    before = Registration(child.result) if child.result else None
    if before == result:
        return
    if result not in results(before, by_authority, proved):
        raise TooLate(_WHY_NOT if proved else N_("没有证件号的，先登记无证件号证明，才能记结果。"))
    child.result = result
    record(actor, child, "REGISTRATION_RESULT", child.school_id, states=(before, result))
    db.session.commit()


_WHY_NOT = N_("现在不能记成这个结果。通过的才能录入，由主管教育局录。")


def note_certificate(actor: Actor, unlisted_id: UUID) -> None:
    """The certificate that a child has no number is there and goes along with the list (L15). Commits."""
    child = _child(actor, unlisted_id)
    if child.person["id_number"]:
        raise Refusal(N_("这个孩子有证件号，不用无证件号证明。"))
    if not child.person.get("certificate"):
        child.person = child.person | {"certificate": "1"}
        record(actor, child, "NO_ID_CERTIFICATE", child.school_id)
    db.session.commit()


def to_enter(actor: Actor) -> list[tuple[str, Listed]]:
    """(school, child) of the schools this authority is responsible for whose registration has passed or is entered;
    names and numbers masked."""
    return [(school, _masked(child)) for school, child in _to_enter(actor)]


def to_enter_in_full(actor: Actor) -> list[tuple[str, Listed]]:
    """The same with names and numbers; who looked is written down and counted. Commits."""
    place = db.session.get_one(Place, actor.place_id)
    viewing.show(actor, place, "SEE_CHECK_LIST_IN_FULL", place.id, rows=len(_to_enter(actor)))
    return _to_enter(actor)


def _masked(child: Listed) -> Listed:
    return replace(child, name=mask_name(child.name), number=mask_id(child.number))


def _to_enter(actor: Actor) -> list[tuple[str, Listed]]:
    found = lists.round_of(actor)
    schools = select(Place.id, Place.name).where(Place.parent_id == actor.place_id, Place.level == Level.SCHOOL)
    names = dict(db.session.execute(schools).all())
    wanted = and_(
        Unlisted.round_id == found.id,
        Unlisted.school_id.in_(names),
        Unlisted.result.in_((Registration.PASSED, Registration.ENTERED)),
    )
    above = dict(db.session.execute(select(Unlisted.id, Unlisted.school_id).where(wanted)).all())
    return [(names[above[child.unlisted_id]], child) for child in findings_unlisted.listed(wanted)]


def _reported(actor: Actor, finding_id: UUID) -> Finding:
    """A finding of a reported class of the actor's school, locked."""
    finding = lists.find(actor, Finding, finding_id, lock=True)
    _require_reported(finding)
    if finding.code == FindingCode.MATCH:
        raise NotFound
    return finding


def _child(actor: Actor, unlisted_id: UUID) -> Unlisted:
    child = lists.find(actor, Unlisted, unlisted_id, lock=True)
    if child.removed_at is not None:
        raise NotFound
    _require_reported(child)
    return child


def _require_reported(thing: Finding | Unlisted) -> None:
    own = (RecordCheck.round_id == thing.round_id, RecordCheck.class_id == thing.class_id)
    if db.session.scalar(select(RecordCheck.reported_at).where(*own)) is None:
        raise TooLate(N_("这个班还没有上报，班主任还在核对。"))
