"""The check by place: how many classes are how far, level by level; no school and no pupil is left out (J4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Round, db
from portal.rules.findings import CheckState
from portal.rules.places import area_name
from portal.rules.roles import Actor, Level
from portal.services import findings_state, lists
from portal.services.findings_state import ClassFacts
from portal.services.refusals import NotFound


@dataclass(frozen=True)
class Figures:
    """What is counted at a place: its schools, their classes by state, pupils without a finding, schools without any
    class."""

    place_id: UUID
    name: str
    level: Level
    schools: int
    states: Counter[CheckState]
    missing: int
    bare: int

    @property
    def classes(self) -> int:
        return self.states.total()


@dataclass(frozen=True)
class Table:
    """A place with what is below it, one row each, in the order of codes; `above` leads back up."""

    whole: Figures
    rows: tuple[Figures, ...]
    above: UUID | None


def table_of(actor: Actor, place_id: UUID | None = None) -> Table:
    """The table of an authority inside the actor's place; raises `NotFound` for anything else."""
    place = lists.find(actor, Place, place_id or actor.place_id)
    if place.level in (Level.SCHOOL, Level.CLASS):
        raise NotFound
    found = lists.round_of(actor)
    classes = findings_state.classes_below(found, place.path)
    query = select(Place).where(lists.inside(Place.path, actor), Place.level == Level.SCHOOL)
    schools = [one.path for one in db.session.scalars(query) if one.path.startswith(place.path)]
    children = list(db.session.scalars(select(Place).where(Place.parent_id == place.id).order_by(Place.path)))
    by_child = _split(children, place.path, classes, schools)
    rows = tuple(_figures(child, *by_child[child.path]) for child in children)
    above = place.parent_id if place.id != actor.place_id else None
    return Table(_figures(place, classes, schools), rows, above)


@dataclass(frozen=True)
class Standing:
    """The check of a school in short: classes by state, pupils without a finding, actions that wait in reported
    classes."""

    states: Counter[CheckState]
    missing: int
    to_do: int

    @property
    def classes(self) -> int:
        return self.states.total()

    @property
    def is_done(self) -> bool:
        """True when every class is consistent, and there is one."""
        return self.classes > 0 and self.states[CheckState.CONSISTENT] == self.classes


def standing_of(found: Round, path: str) -> Standing:
    """The check below a path in short."""
    classes = findings_state.classes_below(found, path)
    to_do = sum(one.left_to_do for one in classes if one.reported_at is not None)
    return Standing(Counter(one.state for one in classes), sum(one.counts.missing for one in classes), to_do)


def _split(
    children: Iterable[Place], path: str, classes: Iterable[ClassFacts], schools: Iterable[str]
) -> dict[str, tuple[list[ClassFacts], list[str]]]:
    """What lies below each child, with one look at each class."""
    found: dict[str, tuple[list[ClassFacts], list[str]]] = {child.path: ([], []) for child in children}
    for one in classes:
        found[_first_below(path, one.path)][0].append(one)
    for school in schools:
        found[_first_below(path, school)][1].append(school)
    return found


def _first_below(path: str, other: str) -> str:
    return path + other[len(path) :].split("/", 1)[0] + "/"


def _figures(place: Place, classes: Iterable[ClassFacts], schools: Iterable[str]) -> Figures:
    known = list(classes)
    with_classes = {one.path.rsplit("/", 2)[0] + "/" for one in known}
    own = list(schools)
    return Figures(
        place_id=place.id,
        name=place.name if place.level == Level.SCHOOL else area_name(place.name),
        level=place.level,
        schools=len(own),
        states=Counter(one.state for one in known),
        missing=sum(one.counts.missing for one in known),
        bare=sum(path not in with_classes for path in own),
    )
