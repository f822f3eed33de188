"""Which rows name which files of the store. Every column with an address stands here; a test looks for new ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import scoped_session

from portal.keys import Shredded
from portal.models import Change, ChangeFile, Evidence, Export, Photo, PrintRun, Reading, RosterImport

Asked = scoped_session[Any] | Connection
_PIECE = 2_000


@dataclass(frozen=True)
class Named:
    """A file that a row names: `must` when it has to be there, not only may. `round_id` is None outside rounds."""

    table: str
    row_id: UUID
    column: str
    address: str
    place_id: UUID
    round_id: UUID | None
    must: bool = True


@dataclass(frozen=True)
class _Column:
    """Where addresses stand: the column, its scope, and when the file has to be there."""

    model: Any
    name: str
    place: str = "school_id"
    round: str | None = "round_id"
    state: tuple[str, ...] = ()


COLUMNS = (
    _Column(Photo, "address"),
    _Column(Photo, "flat_address"),
    _Column(Change, "crop_address"),
    _Column(Evidence, "address"),
    _Column(ChangeFile, "address", round=None),
    _Column(PrintRun, "address", state=("done",)),  # named before it is stored
    _Column(
        RosterImport, "address", round=None, state=("preview", "reading", "confirming")
    ),  # goes when it is imported
    _Column(Export, "address", "place_id", None, ("built",)),
)


def named(asked: Asked) -> Iterator[Named]:
    """Every file that a row names, as the session or one connection sees it. Crops stand inside the sealed text of
    readings: those that are shredded name none."""
    for column in COLUMNS:
        yield from _of_column(asked, column)
    yield from _of_readings(asked)


def still_named(asked: Asked, one: Named) -> bool:
    """Does the row still name this file?"""
    if one.table == Reading.__tablename__:
        return one.address in {again.address for again in _crops(asked, Reading.id == one.row_id)}
    found = [column for column in COLUMNS if (column.model.__tablename__, column.name) == (one.table, one.column)]
    model = found[0].model
    query = select(getattr(model, one.column)).where(model.id == one.row_id)
    return asked.execute(query).scalar() == one.address


def _of_column(asked: Asked, column: _Column) -> Iterator[Named]:
    model, address = column.model, getattr(column.model, column.name)
    round_id = getattr(model, column.round) if column.round else None
    state = model.state if column.state else None
    parts = [model.id, address, getattr(model, column.place)]
    parts += [part for part in (round_id, state) if part is not None]
    query = select(*parts).where(address.is_not(None))
    for row in rows(asked, query, model.id):
        rest = list(row[3:])
        found = rest.pop(0) if round_id is not None else None
        must = not column.state or rest[0] in column.state
        yield Named(model.__tablename__, row[0], column.name, row[1], row[2], found, must)


def _of_readings(asked: Asked) -> Iterator[Named]:
    yield from _crops(asked)


def _crops(asked: Asked, *where: ColumnElement[bool]) -> Iterator[Named]:
    query = select(Reading.id, Reading.school_id, Reading.round_id, Reading.seen_sealed)
    for row_id, school_id, round_id, sealed in rows(asked, query.where(*where), Reading.id):
        try:
            seen = Reading.seen.open(row_id, sealed) or {}
        except Shredded:
            continue
        for box in seen.get("written", {}).values():
            if box.get("crop"):
                yield Named(Reading.__tablename__, row_id, "seen", box["crop"], school_id, round_id)


def rows(asked: Asked, query: Any, key: Any) -> Iterator[Any]:
    """All rows in pieces, so that neither memory nor one long statement grows with the table."""
    last: UUID | None = None
    while True:
        piece = query if last is None else query.where(key > last)
        rows = asked.execute(piece.order_by(key).limit(_PIECE)).all()
        yield from rows
        if len(rows) < _PIECE:
            return
        last = rows[-1][0]
