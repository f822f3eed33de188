"""What a class teacher says about the pupils of the class, one tap each: here as registered, or what is different (J2).

Everything is saved as one goes and can be said anew until the class has been reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from portal.models import Finding, Place, Pupil, RecordCheck, Round, User, db
from portal.rules.clock import now
from portal.rules.findings import FindingCode, possible
from portal.rules.roles import Actor, Level
from portal.rules.scope import ON_ROLL
from portal.rules.words import N_
from portal.services import checking, findings_state, lists
from portal.services.findings_state import ClassFacts
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate

LONGEST_NOTE = 200
REPORTED = N_("这个班已经上报了。要改，请先拿回来。")


@dataclass(frozen=True)
class Row:
    """A pupil of the list: what the record says, what was found, what can be found; `is_open` while it may be said."""

    pupil_id: UUID
    seat: str
    name: str
    status: str
    has_left: bool
    code: FindingCode | None
    note: str
    options: tuple[FindingCode, ...]
    is_open: bool

    @property
    def is_expected(self) -> bool:
        """True for who should sit in the classroom."""
        return self.status == ON_ROLL and not self.has_left

    @property
    def others(self) -> tuple[FindingCode, ...]:
        """What can be found besides that all is as registered."""
        return tuple(code for code in self.options if code != FindingCode.MATCH)


@dataclass(frozen=True)
class ClassCheck:
    """The list of a class: `rows` need a finding each, `left` have left and may sit there all the same."""

    facts: ClassFacts
    school: str
    rows: tuple[Row, ...]
    left: tuple[Row, ...]
    reported_by: str

    @property
    def silent(self) -> int:
        """How many who should be here have no finding yet; one press says it of all of them."""
        return sum(row.is_expected and row.code is None for row in self.rows)

    def count(self, code: FindingCode) -> int:
        """How many pupils have this finding."""
        return sum(row.code == code for row in (*self.rows, *self.left))

    @property
    def exceptions(self) -> list[Row]:
        """Who is not as registered."""
        return [row for row in (*self.rows, *self.left) if row.code not in (None, FindingCode.MATCH)]


def class_of(actor: Actor, class_id: UUID | None) -> Place:
    """A class of the actor's place, by default the actor's own; raises `NotFound`."""
    if class_id is None and actor.level != Level.CLASS:
        raise NotFound
    return checking.class_of(actor, class_id or actor.place_id)


def class_check(actor: Actor, class_id: UUID | None = None) -> ClassCheck:
    """The list of a class inside the actor's place, by number within the class."""
    class_, found = class_of(actor, class_id), lists.round_of(actor)
    facts = findings_state.facts_of(found, class_)
    check = _check(found, class_)
    mine = {one.pupil_id: one for one in db.session.scalars(_findings(found, class_))}
    query = select(Pupil).where(Pupil.class_id == class_.id, Pupil.is_draft.is_(False))
    pairs = sorted(((pupil, pupil.record) for pupil in db.session.scalars(query)), key=lambda p: lists.seat_order(p[1]))
    rows = [_row(pupil, kept, mine.get(pupil.id), facts) for pupil, kept in pairs]
    by = db.session.get(User, check.reported_by_id) if check and check.reported_by_id else None
    school = db.session.get_one(Place, checking.school_of(class_))
    return ClassCheck(
        facts=facts,
        school=school.name,
        rows=tuple(row for row in rows if not row.has_left),
        left=tuple(row for row in rows if row.has_left and row.options),
        reported_by=by.name or "" if by else "",
    )


def facts(actor: Actor, class_id: UUID) -> ClassFacts:
    """How far the check of a class inside the actor's place is."""
    return findings_state.facts_of(lists.round_of(actor), class_of(actor, class_id))


def one_row(actor: Actor, class_id: UUID, pupil_id: UUID) -> Row:
    """One pupil of the list; raises `NotFound`."""
    class_, found = class_of(actor, class_id), lists.round_of(actor)
    pupil = _pupil(actor, class_, pupil_id)
    mine = db.session.scalar(_findings(found, class_).where(Finding.pupil_id == pupil.id))
    return _row(pupil, pupil.record, mine, findings_state.facts_of(found, class_))


def mark(actor: Actor, class_id: UUID, pupil_id: UUID, code: str, note: str = "") -> None:
    """Say what was found about a pupil; an empty code takes it back. Saying the same twice changes nothing. Commits.

    Raises `TooLate` once the class is reported, `Refusal` for a finding that does not fit the pupil's record.
    """
    found, check = lists.round_of(actor), lock_check(actor, class_id)
    pupil = _pupil(actor, db.session.get_one(Place, check.class_id), pupil_id)
    mine = db.session.scalar(select(Finding).where(Finding.round_id == found.id, Finding.pupil_id == pupil.id))
    if check.reported_at is not None and mine is not None and _is_reported(mine, check):
        raise TooLate(REPORTED)
    if code and code not in possible(pupil.status, pupil.left_at is not None):
        raise Refusal(N_("这个学生不能这样记，请看一看学籍现在的状态。"))
    before, words = (mine.code if mine else None), note.strip()
    if len(words) > LONGEST_NOTE:
        raise Refusal(N_("说明最多写 %(n)s 个字。"), n=LONGEST_NOTE)
    if code:
        _keep(actor, mine or _new(check, pupil), code, words, check)
    elif mine is not None:
        db.session.delete(mine)
    if code != (before or ""):
        record(actor, check, "FIND", check.school_id, states=(before, code or None), pupil=pupil.id.hex)
    db.session.commit()


def mark_rest(actor: Actor, class_id: UUID) -> datetime | None:
    """Say that everybody who should be here and has no finding yet is here; returns the moment by which it can be
    taken back, None when it was said of nobody. Commits."""
    class_, check, moment = class_of(actor, class_id), lock_check(actor, class_id), now()
    found = lists.round_of(actor)
    said = select(Finding.pupil_id).where(Finding.round_id == found.id, Finding.class_id == class_.id)
    query = select(Pupil).where(Pupil.class_id == class_.id, Pupil.status == ON_ROLL, Pupil.id.not_in(said))
    silent = list(db.session.scalars(query.where(*findings_state.on_roster(class_.path))))
    elsewhere = select(Finding).where(Finding.round_id == found.id, Finding.pupil_id.in_([one.id for one in silent]))
    earlier = {one.pupil_id: one for one in db.session.scalars(elsewhere)}
    for pupil in silent:
        _keep(actor, earlier.get(pupil.id) or _new(check, pupil), FindingCode.MATCH, "", check, moment)
    if silent:
        record(actor, check, "FIND_REST", check.school_id, pupils=len(silent), at=moment.isoformat())
    db.session.commit()
    return moment if silent else None


def undo_rest(actor: Actor, class_id: UUID, moment: datetime) -> int:
    """Take back what `mark_rest` said at this moment, as far as nothing else has been said since. Commits."""
    check = lock_check(actor, class_id)
    if check.reported_at is not None and check.reported_at >= moment:
        raise TooLate(REPORTED)
    mine = (Finding.round_id == check.round_id, Finding.class_id == check.class_id, Finding.by_id == actor.user_id)
    made = delete(Finding).where(*mine, Finding.code == FindingCode.MATCH, Finding.at == moment)
    count = int(getattr(db.session.execute(made), "rowcount", 0))
    if count:
        record(actor, check, "UNDO_FIND_REST", check.school_id, pupils=count)
    db.session.commit()
    return count


def lock_check(actor: Actor, class_id: UUID) -> RecordCheck:
    """The check of a class, made when it is the first act, locked with its class: one hand at a time. The lock of the
    class lets others refer to it."""
    class_, found = class_of(actor, class_id), lists.round_of(actor)
    db.session.execute(select(Place.id).where(Place.id == class_.id).with_for_update(key_share=True))
    check = _check(found, class_, lock=True)
    if check is None:
        own: dict[str, Any] = {"school_id": checking.school_of(class_), "class_id": class_.id, "path": class_.path}
        check = RecordCheck(round_id=found.id, **own)
        db.session.add(check)
        db.session.flush()
    return check


def _check(found: Round, class_: Place, lock: bool = False) -> RecordCheck | None:
    query = select(RecordCheck).where(RecordCheck.round_id == found.id, RecordCheck.class_id == class_.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _findings(found: Round, class_: Place) -> Any:
    return select(Finding).where(Finding.round_id == found.id, Finding.class_id == class_.id)


def _pupil(actor: Actor, class_: Place, pupil_id: UUID) -> Pupil:
    pupil = lists.find(actor, Pupil, pupil_id)
    if pupil.class_id != class_.id or pupil.is_draft:
        raise NotFound
    return pupil


def _is_reported(mine: Finding, check: RecordCheck) -> bool:
    """True when a finding of this class was part of its report."""
    return mine.class_id == check.class_id and check.reported_at is not None and mine.at <= check.reported_at


def _new(check: RecordCheck, pupil: Pupil) -> Finding:
    made = Finding(round_id=check.round_id, pupil_id=pupil.id, school_id=check.school_id, class_id=check.class_id)
    db.session.add(made)
    return made


def _keep(
    actor: Actor, mine: Finding, code: str, note: str, check: RecordCheck, moment: datetime | None = None
) -> None:
    assert actor.user_id is not None, "a finding has somebody who made it"
    mine.class_id, mine.path = check.class_id, check.path
    mine.code, mine.note, mine.by_id, mine.at = code, note or None, actor.user_id, moment or now()
    mine.begun_at, mine.done_at, mine.done_by_id = None, None, None


def _row(pupil: Pupil, kept: dict[str, str], mine: Finding | None, facts: ClassFacts) -> Row:
    is_reported = facts.reported_at is not None and mine is not None and mine.at <= facts.reported_at
    options = possible(pupil.status, pupil.left_at is not None)
    told = mine is not None and (pupil.left_at is None or mine.code in options)  # who has left since is no exception
    return Row(
        pupil_id=pupil.id,
        seat=kept.get("class_seat_number", ""),
        name=kept["name"],
        status=pupil.status,
        has_left=pupil.left_at is not None,
        code=FindingCode(mine.code) if mine and told else None,
        note=mine.note or "" if mine and told else "",
        options=options,
        is_open=not is_reported,
    )
