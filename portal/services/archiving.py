"""The last step of a round: what was signed off is filed for good, class by class (architecture 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Sheet, db
from portal.rules.checks_round import check_counts
from portal.rules.clock import today
from portal.rules.figures import MEASURES, Measure, measures_of
from portal.rules.problems import Problem
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import lists
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import move


@dataclass(frozen=True)
class ArchiveClass:
    """One class: sheets ready to be filed, filed already, and not signed off; `problems` of its counts (R109)."""

    class_id: UUID
    name: str
    counts: dict[Measure, int]
    ready: int
    filed: int
    open: int
    may_file: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Archive:
    """The classes of a school and whether the round is over; a class is filed once it is over or all is signed off."""

    ends: date
    is_over: bool
    classes: tuple[ArchiveClass, ...]

    def total(self, name: str) -> int:
        """The sum of `ready`, `filed` or `open` over all classes; `ready` counts what may be filed now."""
        return sum(getattr(c, name) for c in self.classes if name != "ready" or c.may_file)


def archive_of(actor: Actor) -> Archive:
    """What can be filed at the actor's school; raises `NotFound` anywhere else."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    found = lists.round_of(actor)
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.school_id == actor.place_id, Sheet.in_scope)
    by_class: dict[UUID, list[Sheet]] = {}
    for sheet in db.session.scalars(query):
        by_class.setdefault(sheet.class_id, []).append(sheet)
    is_over = today() > found.ends
    rows = [
        _class(place, by_class[place.id], is_over) for place in lists.classes_of(actor.place_id) if place.id in by_class
    ]
    return Archive(found.ends, is_over, tuple(rows))


def _class(place: Place, found: list[Sheet], is_over: bool) -> ArchiveClass:
    states = Counter(SheetState(sheet.state) for sheet in found)
    counts = Counter(measure for sheet in found for measure in measures_of(sheet))
    ready, filed = states[SheetState.VERIFIED], states[SheetState.ARCHIVED]
    left = len(found) - ready - filed
    measured = {measure: counts[measure] for measure in MEASURES}
    problems = tuple(check_counts(measured))
    return ArchiveClass(
        place.id, place.name, measured, ready, filed, left, bool(ready) and (is_over or not left), problems
    )


def archive(actor: Actor, class_ids: Collection[UUID]) -> int:
    """File what was signed off in these classes, all or none; returns how many sheets. Commits.

    Raises `TooLate` for a class that may not be filed yet: the round runs and not all of its sheets are signed off.
    """
    rows = {row.class_id: row for row in archive_of(actor).classes}
    wanted = set(class_ids)
    if not wanted:
        raise Refusal(N_("请先勾选要归档的班。"))
    if not wanted <= rows.keys():
        raise NotFound
    if not all(rows[class_id].may_file for class_id in wanted):
        raise TooLate(N_("里面有班还不能归档：要么本轮已经截止，要么全班都核实了。请刷新后再看。"))
    found = lists.round_of(actor)
    query = select(Sheet).where(Sheet.round_id == found.id, Sheet.class_id.in_(wanted), Sheet.in_scope)
    query = query.where(Sheet.state == SheetState.VERIFIED).order_by(Sheet.id).with_for_update()
    filed: Counter[UUID] = Counter()
    for sheet in db.session.scalars(query.execution_options(populate_existing=True)):
        move(actor, sheet, SheetMove.ARCHIVE)
        filed[sheet.class_id] += 1
    for class_ in db.session.scalars(select(Place).where(Place.id.in_(filed)).order_by(Place.path)):
        record(actor, class_, "ARCHIVE_CLASS", actor.place_id, sheets=filed[class_.id])
    db.session.commit()
    return filed.total()
