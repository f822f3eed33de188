"""Asks for addresses as somebody, sees what was written, and takes everything back.

All requests share one connection inside one transaction; each request is a savepoint that is rolled back. So every row
meets the same world, whatever the rows before it did, and thousands cost no more than their work.
"""

from __future__ import annotations

import contextvars
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, NestedTransaction, event, text
from sqlalchemy.engine.cursor import CursorFetchStrategy
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.models import Base, db
from portal.services import second_step

#: what a request may write although it was refused: the try itself, when a sign-in was last seen, rows looked at
SELF = frozenset({"step", "try", "sign_in", "viewed"})
_WRITES = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)

_TOKEN = re.compile(r'"X-CSRFToken": "[^"]*"|name="csrf_token" value="[^"]*"')
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?|\d+ ?秒|\d+ ?分钟")


@dataclass(frozen=True)
class Answer:
    """What came back, and the tables in which something stayed written."""

    status: int
    body: str
    headers: Mapping[str, str]
    written: frozenset[str]
    data: bytes = b""
    #: statements that stayed, with the columns they set, and all values that went into them
    changes: tuple[str, ...] = ()
    values: str = ""
    #: rows read from the database
    fetched: int = 0

    @property
    def location(self) -> str:
        return self.headers.get("Location") or self.headers.get("HX-Redirect") or ""


def shown(answer: Answer) -> str:
    """Everything an answer says, without what differs from one time to the next."""
    body = answer.body
    if answer.data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
            names = [name for name in parts.namelist() if not name.startswith("docProps")]
            body = "\n".join(parts.read(name).decode("utf-8", "replace") for name in names)
    elif answer.data.startswith(b"%PDF"):
        body = "a file to print"
    return f"{answer.status} {answer.location}\n" + _CLOCK.sub("TIME", _TOKEN.sub("", body))


class Door:
    """One connection for all requests; made by `opened`."""

    def __init__(self, app: Flask, connection: Connection) -> None:
        self.app, self.connection = app, connection
        self._pending: list[tuple[str, str, str]] = []
        self._written: list[tuple[str, str, str]] = []
        self.fetched, self.requests, self.statuses = 0, 0, Counter[str]()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        self._cookie = lambda token: f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps({'_user_id': token})}"
        event.listen(connection, "before_cursor_execute", self._sees)
        event.listen(connection, "release_savepoint", lambda *_: self._keeps())
        event.listen(connection, "rollback_savepoint", lambda *_: self._pending.clear())

    def _sees(self, _connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found = _WRITES.match(statement)
        if found:
            self._pending.append((found[1].lower(), statement, repr(values)))

    def _keeps(self) -> None:
        self._written += self._pending
        self._pending.clear()

    def begin(self) -> NestedTransaction:
        """From here on nothing stays once what is given back has been rolled back."""
        self._pending.clear()
        self._written.clear()
        self.fetched = 0
        return self.connection.begin_nested()

    @property
    def written(self) -> frozenset[str]:
        """The tables in which something has stayed written since `begin`."""
        return frozenset(table for table, _statement, _values in self._written)

    def ask(
        self, token: str | None, method: str, address: str, form: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request with a cookie; nothing of it stays."""
        sent = dict(headers or {})
        if token:
            sent["Cookie"] = self._cookie(token)
        point = self.begin()
        try:
            return contextvars.Context().run(self._open, method, address, form, sent)
        finally:
            point.rollback()

    def _open(self, method: str, address: str, form: Any, headers: Mapping[str, str]) -> Answer:
        path, _, query = address.partition("?")
        builder = EnvironBuilder(path=path, query_string=query, method=method, headers=dict(headers), data=form or None)
        environ = builder.get_environ()
        builder.close()
        parts, status, sent = run_wsgi_app(self.app, environ, buffered=True)
        body = b"".join(parts)
        shown = body.decode("utf-8", "replace") if "image" not in sent.get("Content-Type", "") else f"{len(body)} bytes"
        self.requests += 1
        self.statuses[status.split()[0]] += 1
        tables, changes, values = zip(*self._written, strict=True) if self._written else ((), (), ())
        found = frozenset(tables)
        return Answer(int(status.split()[0]), shown, sent, found, body, changes, "\n".join(values), self.fetched)

    def digest(self) -> str:
        """The contents of all tables that no refused request may touch."""
        found = hashlib.sha256()
        for table in Base.metadata.sorted_tables:
            if table.name not in SELF:
                rows = sorted(map(repr, self.connection.execute(text(f'SELECT * FROM "{table.name}"'))))
                found.update(repr((table.name, rows)).encode())
        return found.hexdigest()


@contextmanager
def _counted(door: Door) -> Iterator[None]:
    """Rows that the database hands over are counted, those that are thrown away afterwards, too."""
    plain = {name: getattr(CursorFetchStrategy, name) for name in ("fetchone", "fetchmany", "fetchall")}

    def counting(fetch: Any) -> Any:
        def fetched(*given: Any, **more: Any) -> Any:
            rows = fetch(*given, **more)
            door.fetched += len(rows) if isinstance(rows, list) else rows is not None
            return rows

        return fetched

    for name, fetch in plain.items():
        setattr(CursorFetchStrategy, name, counting(fetch))
    try:
        yield
    finally:
        for name, fetch in plain.items():
            setattr(CursorFetchStrategy, name, fetch)


@contextmanager
def opened(app: Flask) -> Iterator[Door]:
    """A door on the database of the application, inside its context; the session of that context is closed first."""
    db.session.remove()
    engines = db.engines
    engine = engines[None]
    testing, app.testing = app.testing, False  # a failure is an answer, too
    recent, second_step.RECENT = second_step.RECENT, timedelta(days=1)  # otherwise long runs would only be asked for it
    connection = engine.connect()
    outer = connection.begin()
    engines[None] = connection  # type: ignore[assignment]
    door = Door(app, connection)
    try:
        with _counted(door):
            yield door
    finally:
        app.testing, engines[None], second_step.RECENT = testing, engine, recent
        outer.rollback()
        connection.close()
