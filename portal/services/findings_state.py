"""How far the person-record check is, class by class: derived from records and findings, nothing of it is stored (J5).

An action is done when the school says so, or when the record itself agrees with what was found: the pupil has left, is
on roll again, or a record with the child's number is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from portal.models import Application, Finding, Place, Pupil, RecordCheck, Round, Unlisted, db
from portal.rules.applications import ApplicationKind
from portal.rules.findings import CheckCounts, CheckState, FindingCode, Registration, state_of
from portal.rules.places import below
from portal.rules.roles import Level
from portal.rules.scope import ON_ROLL

_C = FindingCode
_GONE = Pupil.left_at.is_not(None)
_RESTORED = and_(Pupil.left_at.is_(None), Pupil.status == ON_ROLL)
#: the finding's action is done; asked of findings joined with their pupils
DONE: ColumnElement[bool] = or_(
    Finding.done_at.is_not(None),
    and_(Finding.code == _C.LEFT_ON_ROLL, or_(_GONE, Pupil.status != ON_ROLL)),
    and_(Finding.code == _C.FALSE_RECORD, _GONE),
    and_(Finding.code.in_((_C.STATUS_OFF_ROLL, _C.STATUS_DEAD)), _RESTORED),
)
_APPLIED = exists().where(
    Application.pupil_id == Finding.pupil_id,
    Application.kind == ApplicationKind.DELETION,
    Application.made_at >= Finding.at,
)
#: something has been done about it
BEGUN: ColumnElement[bool] = or_(DONE, Finding.begun_at.is_not(None), Pupil.business_open, _APPLIED)
#: a child who was not listed has a record here now
LISTED: ColumnElement[bool] = exists().where(
    Pupil.id_index == Unlisted.id_index,
    Pupil.school_id == Unlisted.school_id,
    Pupil.class_id == Unlisted.class_id,
    Pupil.left_at.is_(None),
    Pupil.is_draft.is_(False),
)
SETTLED: ColumnElement[bool] = or_(Unlisted.done_at.is_not(None), Unlisted.result == Registration.ENTERED, LISTED)
#: a finding counts for the class in which it was made
OF_ITS_CLASS = Finding.class_id == Pupil.class_id


@dataclass(frozen=True)
class ClassFacts:
    """One class: what is counted, when it was reported last, when something was found last."""

    class_id: UUID
    name: str
    code: str
    path: str
    counts: CheckCounts
    reported_at: datetime | None

    @property
    def state(self) -> CheckState:
        return state_of(self.counts)

    @property
    def is_again(self) -> bool:
        """True when a reported class is open again: somebody has joined, or more has been found."""
        return self.reported_at is not None and self.state == CheckState.OPEN

    @property
    def left_to_do(self) -> int:
        """How many actions are not done."""
        return self.counts.acts - self.counts.done


def on_roster(path: str) -> tuple[ColumnElement[bool], ...]:
    """The pupils below a path who must have a finding: every record that has not left."""
    return (*_inside(Pupil.path, path), Pupil.left_at.is_(None), Pupil.is_draft.is_(False))


def classes_below(found: Round, path: str) -> list[ClassFacts]:
    """The facts of every class below a path, in the order of paths; four queries whatever their number."""
    facts: dict[UUID, dict[str, Any]] = {}
    for rows, names in (
        (_roster(found, path), ("pupils", "found", "found_at")),
        (_acts(found, path), ("acts", "begun", "done", "acts_at")),
        (_unlisted(found, path), ("others", "others_begun", "others_done", "others_at")),
    ):
        for class_id, *values in rows:
            facts.setdefault(class_id, {}).update(zip(names, values, strict=True))
    reports = select(RecordCheck.class_id, RecordCheck.reported_at).where(RecordCheck.round_id == found.id)
    reported = dict(db.session.execute(reports.where(*_inside(RecordCheck.path, path))).all())
    places = select(Place.id, Place.name, Place.code, Place.path).where(Place.level == Level.CLASS)
    query = places.where(*_inside(Place.path, path)).order_by(Place.path)
    return [
        ClassFacts(*place, _counts(facts.get(place[0], {}), reported.get(place[0])), reported.get(place[0]))
        for place in db.session.execute(query)
    ]


def facts_of(found: Round, class_: Place) -> ClassFacts:
    """The facts of one class."""
    return classes_below(found, class_.path)[0]


def _counts(facts: dict[str, Any], reported_at: datetime | None) -> CheckCounts:
    last = max((facts[name] for name in ("found_at", "acts_at", "others_at") if facts.get(name)), default=None)
    return CheckCounts(
        pupils=facts.get("pupils", 0),
        found=facts.get("found", 0),
        acts=facts.get("acts", 0) + facts.get("others", 0),
        begun=facts.get("begun", 0) + facts.get("others_begun", 0),
        done=facts.get("done", 0) + facts.get("others_done", 0),
        reported=reported_at is not None and (last is None or last <= reported_at),
    )


def _inside(column: Any, path: str) -> tuple[ColumnElement[bool], ...]:
    low, high = below(path)
    return (column >= low, column < high)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _roster(found: Round, path: str) -> Iterable[Any]:
    mine = and_(Finding.round_id == found.id, Finding.pupil_id == Pupil.id, OF_ITS_CLASS)
    columns = (Pupil.class_id, func.count(), func.count(Finding.id), func.max(Finding.at))
    query = select(*columns).select_from(Pupil).outerjoin(Finding, mine).where(*on_roster(path))
    return db.session.execute(query.group_by(Pupil.class_id))


def _acts(found: Round, path: str) -> Iterable[Any]:
    columns = (Finding.class_id, func.count(), _number(BEGUN), _number(DONE), func.max(Finding.at))
    query = select(*columns).join(Pupil, Finding.pupil_id == Pupil.id)
    query = query.where(Finding.round_id == found.id, OF_ITS_CLASS, Finding.code != _C.MATCH)
    return db.session.execute(query.where(*_inside(Finding.path, path)).group_by(Finding.class_id))


def _unlisted(found: Round, path: str) -> Iterable[Any]:
    begun = or_(SETTLED, Unlisted.result.is_not(None))
    columns = (Unlisted.class_id, func.count(), _number(begun), _number(SETTLED), func.max(Unlisted.at))
    query = select(*columns).where(Unlisted.round_id == found.id, Unlisted.removed_at.is_(None))
    return db.session.execute(query.where(*_inside(Unlisted.path, path)).group_by(Unlisted.class_id))
