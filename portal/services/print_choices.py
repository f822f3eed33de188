"""What the print page offers: classes with what is left to print, and the whole of one class (R96: no pages of 20)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Place, Sheet, db
from portal.rules.masks import mask_name
from portal.rules.roles import Actor, Level
from portal.rules.workflow import SheetState
from portal.services.lists import classes_of, find, round_of, sheets_of
from portal.services.print_content import PRINTABLE
from portal.services.print_runs import ready_by_class
from portal.services.refusals import NotFound


@dataclass(frozen=True)
class ClassToPrint:
    """A class, how many of its sheets are in which state, and how many printed ones can be handed out."""

    class_id: UUID
    name: str
    printed: int = 0
    states: Counter[SheetState] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.states[state] for state in PRINTABLE)

    @property
    def waiting(self) -> int:
        """Without paper that counts: never printed, or printed in a batch that was taken back."""
        return self.states[SheetState.EXPECTED] + self.states[SheetState.PRINTED] - self.printed


@dataclass(frozen=True)
class PupilToPrint:
    """A pupil to tick; the name is masked."""

    sheet_id: UUID
    seat: str
    name: str
    state: SheetState


def classes_to_print(actor: Actor) -> list[ClassToPrint]:
    """Every class of the actor's school."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    found = round_of(actor)
    query = select(Sheet.class_id, Sheet.state, func.count()).where(Sheet.round_id == found.id, Sheet.in_scope)
    query = query.where(Sheet.school_id == actor.place_id).group_by(Sheet.class_id, Sheet.state)
    ready = ready_by_class(found.id, actor.place_id)
    rows = {c.id: ClassToPrint(c.id, c.name, ready[c.id]) for c in classes_of(actor.place_id)}
    for class_id, state, n in db.session.execute(query):
        if class_id in rows:
            rows[class_id].states[SheetState(state)] = n
    return list(rows.values())


def pupils_to_print(actor: Actor, class_id: UUID) -> tuple[str, list[PupilToPrint]]:
    """(name of the class, every pupil of it whose sheet can be printed), in order of the seat."""
    class_ = find(actor, Place, class_id)
    if class_.level != Level.CLASS:
        raise NotFound
    rows = []
    for sheet in sheets_of(round_of(actor).id, class_.id):
        if sheet.in_scope and sheet.state in PRINTABLE:
            values = sheet.pupil.record
            seat, name = values.get("class_seat_number", ""), mask_name(values.get("name", ""))
            rows.append(PupilToPrint(sheet.id, seat, name, SheetState(sheet.state)))
    return class_.name, rows
