"""An import that is killed at any statement has brought in nobody or everybody (sec-R16, sec-X29)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from portal.models import Pupil, Sheet, db
from portal.rules.roles import Actor, Role
from portal.services import rosters
from portal.services.roster_commit import Commit
from portal.services.roster_reading import close
from tests import roster_files as files
from tests.make import Make

ROWS = 12
#: before which of its statements (and its commit) the import is killed, one after the other
POINTS = range(2, 400, 9)


def confirm_and_die(actor: Actor, import_id: UUID, at: int) -> bool:
    """Confirm in a process of its own that is killed before its statement number `at`; was it killed?"""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _confirm(actor, import_id, at)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _confirm(actor: Actor, import_id: UUID, at: int) -> None:
    db.session.remove()
    db.engine.dispose(close=False)  # the parent's connections are the parent's
    left = at

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(db.engine, "before_cursor_execute", count)
    event.listen(db.engine, "commit", count)
    rosters.confirm(actor, import_id)


def brought_in() -> tuple[int, int]:
    """Pupils and sheets that are there."""
    db.session.rollback()
    pupils = select(func.count()).select_from(Pupil).where(Pupil.is_draft.is_(False))
    found = db.session.scalar(pupils) or 0, db.session.scalar(select(func.count()).select_from(Sheet)) or 0
    db.session.rollback()
    return found


@pytest.fixture
def waiting(app: Flask, make: Make) -> tuple[Actor, UUID]:
    """A registrar and a roster that waits to be confirmed."""
    make.round()
    registrar = make.actor(Role.REGISTRAR, make.school())
    import_id = rosters.preview(registrar, "a.csv", files.text(files.table(files.records(ROWS)))).id
    db.session.rollback()
    close()  # a fork starts a reader of its own
    return registrar, import_id


def after_kills(registrar: Actor, import_id: UUID) -> Iterator[tuple[int, int]]:
    """What is there after each kill, until the import has ended, killed or not."""
    for at in POINTS:
        was_killed = confirm_and_die(registrar, import_id, at)
        yield brought_in()
        if not was_killed or brought_in()[0]:
            return


def test_a_killed_import_is_all_or_nothing(waiting: tuple[Actor, UUID]) -> None:
    found = list(after_kills(*waiting))
    assert len(found) > 3
    assert set(found[:-1]) == {(0, 0)}
    assert found[-1] == (ROWS, ROWS)


def test_an_import_in_pieces_is_found(waiting: tuple[Actor, UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    def in_pieces(self: Commit, *rest: Any) -> None:
        whole(self, *rest)
        db.session.flush()
        db.session.execute(text("DELETE FROM sheet"))
        db.session.commit()
        db.session.execute(text("SELECT 1"))

    whole = Commit.carry_out
    monkeypatch.setattr(Commit, "carry_out", in_pieces)
    assert set(after_kills(*waiting)) - {(0, 0), (ROWS, ROWS)}
