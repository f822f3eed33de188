"""What goes on paper: the sheets of a print run class by class, in the order in which they are handed out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from portal.models import Place, PrintRun, Round, Sheet, User, db
from portal.paper.content import Run, SheetData
from portal.rules import doubtful
from portal.rules.clock import local
from portal.rules.codes import printed
from portal.rules.context import Context
from portal.rules.items import PARENT_ITEMS
from portal.rules.workflow import MOVES, SheetMove
from portal.services import disputes, printed_codes
from portal.services.lists import classes_of, seat_order
from portal.services.pupils import school_context
from portal.services.transactions import reading

PRINTABLE = [state for state, move in MOVES if move == SheetMove.PRINT]


@dataclass(frozen=True)
class Selection:
    """What to print: a whole school, whole classes, or ticked sheets. Nothing ticked means the whole (R96)."""

    class_ids: tuple[UUID, ...] = ()
    sheet_ids: tuple[UUID, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        return {"classes": [i.hex for i in self.class_ids], "sheets": [i.hex for i in self.sheet_ids]}

    @classmethod
    def of_json(cls, kept: dict[str, list[str]]) -> Selection:
        return cls(tuple(UUID(i) for i in kept["classes"]), tuple(UUID(i) for i in kept["sheets"]))


@dataclass
class Printed:
    """The sheets that went into a file, in its order."""

    sheet_ids: list[UUID] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    student_numbers: list[str] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class _About:
    """What all sheets of a run share."""

    context: Context
    school: str
    code: str


CodesOf = Callable[[Sequence[Sheet]], Mapping[UUID, str]]


def printable(school_id: UUID, round_id: UUID, chosen: Selection) -> list[UUID]:
    """Ids of the sheets in scope that can be printed now, class by class."""
    query = select(Sheet.id, Sheet.class_id).where(Sheet.school_id == school_id, Sheet.round_id == round_id)
    query = query.where(Sheet.in_scope, Sheet.state.in_(PRINTABLE))
    if chosen.class_ids:
        query = query.where(Sheet.class_id.in_(chosen.class_ids))
    if chosen.sheet_ids:
        query = query.where(Sheet.id.in_(chosen.sheet_ids))
    order = {c.id: n for n, c in enumerate(classes_of(school_id))}
    rows = sorted(db.session.execute(query), key=lambda row: order.get(row[1], len(order)))
    return [sheet_id for sheet_id, _ in rows]


def run_of(run: PrintRun) -> Run:
    """What every page of a run carries: number, time, who, and the watermark that tells where a copy came from."""
    school = db.session.get_one(Place, run.school_id)
    found = db.session.get_one(Round, run.round_id)
    by = db.session.get(User, run.by_id) if run.by_id else None
    who = by.name if by is not None and by.name else "系统"
    at = local(run.at)
    return Run(
        number=str(run.number),
        printed_at=f"{at:%Y-%m-%d %H:%M}",
        printed_by=who,
        round_title=found.title,
        base_url=current_app.extensions["portal.settings"].base_url,
        school_phone=school.phone,
        deadline=f"{found.ends.month} 月 {found.ends.day} 日",
        watermark=f"{school.name} {at:%Y%m%d} 第 {run.number} 批 {who}",
    )


def sheets_to_print(school_id: UUID, numbers: dict[UUID, int], done: Printed) -> Iterator[SheetData]:
    """The sheets in order of class and seat, each with its leaf; `done` is filled as they are taken.

    Records are opened one class at a time, and no transaction stays open while pages are made.
    """
    yield from _sheets(school_id, numbers, done, printed_codes.codes_for)


def sheets_to_check(
    school_id: UUID, sheet_ids: Sequence[UUID], done: Printed, alive: Callable[[], None] | None = None
) -> Iterator[SheetData]:
    """The same sheets before they have leaves and codes; `alive` is called after each."""
    for data in _sheets(school_id, dict.fromkeys(sheet_ids, 0), done, lambda rows: {row.id: "" for row in rows}):
        yield data
        if alive is not None:
            alive()


def _sheets(school_id: UUID, numbers: dict[UUID, int], done: Printed, codes_of: CodesOf) -> Iterator[SheetData]:
    school = db.session.get_one(Place, school_id)
    about = _About(school_context(school), school.name, school.code)
    labels = [(c.id, c.name) for c in classes_of(school_id)]
    db.session.rollback()
    for class_id, label in labels:
        for sheet_id, data in _class_sheets(class_id, label, numbers, about, codes_of):
            done.sheet_ids.append(sheet_id)
            done.leaves.append(data.leaf)
            done.student_numbers.append(data.student_number)
            yield data


def _class_sheets(
    class_id: UUID, label: str, numbers: dict[UUID, int], about: _About, codes_of: CodesOf
) -> list[tuple[UUID, SheetData]]:
    with reading():
        query = select(Sheet).options(joinedload(Sheet.pupil)).where(Sheet.class_id == class_id, Sheet.in_scope)
        found = [(sheet, sheet.pupil.record) for sheet in db.session.scalars(query) if sheet.id in numbers]
        found.sort(key=lambda pair: seat_order(pair[1]))  # each record is opened once
        disputed = disputes.of_pupils(found[0][0].round_id, [s.pupil_id for s, _ in found]) if found else {}
        codes = codes_of([sheet for sheet, _ in found])
        data = [_data(values, numbers[s.id], codes[s.id], label, about) for s, values in found]
        marks = [doubtful.marked(values, about.context, disputed.get(s.pupil_id, ())) for s, values in found]
        pages = zip(found, data, marks, strict=True)
        return [(s.id, replace(one, doubts=items)) for (s, _), one, items in pages]


def _data(values: dict[str, str], leaf: int, code: str, label: str, about: _About) -> SheetData:
    return SheetData(
        leaf=leaf,
        student_number=values.get("student_number", ""),
        values={item: printed(item, values[item]) for item in PARENT_ITEMS if values.get(item)},
        school_name=about.school,
        school_code=about.code,
        class_label=label,
        seat=values.get("class_seat_number", ""),
        registration_code=code,
    )


def make_codes(sheet_ids: Sequence[UUID]) -> None:
    """Make the registration codes that are missing, before any page is made (E11). Commits."""
    for start in range(0, len(sheet_ids), 500):
        part = list(sheet_ids[start : start + 500])
        if not _codes_made(part):  # a selector was drawn twice: one sheet at a time, each until it fits
            for sheet_id in part:
                if not any(_codes_made([sheet_id]) for _ in range(20)):
                    raise RuntimeError("no free selector for a registration code")


def _codes_made(sheet_ids: list[UUID]) -> bool:
    try:
        printed_codes.codes_for(db.session.scalars(select(Sheet).where(Sheet.id.in_(sheet_ids))))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True
