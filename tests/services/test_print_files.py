"""The file of a run goes when nobody needs it; what a killed worker left is found (D3, D6)."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.files import StoreFailed
from portal.jobs import LeaseLost, Worker
from portal.jobs.table import job
from portal.models import Leaf, PrintRun, db
from portal.rules.clock import now, today
from portal.rules.roles import Actor
from portal.services import photos, print_files, print_runs, printing
from portal.services.print_content import Selection
from portal.services.refusals import TooLate
from tests.make import Make
from tests.press import Press, may_print, work


@pytest.fixture
def registrar(make: Make) -> Actor:
    return may_print(make)


@pytest.fixture
def done(app: Flask, registrar: Actor, make: Make, press: Press) -> PrintRun:
    """A finished run of two sheets."""
    for _ in range(2):
        make.sheet()
    made = printing.start_run(registrar, Selection())
    work(app)
    db.session.refresh(made)
    return made


def stored() -> int:
    return sum(1 for _ in photos.store().walk())


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.fixture
def killed(app: Flask, registrar: Actor, make: Make, press: Press, monkeypatch: pytest.MonkeyPatch) -> PrintRun:
    """A run whose worker died when the file was stored and nothing was written about it."""
    make.sheet()
    made = printing.start_run(registrar, Selection())

    def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(printing, "_complete", dies)
        with pytest.raises(Killed):
            work(app)
    db.session.rollback()
    return made


def test_a_file_stays_an_hour_after_it_was_fetched(registrar: Actor, done: PrintRun) -> None:
    assert print_files.sweep() == 0
    print_runs.fetch_file(registrar, done.id)
    first = done.fetched_at
    done.fetched_at = (first or now()) - timedelta(minutes=59)
    db.session.commit()
    print_runs.fetch_file(registrar, done.id)
    assert print_files.sweep() == 0
    done.fetched_at -= timedelta(minutes=2)
    db.session.commit()
    with pytest.raises(TooLate, match="下载一小时以后"):
        print_runs.fetch_file(registrar, done.id)
    assert not print_runs.run_view(registrar, done.id).has_file
    assert print_files.sweep() == 1
    assert (stored(), done.address) == (0, None)
    assert print_runs.hand_out_run(registrar, done.id) == 2, "the papers are there and go out"


def test_a_file_nobody_fetched_goes_with_the_round(registrar: Actor, done: PrintRun, make: Make) -> None:
    make.round().ends = today() - timedelta(days=1)
    db.session.commit()
    assert print_files.sweep() == 1
    assert stored() == 0


def test_what_a_killed_worker_stored_is_what_the_next_attempt_keeps(app: Flask, killed: PrintRun) -> None:
    assert stored() == 1
    assert print_files.sweep() == 0, "somebody will take the run up again"
    Worker(db.engine, context=app.app_context, clock=lambda: now() + timedelta(minutes=5)).drain()
    db.session.expire_all()
    assert (killed.state, stored()) == ("done", 1)
    assert photos.store().exists(killed.address or "")


def test_another_file_than_the_killed_workers_replaces_it(app: Flask, killed: PrintRun, press: Press) -> None:
    """A record was corrected in between: the older file must not stay behind."""
    before = killed.address
    press.tail = b"corrected"
    db.session.rollback()
    Worker(db.engine, context=app.app_context, clock=lambda: now() + timedelta(minutes=5)).drain()
    db.session.expire_all()
    assert killed.address != before
    assert stored() == 1


def test_what_a_killed_worker_left_of_a_stopped_run_is_swept(registrar: Actor, killed: PrintRun) -> None:
    print_runs.cancel_run(registrar, killed.id)
    assert stored() == 1
    assert print_files.sweep() == 0, "its worker may still be writing"
    _age(killed, minutes=16)
    assert print_files.sweep() == 1
    assert (stored(), killed.address) == (0, None)
    assert db.session.scalar(select(func.count()).select_from(Leaf).where(Leaf.revoked_at.is_(None))) == 0


def _age(run: PrintRun, minutes: int) -> None:
    ended = now() - timedelta(minutes=minutes)
    db.session.execute(update(job).where(job.c.id == run.job_id).values(finished_at=ended))
    db.session.commit()


def test_a_run_that_failed_for_good_leaves_no_file(killed: PrintRun) -> None:
    db.session.execute(update(job).values(state="failed"))
    _age(killed, minutes=16)
    assert print_files.sweep() == 1
    assert stored() == 0


def test_stopped_while_the_file_is_stored(
    app: Flask, registrar: Actor, make: Make, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.sheet()
    made = printing.start_run(registrar, Selection())
    run_id, put = made.id, photos.store().put
    db.session.rollback()

    def stopped(*args: Any) -> Any:
        print_runs.cancel_run(registrar, run_id)
        return put(*args)

    monkeypatch.setattr(photos.store(), "put", stopped)
    work(app)
    db.session.expire_all()
    assert (made.state, made.address, stored()) == ("cancelled", None, 0)


def test_a_worker_that_lost_its_run_leaves_the_others_file(done: PrintRun) -> None:
    address = done.address or ""
    print_files.drop(done.id, address)
    assert (stored(), done.address) == (1, address)
    with pytest.raises(LeaseLost):
        print_files.keep(done.id, io.BytesIO(b"late"))
    assert done.address == address


def test_a_store_that_is_away_is_asked_again(registrar: Actor, done: PrintRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody is told that handing out failed because the file is still there."""

    def away(address: str) -> None:
        raise StoreFailed(address)

    with monkeypatch.context() as patch:
        patch.setattr(photos.store(), "delete", away)
        assert print_runs.hand_out_run(registrar, done.id) == 2
        assert print_files.sweep() == 0
    assert done.address is not None
    assert print_files.sweep() == 1


def test_only_sealed_bytes_are_stored(done: PrintRun, app: Flask) -> None:
    folder = app.extensions["portal.settings"].storage.removeprefix("file://")
    files = [path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()]
    content = print_files.content(done)
    assert len(files) == 1
    assert content[:12] not in files[0]
