"""A school that may print, and a printer that needs no fonts, for tests of everything around the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from portal.jobs import Worker
from portal.models import SignIn, Unlock, db
from portal.paper.content import PrintReport
from portal.rules.clock import now
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor, Role
from tests.make import Make


class Press:
    """Stands in for the printer: takes the sheets one by one, writes a line for each, and keeps what it was given."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.runs: list[Any] = []
        self.before: Callable[[int], None] | None = None
        self.tail = b""

    def __call__(self, sheets: Any, run: Any, out: BinaryIO, key: Any, on_progress: Any = None) -> PrintReport:
        self.runs.append(run)
        count = 0
        for sheet in sheets:
            if self.before is not None:
                self.before(count)
            self.seen.append(sheet)
            out.write(f"{leaf_text(sheet.leaf)} {sheet.registration_code}\n".encode())
            count += 1
            if on_progress is not None:
                on_progress(count)
        out.write(self.tail)
        return PrintReport(2, [2 * n + 1 for n in range(count)], 0.1, [], [])


def may_print(make: Make) -> Actor:
    """A registrar whose school may print now."""
    make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def unlock(make: Make, school_id: UUID, user_id: UUID | None) -> None:
    """As if a download code had been seen in one sign-in and entered in another."""
    sign_in = db.session.scalars(select(SignIn)).first()
    assert sign_in is not None, "somebody must have signed in"
    row = Unlock(round_id=make.round().id, school_id=school_id, user_id=user_id, code_hash=b"x" * 32)
    row.shown_in_id = row.entered_in_id = sign_in.id
    row.expires_at = row.used_at = now()
    db.session.add(row)
    db.session.commit()


def work(app: Flask) -> int:
    """Do all waiting jobs; how many."""
    count = Worker(db.engine, context=app.app_context).drain()
    db.session.expire_all()
    return count
