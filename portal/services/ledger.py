"""The ledger behind the denominator: roster at the freeze, plus who joined, minus who left (F5, R106, R107)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.orm import joinedload

from portal.models import (
    Application,
    Change,
    Decision,
    Evidence,
    Finding,
    Guardianship,
    LedgerEntry,
    Photo,
    Place,
    Pupil,
    Round,
    Sheet,
    User,
    db,
)
from portal.rules.masks import mask_name
from portal.rules.places import below
from portal.rules.roles import Actor, Level
from portal.services import sheets
from portal.services.lists import find, round_of

PAGE = 50
SHOWS = ("roster", "joined", "left", "excluded")


@dataclass(frozen=True)
class Ledger:
    """The four numbers of a place: roster + joined - left = expected; `excluded` by reason are in none of them."""

    place: Place
    round: Round
    roster: int
    joined: int
    left: int
    expected: int
    excluded: dict[str, int]


@dataclass(frozen=True)
class Line:
    """One pupil of a list; masked unless the reader works at the school. `reason` is a kind or an exclusion."""

    pupil_id: UUID
    name: str
    school: str
    class_name: str
    reason: str | None = None
    at: datetime | None = None
    by: str = ""


def ledger_of(actor: Actor, place_id: UUID) -> Ledger:
    """The ledger of a place inside the actor's; raises `NotFound` outside and `NoRound` without a round."""
    place, found = find(actor, Place, place_id), round_of(actor)
    here = _here(Sheet, found, place)
    columns = (Sheet.in_scope, Sheet.exclusion)
    counts = db.session.execute(select(*columns, func.count()).where(*here).group_by(*columns))
    expected = 0
    excluded: dict[str, int] = {}
    for in_scope, exclusion, n in counts:
        if in_scope:
            expected += n
        else:
            excluded[str(exclusion)] = n
    joined, left = (_entries(found, place, change) for change in (1, -1))
    roster = db.session.scalar(select(func.count()).select_from(_frozen(found, place).subquery())) or 0
    return Ledger(place, found, roster, joined, left, expected, excluded)


def lines_of(actor: Actor, ledger: Ledger, show: str, page: int) -> tuple[int, list[Line]]:
    """How many pupils a number stands for, and 50 of them by class: `show` is one of `SHOWS`."""
    found, place = ledger.round, ledger.place
    if show in ("joined", "left"):
        return _entry_lines(actor, found, place, 1 if show == "joined" else -1, page)
    wanted = _frozen(found, place)
    if show == "excluded":
        wanted = select(Sheet.id).where(*_here(Sheet, found, place), Sheet.in_scope.is_(False))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    query = select(Sheet).where(Sheet.id.in_(wanted)).options(joinedload(Sheet.pupil).joinedload(Pupil.class_))
    query = (
        query.options(joinedload(Sheet.pupil).joinedload(Pupil.school))
        .order_by(Sheet.path, Sheet.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return total, [_line(actor, s.pupil, s.exclusion) for s in db.session.scalars(query)]


def _here(table: Any, found: Round, place: Place) -> tuple[ColumnElement[bool], ...]:
    low, high = below(place.path)
    return (table.round_id == found.id, table.path >= low, table.path < high)


def _entries(found: Round, place: Place, change: int) -> int:
    query = select(func.count(LedgerEntry.id)).where(*_here(LedgerEntry, found, place), LedgerEntry.change == change)
    return db.session.scalar(query) or 0


def _frozen(found: Round, place: Place) -> Select[UUID]:
    """Sheets that were in scope before any entry of the ledger: counted by themselves, not by taking away."""
    changes = select(LedgerEntry.pupil_id, func.sum(LedgerEntry.change).label("net"))
    net = changes.where(LedgerEntry.round_id == found.id).group_by(LedgerEntry.pupil_id).subquery()
    now_in = case((Sheet.in_scope, 1), else_=0)
    query = select(Sheet.id).outerjoin(net, net.c.pupil_id == Sheet.pupil_id).where(*_here(Sheet, found, place))
    return query.where(now_in - func.coalesce(net.c.net, 0) == 1)


def _entry_lines(actor: Actor, found: Round, place: Place, change: int, page: int) -> tuple[int, list[Line]]:
    mine = (*_here(LedgerEntry, found, place), LedgerEntry.change == change)
    query = select(LedgerEntry, Pupil, User).join(Pupil, LedgerEntry.pupil_id == Pupil.id)
    query = query.outerjoin(User, LedgerEntry.by_id == User.id).where(*mine)
    query = query.options(joinedload(Pupil.class_), joinedload(Pupil.school))
    query = query.order_by(LedgerEntry.at.desc(), LedgerEntry.id).limit(PAGE).offset((page - 1) * PAGE)
    lines = []
    for entry, pupil, user in db.session.execute(query):
        by = user.name or "" if user else ""
        lines.append(_line(actor, pupil, entry.reason, entry.at, by))
    return _entries(found, place, change), lines


def _line(actor: Actor, pupil: Pupil, reason: str | None, at: datetime | None = None, by: str = "") -> Line:
    name = pupil.record["name"]
    shown = name if actor.level in (Level.SCHOOL, Level.CLASS) else mask_name(name)
    return Line(pupil.id, shown, pupil.school.name, pupil.class_.name, reason, at, by)


def follow(sheet: Sheet, pupil: Pupil) -> None:
    """Put a sheet and what hangs on it into the pupil's class, so that the new teacher sees it. The caller commits."""
    sheet.class_id, sheet.path = pupil.class_id, pupil.path
    for table in (Photo, Change, Evidence):
        db.session.execute(update(table).where(table.sheet_id == sheet.id).values(path=pupil.path))
    db.session.execute(update(Decision).where(Decision.thing_id == sheet.id).values(path=pupil.path))
    mine = (LedgerEntry.round_id == sheet.round_id) & (LedgerEntry.pupil_id == pupil.id)
    db.session.execute(update(LedgerEntry).where(mine).values(path=pupil.path))
    for own in (Guardianship, Application):
        db.session.execute(update(own).where(own.pupil_id == pupil.id).values(path=pupil.path))
    found = (Finding.round_id == sheet.round_id) & (Finding.pupil_id == pupil.id)
    db.session.execute(update(Finding).where(found).values(path=pupil.path))
    applied = select(Application.id).where(Application.pupil_id == pupil.id)
    db.session.execute(update(Evidence).where(Evidence.application_id.in_(applied)).values(path=pupil.path))


def rescope(found: Round, sheet: Sheet, pupil: Pupil, actor: Actor, reason: str, finished: date | None = None) -> int:
    """Settle whether the sheet is in scope after a change of its pupil; returns the entry written: -1, 0 or +1.

    `finished` is the day on which a status change was finished: after the cut-off it puts the pupil into the next
    round, and later changes of the record do not bring them back into this one (R107). The caller commits.
    """
    why = sheets.exclusion_of(found, pupil, finished)
    if why is None and finished is None and sheet.exclusion == sheets.AFTER_CUT_OFF:
        why = sheets.AFTER_CUT_OFF
    return set_scope(sheet, pupil, actor, reason, why)


def set_scope(sheet: Sheet, pupil: Pupil, actor: Actor, reason: str, why: str | None) -> int:
    """Put a sheet out of scope with the reason `why`, or into it; returns the entry written. The caller commits."""
    if (why is None) == sheet.in_scope:
        sheet.exclusion = why
        return 0
    sheet.in_scope, sheet.exclusion = why is None, why
    change = 1 if why is None else -1
    entry = LedgerEntry(round_id=sheet.round_id, pupil_id=pupil.id, path=pupil.path, reason=reason, change=change)
    entry.by_id = actor.user_id
    db.session.add(entry)
    return change


def sheets_of(found: Round, pupil_ids: Sequence[UUID]) -> dict[UUID, Sheet]:
    """The sheets of these pupils in a round, by pupil, locked."""
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.pupil_id.in_(pupil_ids)).with_for_update()
    return {sheet.pupil_id: sheet for sheet in db.session.scalars(query)}
