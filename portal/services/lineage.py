"""Where each printed leaf came from and what became of it: by sheet for the school, by run for who printed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Leaf, Photo, PrintRun, Sheet, User, db
from portal.rules.masks import mask_name
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import lists
from portal.services.print_runs import DONE
from portal.services.refusals import NotFound


class Fate(StrEnum):
    """What became of a leaf."""

    WAITING = "waiting"
    IN_USE = "in_use"
    REPLACED = "replaced"
    VOID = "void"

    @property
    def label(self) -> str:
        """A word or two (message id)."""
        return _LABELS[self]


_LABELS = {
    Fate.WAITING: N_("还没有下发"),
    Fate.IN_USE: N_("在用"),
    Fate.REPLACED: N_("后来重印过"),
    Fate.VOID: N_("作废了"),
}


@dataclass(frozen=True)
class Paper:
    """One printed copy of a sheet: `leaf` as printed, the run it came from, and when photos of just this copy came."""

    leaf: str
    run_id: UUID
    run: int
    at: datetime
    by: str
    fate: Fate
    photographed: tuple[datetime, ...]
    is_shown: bool


def papers_of(actor: Actor, sheet_id: UUID) -> list[Paper]:
    """The printed copies of a sheet inside the actor's place, newest first; raises `NotFound`."""
    sheet = lists.find(actor, Sheet, sheet_id)
    query = select(Leaf, PrintRun).join(PrintRun, Leaf.run_id == PrintRun.id)
    rows = db.session.execute(query.where(Leaf.sheet_id == sheet.id, PrintRun.state == DONE)).all()
    names = _names(run.by_id for _, run in rows)
    found = [_paper(leaf, run, sheet, names) for leaf, run in rows]
    return sorted(found, key=lambda paper: paper.at, reverse=True)


def _paper(leaf: Leaf, run: PrintRun, sheet: Sheet, names: dict[UUID | None, str]) -> Paper:
    seen = [photo for photo in sheet.photos if photo.leaf_number == leaf.number]
    return Paper(
        leaf=leaf_text(leaf.number),
        run_id=run.id,
        run=run.number,
        at=run.at,
        by=names.get(run.by_id, ""),
        fate=fate_of(leaf.revoked_at, leaf.superseded_by, sheet.issued),
        photographed=tuple(photo.received_at for photo in seen),
        is_shown=any(photo.id == sheet.photo_id for photo in seen),
    )


def fate_of(revoked_at: datetime | None, superseded_by: int | None, issued: bool) -> Fate:
    """What became of a leaf; a void one stays void, whatever was printed later."""
    if revoked_at is not None:
        return Fate.VOID
    if superseded_by is not None:
        return Fate.REPLACED
    return Fate.IN_USE if issued else Fate.WAITING


def _names(user_ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {one for one in user_ids if one is not None}
    return {user.id: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(wanted)))}


@dataclass(frozen=True)
class ClassLeaves:
    """How the leaves of one class in a run fared; `photographed` counts those that a photo shows."""

    class_id: UUID
    name: str
    fates: Counter[Fate]
    photographed: int

    @property
    def total(self) -> int:
        return self.fates.total()


@dataclass(frozen=True)
class LeafRow:
    """One leaf of a run; the name is masked. `later` is the number of the run that printed the sheet again."""

    sheet_id: UUID
    seat: str
    name: str
    leaf: str
    fate: Fate
    later: int | None
    photographed: bool


@dataclass(frozen=True)
class RunLeaves:
    """The leaves of a run by class, and one class pupil by pupil."""

    number: int
    at: datetime
    by: str
    classes: list[ClassLeaves]
    chosen: ClassLeaves | None
    rows: list[LeafRow]

    def count(self, fate: Fate) -> int:
        return sum(one.fates[fate] for one in self.classes)

    @property
    def total(self) -> int:
        return sum(one.total for one in self.classes)

    @property
    def photographed(self) -> int:
        return sum(one.photographed for one in self.classes)


def leaves_of(actor: Actor, run_id: UUID, class_id: UUID | None = None) -> RunLeaves:
    """What became of the leaves of a run; raises `NotFound` for a run or class outside the actor's place."""
    run = lists.find(actor, PrintRun, run_id)
    columns = (Leaf.number, Leaf.superseded_by, Leaf.revoked_at, Sheet.id, Sheet.issued, Sheet.class_id)
    query = select(*columns).join(Sheet, Sheet.id == Leaf.sheet_id).where(Leaf.run_id == run.id)
    rows: list[Any] = list(db.session.execute(query)) if run.state == DONE else []
    numbers = select(Leaf.number).where(Leaf.run_id == run.id)
    seen = set(db.session.scalars(select(Photo.leaf_number).where(Photo.leaf_number.in_(numbers)).distinct()))
    classes = _classes(run, rows, seen)
    chosen = next((one for one in classes if one.class_id == class_id), None)
    if class_id is not None and chosen is None:
        raise NotFound
    if len(classes) == 1:
        chosen = classes[0]
    wanted = [row for row in rows if chosen is not None and row.class_id == chosen.class_id]
    by = _names([run.by_id]).get(run.by_id, "")
    return RunLeaves(run.number, run.at, by, classes, chosen, _rows(wanted, seen))


def _classes(run: PrintRun, rows: list[Any], seen: set[int | None]) -> list[ClassLeaves]:
    by_class: dict[UUID, list[Any]] = {}
    for row in rows:
        by_class.setdefault(row.class_id, []).append(row)
    found = []
    for class_ in lists.classes_of(run.school_id):
        own = by_class.get(class_.id, [])
        if own:
            fates = Counter(fate_of(row.revoked_at, row.superseded_by, row.issued) for row in own)
            found.append(ClassLeaves(class_.id, class_.name, fates, sum(row.number in seen for row in own)))
    return found


def _rows(rows: list[Any], seen: set[int | None]) -> list[LeafRow]:
    sheets = {sheet.id: sheet for sheet in _sheets([row.id for row in rows])}
    later = _runs_of([row.superseded_by for row in rows if row.superseded_by is not None])
    found = []
    for row in rows:
        values = sheets[row.id].pupil.record
        fate = fate_of(row.revoked_at, row.superseded_by, row.issued)
        seat, name = values.get("class_seat_number", ""), mask_name(values.get("name", ""))
        leaf, again = leaf_text(row.number), later.get(row.superseded_by)
        found.append((lists.seat_order(values), LeafRow(row.id, seat, name, leaf, fate, again, row.number in seen)))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _sheets(ids: list[UUID]) -> Iterable[Sheet]:
    return db.session.scalars(select(Sheet).options(joinedload(Sheet.pupil)).where(Sheet.id.in_(ids)))


def _runs_of(numbers: list[int]) -> dict[int | None, int]:
    query = select(Leaf.number, PrintRun.number.label("run")).join(PrintRun, PrintRun.id == Leaf.run_id)
    return {row.number: row.run for row in db.session.execute(query.where(Leaf.number.in_(numbers)))}
