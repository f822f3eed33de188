"""Figures by place, level by level, inside the viewer's place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from portal.models import Figure, Place, Round, db
from portal.rules.figures import MEASURES, Measure
from portal.rules.places import ancestors, area_name, below
from portal.rules.roles import Actor, Level
from portal.services.lists import inside

Counts = dict[Measure, int]
#: counts in the order of MEASURES: a thousand rows are too many for dictionaries
Numbers = tuple[int, ...]
#: after the code of an authority: the schools it runs itself
DIRECT = "d"
_NOTHING: Numbers = (0,) * len(MEASURES)
_COLUMNS = [getattr(Figure, m.value) for m in MEASURES]


class Row(NamedTuple):
    """One row of the tree. `key` opens it: the place's code, for the schools an authority runs itself with a "d".
    Classes cannot be opened."""

    key: str
    place_id: UUID
    name: str
    level: Level
    depth: int
    numbers: Numbers
    is_open: bool
    can_open: bool
    is_direct_group: bool = False

    @property
    def counts(self) -> Counts:
        return dict(zip(MEASURES, self.numbers, strict=True))


class _Node(NamedTuple):
    """A place and what is counted at it alone: all of a class, the own schools of an authority."""

    id: UUID
    level: Level
    code: str
    name: str
    path: str
    own: Numbers


def tree(actor: Actor, found: Round, opened: set[str]) -> list[Row]:
    """The actor's place and everything that is opened below it, in order of division codes."""
    top = db.session.get_one(Place, actor.place_id)
    keys = opened | {top.code}
    codes = {key.removesuffix(DIRECT) for key in keys}
    wanted = select(Place.id).where(Place.code.in_(codes), Place.level != Level.CLASS, inside(Place.path, actor))
    children: defaultdict[str, list[_Node]] = defaultdict(list)
    nodes = _nodes(found, Place.id == top.id)
    for node in _nodes(found, Place.parent_id.in_(wanted)):
        children[node.path[: -len(node.code) - 1]].append(node)
        nodes.append(node)
    return _Grower(keys, children, _sums(nodes, children, found, top.path)).rows(nodes[:1], 0)


def _nodes(found: Round, condition: ColumnElement[bool]) -> list[_Node]:
    columns = Place.id, Place.level, Place.code, Place.name, Place.path
    own = (Figure.place_id == Place.id) & (Figure.round_id == found.id)
    query = select(*columns, *_COLUMNS).outerjoin(Figure, own).where(condition).order_by(Place.path)
    width = len(columns)
    rows = db.session.execute(query)
    return [_Node._make((*row[:width], _NOTHING if row[width] is None else row[width:])) for row in rows]


@dataclass(frozen=True)
class _Grower:
    """Puts rows into order; `sums` are the numbers of everything but classes."""

    keys: set[str]
    children: dict[str, list[_Node]]
    sums: dict[UUID, Numbers]

    def rows(self, nodes: Iterable[_Node], depth: int) -> list[Row]:
        found = []
        for node in nodes:
            if node.level == Level.CLASS:
                found.append(Row(node.code, node.id, node.name, node.level, depth, node.own, False, False))
                continue
            name = node.name if node.level == Level.SCHOOL else area_name(node.name)
            numbers, is_open = self.sums.get(node.id, _NOTHING), node.code in self.keys
            found.append(Row(node.code, node.id, name, node.level, depth, numbers, is_open, True))
            if is_open:
                found += self.below(node, depth + 1)
        return found

    def below(self, node: _Node, depth: int) -> list[Row]:
        """The places below one; beside areas the schools it runs itself stand under one row (domain 2.1)."""
        children = self.children[node.path]
        areas = [child for child in children if child.level not in (Level.SCHOOL, Level.CLASS)]
        schools = [child for child in children if child.level == Level.SCHOOL]
        if not areas or not schools:
            return self.rows(children, depth)
        key, name = f"{node.code}{DIRECT}", area_name(node.name)
        is_open = key in self.keys
        group = Row(key, node.id, name, node.level, depth, node.own, is_open, True, is_direct_group=True)
        return [*self.rows(areas, depth), group, *(self.rows(schools, depth + 1) if is_open else [])]


def _sums(nodes: list[_Node], children: dict[str, list[_Node]], found: Round, path: str) -> dict[UUID, Numbers]:
    """Numbers of authorities and schools with one query a kind: authorities by prefix, schools by their classes, which
    are there already where a school is open."""
    areas = [node for node in nodes if node.level not in (Level.SCHOOL, Level.CLASS)]
    schools = [node for node in nodes if node.level == Level.SCHOOL]
    sums = _area_sums(areas, found, path)
    sums |= _school_sums([node.id for node in schools if node.path not in children], found)
    sums |= {node.id: _added(children[node.path]) for node in schools if node.path in children}
    return sums | {node.id: node.own for node in nodes[:1] if node.level == Level.CLASS}


def _added(classes: list[_Node]) -> Numbers:
    return tuple(map(sum, zip(*(class_.own for class_ in classes), strict=True)))


def _area_sums(areas: list[_Node], found: Round, path: str) -> dict[UUID, Numbers]:
    if not areas:
        return {}
    low, high = below(path)
    query = select(Figure.path, *_COLUMNS).where(
        Figure.round_id == found.id, Figure.level != Level.CLASS, Figure.path >= low, Figure.path < high
    )
    sums = {node.path: [0] * len(MEASURES) for node in areas}
    for row in db.session.execute(query):
        for above in ancestors(row[0]):
            if above in sums:
                sums[above] = [have + more for have, more in zip(sums[above], row[1:], strict=True)]
    return {node.id: tuple(sums[node.path]) for node in areas}


def _school_sums(schools: list[UUID], found: Round) -> dict[UUID, Numbers]:
    if not schools:
        return {}
    class_ = aliased(Place)
    query = (
        select(class_.parent_id, *(func.sum(column) for column in _COLUMNS))
        .join(class_, Figure.place_id == class_.id)
        .where(Figure.round_id == found.id, Figure.level == Level.CLASS, class_.parent_id.in_(schools))
        .group_by(class_.parent_id)
    )
    return {row[0]: tuple(int(n) for n in row[1:]) for row in db.session.execute(query)}
