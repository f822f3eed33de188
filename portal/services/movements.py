"""Joiners and leavers: what happened to a pupil, recorded by the school's registrar; nobody is ever erased (F1-F5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.models import Application, Place, Pupil, Round, Sheet, Step, db, keyring
from portal.rules.applications import ApplicationKind
from portal.rules.clock import day_start, today
from portal.rules.movements import KINDS, UNDO, Effect, Kind, day_fault, possible, same_grade
from portal.rules.normalise import normalise
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import applications, ledger, pupils, sheets
from portal.services.history import record, steps_of
from portal.services.lists import classes_of, find, round_of, seat_order
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate

MOVE, TAKE_BACK = "MOVEMENT", "TAKE_BACK_MOVEMENT"


@dataclass(frozen=True)
class Movement:
    """What happened, on which day, into which class (only for a change of class), with an optional note."""

    kind: str
    day: date
    class_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """A pupil to choose: `has_left` and `exclusion` say why they are not in this round."""

    pupil_id: UUID
    name: str
    class_name: str
    seat: str
    has_left: bool
    exclusion: str | None


@dataclass(frozen=True)
class PupilView:
    """One pupil with what may be recorded now; `version` must be the same when it is saved. `blocking` is the
    application that has to end first (H7, R113)."""

    listed: Listed
    status: str
    business_open: bool
    version: int
    kinds: tuple[Kind, ...]
    classes: tuple[Place, ...]
    steps: tuple[tuple[Step, str], ...]
    may_take_back: bool
    blocking: Application | None = None


def pupils_of(actor: Actor, class_id: UUID) -> list[Listed]:
    """The pupils of a class of the actor's school, with those who have left it; by number."""
    _at_school(actor)
    class_ = find(actor, Place, class_id)
    if class_.level != Level.CLASS:
        raise NotFound
    return _listed(actor, select(Pupil).where(Pupil.class_id == class_.id))


def named(actor: Actor, name: str) -> list[Listed]:
    """The pupils of the actor's school with exactly this name."""
    _at_school(actor)
    index = keyring().blind("pupil.name", normalise("name", name))
    return _listed(actor, select(Pupil).where(Pupil.school_id == actor.place_id, Pupil.name_index == index))


def _listed(actor: Actor, query: Select[Pupil]) -> list[Listed]:
    found = round_of(actor)
    pupils_ = query.where(Pupil.is_draft.is_(False)).options(joinedload(Pupil.class_))
    rows = sorted(db.session.scalars(pupils_), key=lambda pupil: (pupil.path, seat_order(pupil.record)))
    sheets_ = select(Sheet).where(Sheet.round_id == found.id, Sheet.pupil_id.in_([pupil.id for pupil in rows]))
    by_pupil = {sheet.pupil_id: sheet for sheet in db.session.scalars(sheets_)}
    return [_one(pupil, by_pupil.get(pupil.id)) for pupil in rows]


def _one(pupil: Pupil, sheet: Sheet | None) -> Listed:
    kept = pupil.record
    exclusion = sheet.exclusion if sheet is not None and not sheet.in_scope else None
    seat = kept.get("class_seat_number", "")
    return Listed(pupil.id, kept["name"], pupil.class_.name, seat, pupil.left_at is not None, exclusion)


def pupil(actor: Actor, pupil_id: UUID) -> PupilView:
    """One pupil of the actor's school; raises `NotFound` for every other id."""
    found = _pupil(actor, pupil_id)
    sheet = db.session.scalar(select(Sheet).where(Sheet.round_id == round_of(actor).id, Sheet.pupil_id == found.id))
    return PupilView(
        listed=_one(found, sheet),
        status=found.status,
        business_open=found.business_open,
        version=found.version,
        kinds=possible(found.status, found.left_at is not None, found.business_open),
        classes=tuple(c for c in classes_of(found.school_id) if _can_take(found, c)),
        steps=tuple((step, by) for step, by in reversed(steps_of(found.id)) if step.move in (MOVE, TAKE_BACK)),
        may_take_back=_last(found) is not None,
        blocking=applications.blocking(found.id),
    )


def record_movement(actor: Actor, pupil_id: UUID, what: Movement, version: int | None = None) -> int:
    """Record what happened to a pupil; status, sheet and figures follow. Commits; returns what it does to the
    denominator: -1, 0 or +1.

    Raises `TooLate` when somebody has changed the pupil since `version`, or when the kind does not fit the pupil any
    more, and `Refusal` for a day that has not come or a class of another grade.
    """
    found = round_of(actor)
    own = _locked(actor, found, pupil_id)
    if version is not None and own.version != version:
        raise TooLate(N_("刚才别人先改了。您填的没有存，请看一眼新的再做。"))
    kind = KINDS.get(what.kind)
    _require_free(own, kind)
    if kind is None or kind not in possible(own.status, own.left_at is not None, own.business_open):
        raise TooLate(N_("这个学生现在不能这样登记，请看一看现在的情况。"))
    fault = day_fault(what.day, today())
    if fault is not None:
        raise Refusal(fault)
    before = _state_of(found, own)
    if kind.effect == Effect.MOVES:
        _move_class(actor, own, what.class_id)
    else:
        _apply(own, kind, what.day)
    change = _settle(actor, found, own, kind, what.day)
    details: dict[str, Any] = {"kind": kind.code, "day": what.day.isoformat(), "change": change, "was": before}
    reason = what.note.strip()[:200] or None
    record(actor, own, MOVE, own.school_id, states=(before["status"], own.status), reason=reason, **details)
    db.session.commit()
    return change


def take_back(actor: Actor, pupil_id: UUID, version: int | None = None) -> int:
    """Take back the last movement, recorded by mistake: everything stands as before it, whatever the cut-off. Commits;
    returns what it does to the denominator.

    Raises `TooLate` when there is none, it has been taken back, or the pupil has been changed since.
    """
    found = round_of(actor)
    own = _locked(actor, found, pupil_id)
    _require_free(own)
    last = _last(own)
    if last is None or last.after != own.status or (version is not None and own.version != version):
        raise TooLate(N_("现在没有可以收回的登记，或者后来又有改动。"))
    was = last.details["was"]
    if was["class"] != own.class_id.hex:
        class_ = find(actor, Place, UUID(was["class"]))
        own.class_id, own.path = class_.id, class_.path
        own.record = own.record | {"class_no": class_.code, "class_seat_number": was["seat"]}
    pupils.keep_record(own, own.record | {"student_status": was["status"]})
    own.business_open = was["business"]
    own.left_at = datetime.fromisoformat(was["left"]) if was["left"] else None
    change = 0
    sheet = ledger.sheets_of(found, [own.id]).get(own.id)
    if sheet is not None:
        ledger.follow(sheet, own)
        why = "left" if own.left_at is not None else was["exclusion"]  # there was no sheet before an expected return
        change = ledger.set_scope(sheet, own, actor, UNDO, why)
    record(actor, own, TAKE_BACK, own.school_id, states=(last.after, own.status), kind=UNDO, step=last.id.hex)
    db.session.commit()
    return change


def _require_free(own: Pupil, kind: Kind | None = None) -> None:
    """Raise `TooLate` while an application is under way (H7: no transfer) or a refused deletion stands (R113). A
    change of class carries an open key-data change along."""
    found = applications.blocking(own.id)
    moves = kind is not None and kind.effect == Effect.MOVES
    if found is not None and not (moves and found.kind == ApplicationKind.CHANGE):
        applications.require_free(own)


def _state_of(found: Round, own: Pupil) -> dict[str, Any]:
    """What a movement may change, kept so that it can be taken back; nothing personal."""
    sheet = ledger.sheets_of(found, [own.id]).get(own.id)
    return {
        "status": own.status,
        "business": own.business_open,
        "left": own.left_at.isoformat() if own.left_at else None,
        "class": own.class_id.hex,
        "seat": own.record.get("class_seat_number", ""),
        "exclusion": sheet.exclusion if sheet else None,
    }


def _last(own: Pupil) -> Step | None:
    """The last movement of a pupil, unless it has been taken back."""
    query = select(Step).where(Step.thing_id == own.id, Step.move.in_((MOVE, TAKE_BACK)))
    last = db.session.scalar(query.order_by(Step.at.desc(), Step.id).limit(1))
    return last if last is not None and last.move == MOVE and "was" in last.details else None


def _apply(own: Pupil, kind: Kind, day: date) -> None:
    if kind.status is not None:
        pupils.keep_record(own, own.record | {"student_status": kind.status})
    own.business_open = kind.effect == Effect.BEGINS
    if kind.effect == Effect.LEAVES:
        own.left_at = day_start(day)
    elif kind.effect == Effect.RETURNS:
        own.left_at = None


def _move_class(actor: Actor, own: Pupil, class_id: UUID | None) -> None:
    """Into another class of the grade; the number within the class is the new teacher's to give (R46)."""
    class_ = find(actor, Place, class_id) if class_id else None
    if class_ is None or class_.level != Level.CLASS:
        raise Refusal(N_("请选换到哪个班。"))
    if not _can_take(own, class_):
        raise Refusal(N_("只能换到同一个年级的别的班。留级、跳级请改好名册再导入。"))
    own.class_id, own.path = class_.id, class_.path
    pupils.keep_record(own, own.record | {"class_no": class_.code, "class_seat_number": ""})


def _can_take(own: Pupil, class_: Place) -> bool:
    return class_.id != own.class_id and same_grade(own.class_.code, class_.code)


def _settle(actor: Actor, found: Round, own: Pupil, kind: Kind, day: date) -> int:
    finished = day if kind.effect in (Effect.RETURNS, Effect.ENDS) else None
    sheet = ledger.sheets_of(found, [own.id]).get(own.id)
    if sheet is None and kind.effect == Effect.RETURNS:
        sheet = sheets.expect_again(found, own)
    if sheet is None:
        return 0
    if sheet.class_id != own.class_id:
        ledger.follow(sheet, own)
    return ledger.rescope(found, sheet, own, actor, kind.code, finished)


def _pupil(actor: Actor, pupil_id: UUID, lock: bool = False) -> Pupil:
    _at_school(actor)
    found = find(actor, Pupil, pupil_id, lock=lock)
    if found.is_draft:
        raise NotFound
    return found


def _locked(actor: Actor, found: Round, pupil_id: UUID) -> Pupil:
    """The pupil, locked after the sheet: the order in which everybody locks them."""
    ledger.sheets_of(found, [_pupil(actor, pupil_id).id])
    return _pupil(actor, pupil_id, lock=True)


def _at_school(actor: Actor) -> None:
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("转入转出由学校的学籍管理员登记。"))
