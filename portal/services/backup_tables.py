"""All tables as lines of JSON, out of one snapshot and into empty tables again: the same for SQLite and PostgreSQL, so
that one can be restored into the other. Each line is a row; each column says what its values are."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, select, text

from portal.models.base import Moment, looking
from portal.models.schema import metadatas
from portal.services.backup_time import KIND

ROWS = 5_000
_NEVER = {"alembic_version"}
#: kind of a column -> the type its values are written with
TYPES: dict[str, Any] = {
    "uuid": sa.Uuid, "moment": Moment, "date": sa.Date, "bytes": sa.LargeBinary, "bool": sa.Boolean,
    "json": lambda: sa.JSON(none_as_null=True), "int": sa.BigInteger, "float": sa.Float, "text": sa.Text,
}  # fmt: skip
_KINDS: tuple[tuple[Any, str], ...] = (
    (sa.Uuid, "uuid"), (sa.DateTime, "moment"), (sa.Date, "date"), (sa.LargeBinary, "bytes"), (sa.JSON, "json"),
    (sa.Boolean, "bool"), (sa.Integer, "int"), (sa.Float, "float"), (sa.String, "text"),
)  # fmt: skip
_OUT: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda one: one.hex, "moment": datetime.isoformat, "date": date.isoformat,
    "bytes": lambda one: base64.b64encode(one).decode(),
}  # fmt: skip
_IN: dict[str, Callable[[Any], Any]] = {
    "uuid": UUID, "moment": datetime.fromisoformat, "date": date.fromisoformat, "bytes": base64.b64decode,
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """Rows of one table: its columns with their kinds, and the rows as packed lines."""

    table: str
    columns: list[tuple[str, str]]
    rows: int
    packed: bytes


def tables() -> list[Table]:
    """Every table of the portal, in an order in which rows find those they point to as far as there is one."""
    return [table for data in metadatas() for table in data.sorted_tables if table.name not in _NEVER]


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One moment of the whole database, however long it is read; nobody who writes waits for it."""
    with looking(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            connection.execute(text("SELECT 1 FROM data_key")).first()  # the moment is that of the first look
            yield connection


def revision(connection: Connection) -> str:
    """The revision of the schema."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def pieces(connection: Connection) -> Generator[Piece, None, None]:
    """All rows; at most ROWS of them in memory."""
    for table in tables():
        columns = [(column.name, _kind(column)) for column in table.columns]
        query = select(table)
        if table.name == "job":
            query = query.where(table.c.kind != KIND)
        with closing(connection.execution_options(yield_per=ROWS).execute(query)) as result:
            for rows in result.partitions(ROWS):
                yield Piece(table.name, columns, len(rows), _packed(columns, rows))


def _kind(column: Any) -> str:
    plain = column.type.impl if isinstance(column.type, sa.types.TypeDecorator) else column.type
    return next(kind for type_, kind in _KINDS if isinstance(plain, type_))


def _packed(columns: list[tuple[str, str]], rows: Iterable[Any]) -> bytes:
    outs = [_OUT.get(kind) for _name, kind in columns]
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=3, mtime=0) as file:
        for row in rows:
            values = [value if value is None or of is None else of(value) for value, of in zip(row, outs, strict=True)]
            file.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return out.getvalue()


def unpacked(piece: Piece) -> list[dict[str, Any]]:
    """The rows of a piece. ValueError when they are not as many as they should be."""
    ins = [(name, _IN.get(kind)) for name, kind in piece.columns]
    rows = []
    for line in gzip.decompress(piece.packed).splitlines():
        values = zip(ins, json.loads(line), strict=True)
        rows.append({name: value if value is None or of is None else of(value) for (name, of), value in values})
    if len(rows) != piece.rows:
        raise ValueError(f"{piece.table}: {len(rows)} rows instead of {piece.rows}")
    return rows


def put(connection: Connection, piece: Piece) -> None:
    """Insert the rows of a piece."""
    columns = [sa.column(name, TYPES[kind]()) for name, kind in piece.columns]
    rows = unpacked(piece)
    if rows:
        connection.execute(sa.table(piece.table, *columns).insert(), rows)


@contextmanager
def without_order(connection: Connection) -> Iterator[None]:
    """A stretch in which rows may come before those they point to; all links are checked at its end. On SQLite
    `migrating` does this."""
    if connection.dialect.name != "postgresql":
        yield
        return
    query = (
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    )
    links = connection.execute(text(query)).all()
    for table, name, _definition in links:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    yield
    for table, name, definition in links:
        connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))


def go_on_counting(connection: Connection) -> None:
    """Numbers that the database gives go on after the highest that was restored."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        for column in table.primary_key.columns:
            named = {"table": f'"{table.name}"', "column": column.name}
            found = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), named).scalar()
            if found:
                highest = f'SELECT setval(:sequence, coalesce(max("{column.name}"), 0) + 1, false) FROM "{table.name}"'
                connection.execute(text(highest), {"sequence": found})


def is_empty(engine: Engine, revision: str) -> bool:
    """Has this database no table yet, or the tables of this revision without a row?"""
    with looking(), engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        if not there:
            return True
        own = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        rows = (
            connection.execute(select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in tables()
            if table.name != "deployment" and table.name in there
        )
        return own == revision and not any(rows)
