"""The nightly look: asked for once a night, what it finds is written down and shown, what nobody names goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from portal.jobs.table import job
from portal.models import Step, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import keeping, nightly, photos
from portal.services.work import make_worker
from tests.make import Make
from tests.pages import Browser
from tests.services.test_verifying import age, file_of, photo

NIGHT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # half past two in Beijing


def asked() -> int:
    return db.session.scalar(select(func.count()).select_from(job).where(job.c.kind == nightly.KIND)) or 0


def test_it_is_asked_for_once_a_night(app: Flask, make: Make) -> None:
    assert not nightly.ask(NIGHT + timedelta(hours=6)), "not by day"
    assert nightly.ask(now() - timedelta(hours=1), always=True)
    assert not nightly.ask(now(), always=True)
    assert nightly.ask(now() + timedelta(days=1), always=True)
    assert asked() == 2


def test_what_it_finds_is_written_down_and_shown_to_the_province(app: Flask, make: Make, browser: Browser) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    kept, gone = photo(sheet, b"one" * 99, 1), photo(sheet, b"two" * 99, 2)
    officer = make.user(Role.REGISTRAR, make.province())
    make.user(Role.REGISTRAR, make.county(), "county")
    assert "还没有检查过" in page_of(browser, officer.login)
    address = gone.address
    db.session.delete(gone)
    db.session.commit()
    age(file_of(app, address), 30)
    nightly.ask(always=True)
    assert make_worker(app).drain() == 1
    look = nightly.last()
    assert look is not None
    assert (look.files, look.faults, look.strangers, look.removed) == (2, 0, 1, 1)
    assert not photos.store().exists(address)
    assert db.session.scalars(select(Step.details).where(Step.move == "VERIFY_FILES")).one()["faults"] == 0
    assert "都在，都打得开" in page_of(browser, officer.login)
    photos.remove(kept.address)
    nightly.ask(now() + timedelta(days=2), always=True)
    make_worker(app).drain()
    assert "有东西丢了或坏了" in page_of(browser, officer.login)
    browser.sign_in("county", "four quiet horses")
    browser.get("/staff/manage/keeping", 403)


def page_of(browser: Browser, login: str) -> str:
    browser.sign_in(login, "four quiet horses")
    return browser.get("/staff/manage/keeping").text


def test_nobody_has_looked_for_two_nights(app: Flask, make: Make) -> None:
    assert nightly.is_late(None)
    assert not keeping.seen_by(make.actor(Role.REGISTRAR, make.province())).rounds
