"""Figures by place, level by level, inside the viewer's place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.models import Figure, Place, Round, db
from portal.rules.figures import MEASURES, Measure
from portal.rules.places import ancestors, area_name, below
from portal.rules.roles import Actor, Level
from portal.services.lists import inside

Counts = dict[Measure, int]
#: after the code of an authority: the schools it runs itself
DIRECT = "d"
_NOTHING: Counts = dict.fromkeys(MEASURES, 0)
_COLUMNS = [getattr(Figure, m.value) for m in MEASURES]


@dataclass(frozen=True)
class Row:
    """One row of the tree. `key` opens it: the place's code, for the schools an authority runs itself with a "d".
    `schools` of the row's place may be opened further, classes may not."""

    key: str
    place_id: UUID
    name: str
    level: Level
    depth: int
    counts: Counts
    is_open: bool
    can_open: bool
    is_direct_group: bool = False


class _Node(NamedTuple):
    id: UUID
    parent_id: UUID
    level: Level
    code: str
    name: str
    path: str


def tree(actor: Actor, found: Round, opened: set[str]) -> list[Row]:
    """The actor's place and everything that is opened below it, in order of division codes."""
    top = db.session.get_one(Place, actor.place_id)
    keys = opened | {top.code}
    codes = {key.removesuffix(DIRECT) for key in keys}
    columns = Place.id, Place.parent_id, Place.level, Place.code, Place.name, Place.path
    wanted = select(Place.id).where(Place.code.in_(codes), Place.level != Level.CLASS, inside(Place.path, actor))
    children: defaultdict[UUID, list[_Node]] = defaultdict(list)
    nodes = [_Node(top.id, top.id, top.level, top.code, top.name, top.path)]
    for row in db.session.execute(select(*columns).where(Place.parent_id.in_(wanted)).order_by(Place.path)):
        node = _Node(*row)
        children[node.parent_id].append(node)
        nodes.append(node)
    grower = _Grower(keys, children, _counts(nodes, found, top.path), _own(nodes, found))
    return grower.rows(nodes[:1], 0)


@dataclass(frozen=True)
class _Grower:
    """Puts rows into order; `own` are the counts of schools an authority runs itself."""

    keys: set[str]
    children: dict[UUID, list[_Node]]
    counts: dict[UUID, Counts]
    own: dict[UUID, Counts]

    def rows(self, nodes: Iterable[_Node], depth: int) -> list[Row]:
        found = []
        for node in nodes:
            can_open = node.level != Level.CLASS
            is_open = can_open and node.code in self.keys
            name = area_name(node.name) if node.level not in (Level.SCHOOL, Level.CLASS) else node.name
            counts = self.counts.get(node.id, _NOTHING)
            found.append(Row(node.code, node.id, name, node.level, depth, counts, is_open, can_open))
            if is_open:
                found += self.below(node, depth + 1)
        return found

    def below(self, node: _Node, depth: int) -> list[Row]:
        """The places below one; beside areas the schools it runs itself stand under one row (domain 2.1)."""
        children = self.children[node.id]
        areas = [child for child in children if child.level not in (Level.SCHOOL, Level.CLASS)]
        schools = [child for child in children if child.level == Level.SCHOOL]
        if not areas or not schools:
            return self.rows(children, depth)
        key, counts = f"{node.code}{DIRECT}", self.own.get(node.id, _NOTHING)
        is_open = key in self.keys
        name = area_name(node.name)
        group = Row(key, node.id, name, node.level, depth, counts, is_open, True, is_direct_group=True)
        return [*self.rows(areas, depth), group, *(self.rows(schools, depth + 1) if is_open else [])]


def _counts(nodes: list[_Node], found: Round, path: str) -> dict[UUID, Counts]:
    """Counts of all nodes with one query a kind: authorities by prefix, schools by their classes, classes."""
    areas = [node for node in nodes if node.level not in (Level.SCHOOL, Level.CLASS)]
    schools = [node.id for node in nodes if node.level == Level.SCHOOL]
    classes = [node.id for node in nodes if node.level == Level.CLASS]
    return _area_counts(areas, found, path) | _school_counts(schools, found) | _class_counts(classes, found)


def _area_counts(areas: list[_Node], found: Round, path: str) -> dict[UUID, Counts]:
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
    return {node.id: dict(zip(MEASURES, sums[node.path], strict=True)) for node in areas}


def _school_counts(schools: list[UUID], found: Round) -> dict[UUID, Counts]:
    if not schools:
        return {}
    class_ = aliased(Place)
    query = (
        select(class_.parent_id, *(func.sum(column) for column in _COLUMNS))
        .join(class_, Figure.place_id == class_.id)
        .where(Figure.round_id == found.id, Figure.level == Level.CLASS, class_.parent_id.in_(schools))
        .group_by(class_.parent_id)
    )
    return {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in db.session.execute(query)}


def _class_counts(classes: list[UUID], found: Round) -> dict[UUID, Counts]:
    if not classes:
        return {}
    query = select(Figure.place_id, *_COLUMNS).where(Figure.round_id == found.id, Figure.place_id.in_(classes))
    return {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in db.session.execute(query)}


def _own(nodes: list[_Node], found: Round) -> dict[UUID, Counts]:
    """What authorities that have areas below them count of their own schools."""
    return _class_counts([node.id for node in nodes if node.level in (Level.PROVINCE, Level.PREFECTURE)], found)
