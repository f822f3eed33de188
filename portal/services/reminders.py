"""Reminding families: one text for all or for one child, capped for each child, never at night, noted as a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Sheet, db
from portal.rules.clock import now
from portal.rules.masks import mask_name
from portal.rules.reminding import NotNow, quiet_until, why_not
from portal.rules.roles import Actor
from portal.rules.standing import Group, Standing
from portal.rules.words import N_
from portal.services import classes, lists
from portal.services.classes import ClassList, Row
from portal.services.history import record
from portal.services.refusals import NotFound, TooLate

#: who can be reminded: the paper is at home and nothing good has come
OPEN = (Standing.UNTOUCHED, Standing.REGISTERED, Standing.SENT_BACK, Standing.UNREADABLE)


@dataclass(frozen=True)
class Child:
    """One child whose sheet is still missing; `masked` stands in a text to its family, `why` says why not now."""

    sheet_id: UUID
    seat: str
    name: str
    masked: str
    again: bool
    reminded: int
    why: NotNow | None


@dataclass(frozen=True)
class Reminding:
    """What can be said to whom now. `quiet_until`: the end of the quiet hours when it is night."""

    class_id: UUID
    class_name: str
    deadline: date
    own: bool
    children: tuple[Child, ...]
    quiet_until: datetime | None

    @property
    def due(self) -> list[Child]:
        """The children that may be reminded, were it day."""
        return [child for child in self.children if child.why is None]

    def one(self, sheet_id: UUID) -> Child:
        """One of the children; raises `NotFound` for a sheet that is not missing."""
        found = next((child for child in self.children if child.sheet_id == sheet_id), None)
        if found is None:
            raise NotFound
        return found


def reminding(actor: Actor, class_id: UUID) -> Reminding:
    """The children of a class inside the actor's place whose sheets are missing; raises `NotFound`."""
    listed, moment = classes.class_list(actor, class_id), now()
    children = tuple(_child(row, moment) for row in _open(listed))
    return Reminding(listed.class_id, listed.name, listed.deadline, listed.own, children, quiet_until(moment))


def _open(listed: ClassList) -> list[Row]:
    return [row for row in listed.rows if row.standing in OPEN]


def _child(row: Row, moment: datetime) -> Child:
    return Child(
        sheet_id=row.sheet_id,
        seat=row.seat,
        name=row.name,
        masked=mask_name(row.name),
        again=row.standing.group == Group.REDO,
        reminded=row.reminded,
        why=why_not(row.reminded, row.reminded_at, moment),
    )


def class_of_sheet(actor: Actor, sheet_id: UUID) -> UUID:
    """The class of a sheet inside the actor's place; raises `NotFound`."""
    return lists.find(actor, Sheet, sheet_id).class_id


def mark(actor: Actor, class_id: UUID, only: UUID | None = None) -> int:
    """Note that the missing children of a class, or one of them, were reminded; returns how many. Commits.

    Raises `TooLate` at night and when nobody may be reminded: each child at most once a day and three times a round.
    """
    moment = now()
    if quiet_until(moment) is not None:
        raise TooLate(N_("晚上 9 点到早上 8 点不提醒家长，免得吵到人。早上 8 点以后再发。"))
    wanted = [row.sheet_id for row in _open(classes.class_list(actor, class_id)) if only in (None, row.sheet_id)]
    if only is not None and not wanted:
        raise NotFound
    query = select(Sheet).where(Sheet.id.in_(wanted)).order_by(Sheet.id).execution_options(populate_existing=True)
    found = db.session.scalars(query.with_for_update())
    due = [sheet for sheet in found if why_not(sheet.reminded, sheet.reminded_at, moment) is None]
    if not due:
        raise TooLate(N_("每个孩子一天最多提醒一次、一轮最多三次，现在没有人可以再提醒。"))
    for sheet in due:
        sheet.reminded, sheet.reminded_at = sheet.reminded + 1, moment
        record(actor, sheet, "REMIND", sheet.school_id, times=sheet.reminded, alone=only is not None)
    db.session.commit()
    return len(due)
