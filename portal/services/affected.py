"""Whose data somebody may have seen in a stretch of time: from the steps of the history (children's rules art. 21).

What leaves a step counts: full views, files, photos, changes, decisions. Lists show masked names and leave none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.models import (
    Application,
    Change,
    Evidence,
    Export,
    Finding,
    Guardianship,
    Leaf,
    Photo,
    Place,
    Pupil,
    Sheet,
    Step,
    Ticket,
    User,
    db,
)
from portal.rules.masks import mask_name
from portal.rules.places import below
from portal.rules.step_words import Kind, moves_of
from portal.services.history import record_deployment

#: steps about a place that concern whoever belongs to it
_OF_ALL = {*moves_of(Kind.VIEWS), *moves_of(Kind.FILES), *moves_of(Kind.ROSTER)} - {"SET_WINDOW", "OPEN_ROUND"}
_PIECE = 500

#: table of the thing a step is about -> (its id, the pupil's id)
_WHOSE: dict[str, Select[UUID, UUID]] = {
    "pupil": select(Pupil.id, Pupil.id),
    "sheet": select(Sheet.id, Sheet.pupil_id),
    "photo": select(Photo.id, Sheet.pupil_id).join(Sheet, Sheet.id == Photo.sheet_id),
    "change": select(Change.id, Sheet.pupil_id).join(Sheet, Sheet.id == Change.sheet_id),
    "application": select(Application.id, Application.pupil_id),
    "evidence": select(Evidence.id, func.coalesce(Application.pupil_id, Sheet.pupil_id))
    .outerjoin(Application, Application.id == Evidence.application_id)
    .outerjoin(Sheet, Sheet.id == Evidence.sheet_id),
    "finding": select(Finding.id, Finding.pupil_id),
    "guardianship": select(Guardianship.id, Guardianship.pupil_id),
    "ticket": select(Ticket.id, Sheet.pupil_id).join(Sheet, Sheet.id == Ticket.sheet_id),
    "print_run": select(Leaf.run_id, Sheet.pupil_id).join(Sheet, Sheet.id == Leaf.sheet_id),
}


@dataclass
class Touched:
    """A pupil and what was done: move -> how often; the name is masked."""

    pupil_id: UUID
    school: str
    class_name: str
    name: str
    moves: dict[str, int] = field(default_factory=dict)


def affected(since: datetime, until: datetime, login: str | None = None) -> list[Touched]:
    """Pupils by school, class and name whom steps from `since` up to `until` concern; with `login` those of one person
    only. ValueError for an unknown login. The listing is itself a step. Commits."""
    query = select(Step.thing, Step.thing_id, Step.move, Step.path).where(Step.at >= since, Step.at < until)
    if login is not None:
        user_id = db.session.scalar(select(User.id).where(User.login == login.strip().lower()))
        if user_id is None:
            raise ValueError(f"there is no account {login!r}")
        query = query.where(Step.by_id == user_id)
    counts: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pupil_id, move in _pupils(db.session.execute(query).all()):
        counts[pupil_id][move] += 1
    found = sorted(_named(counts), key=lambda one: (one.school, one.class_name, one.name, one.pupil_id.hex))
    record_deployment("LIST_AFFECTED", pupils=len(found), one_person=login is not None)
    db.session.commit()
    return found


def _pupils(steps: Iterable[Any]) -> Iterator[tuple[UUID, str]]:
    by_thing: dict[str, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    paths: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        if step.thing == "place" and step.move in _OF_ALL:
            paths[step.path].append(step.move)
        else:
            by_thing[step.thing][step.thing_id].append(step.move)
    for table, things in by_thing.items():
        if table == "export":
            yield from _of_exports(things)
        elif table in _WHOSE:
            yield from _of_things(_WHOSE[table], things)
    for path, moves in paths.items():
        low, high = below(path)
        for pupil_id in db.session.scalars(select(Pupil.id).where(Pupil.path >= low, Pupil.path < high)):
            yield from ((pupil_id, move) for move in moves)


def _of_things(query: Select[UUID, UUID], things: dict[UUID, list[str]]) -> Iterator[tuple[UUID, str]]:
    thing_id = query.selected_columns[0]
    for piece in _pieces(things):
        for one, pupil_id in db.session.execute(query.where(thing_id.in_(piece))):
            yield from ((pupil_id, move) for move in things[one])


def _pieces(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    every = list(ids)
    return (every[n : n + _PIECE] for n in range(0, len(every), _PIECE))


def _of_exports(things: dict[UUID, list[str]]) -> Iterator[tuple[UUID, str]]:
    for one in db.session.scalars(select(Export).where(Export.id.in_(things))):
        for text in one.pupils or ():
            yield from ((UUID(text), move) for move in things[one.id])


def _named(counts: dict[UUID, dict[str, int]]) -> Iterator[Touched]:
    schools = {place.id: place.code for place in db.session.scalars(select(Place).where(Place.level == "school"))}
    for piece in _pieces(counts):
        query = select(Pupil, Place.name).join(Place, Place.id == Pupil.class_id).where(Pupil.id.in_(piece))
        for pupil, class_name in db.session.execute(query):
            name = mask_name(pupil.record.get("name", ""))
            yield Touched(pupil.id, schools.get(pupil.school_id, ""), class_name, name, dict(counts[pupil.id]))
