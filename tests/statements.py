"""How many statements a stretch of code sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portal.models import db


@contextmanager
def sent() -> Iterator[list[str]]:
    """The statements sent meanwhile, by a session that remembers no rows."""
    told: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    db.session.rollback()
    db.session.expunge_all()
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield told
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
