"""The demo: made-up people only, brought to life as real ones, and nothing of them in the clear (sec-A38)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.commands import demo
from portal.models import Application, Photo, Pupil, RegistrationCode, Round, Sheet, User, db
from portal.rules.applications import ApplicationKind
from portal.rules.figures import Measure
from portal.rules.workflow import SheetState
from portal.services import figures
from portal.settings import Settings

#: two classes in the first school: one with applications, the teacher's with photos
ARGUMENTS = Namespace(schools=2, pupils=92, seed=1, bare=False, if_missing=False)
ITEMS = (
    "name",
    "id_number",
    "student_number",
    "phone",
    "current_address",
    "guardian1_name",
    "guardian1_id_number",
    "guardian1_phone",
)


@pytest.fixture
def province(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> str:
    """A small demo; what it printed."""
    caplog.set_level("DEBUG")
    assert demo.demo(ARGUMENTS, app) == 0
    return capsys.readouterr().out


@pytest.mark.slow
def test_demo_is_alive_and_nothing_of_it_stands_in_the_clear(
    province: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    tells_how_to_sign_in(province, settings)
    is_alive()
    deletes_nobody_who_is_entered()
    if settings.database.startswith("sqlite"):
        stands_nowhere_in_the_clear(settings, caplog.text)


def tells_how_to_sign_in(province: str, settings: Settings) -> None:
    for login in ("province", "prefecture", "county", "registrar", "operator", "leader", "teacher"):
        assert f"  {login} " in province
    assert f"{settings.base_url}/s/" in province


def is_alive() -> None:
    found = db.session.scalars(select(Round)).one()
    counts = figures.counts_below(found.id, found.path)
    assert counts[Measure.EXPECTED] == 92
    assert counts[Measure.RECEIVED] == counts[Measure.READABLE] == counts[Measure.SIGNED] > 0
    states = {sheet.state for sheet in db.session.scalars(select(Sheet))}
    assert {SheetState.EXPECTED, SheetState.ISSUED, SheetState.RECEIVED, SheetState.CHECKED} <= states
    assert figures.recount(found.id) == []


def deletes_nobody_who_is_entered() -> None:
    """R113: chance decided which child of the teacher's class is entered, and that may be no deleted one."""
    deleted = db.session.scalars(select(Application).where(Application.kind == ApplicationKind.DELETION)).all()
    entered = db.session.scalars(select(Sheet.class_id).where(Sheet.state != SheetState.EXPECTED)).all()
    assert len(deleted) == 2
    assert not {one.pupil.class_id for one in deleted} & set(entered)


def stands_nowhere_in_the_clear(settings: Settings, log: str) -> None:
    records = [pupil.record for pupil in db.session.scalars(select(Pupil))]
    secrets = {record[item] for record in records for item in ITEMS if record.get(item)}
    secrets |= {code for row in db.session.scalars(select(RegistrationCode)) if (code := row.code)}
    secrets |= {name for user in db.session.scalars(select(User)) if (name := user.name)}
    assert len(secrets) > 150
    assert db.session.scalars(select(Photo)).first() is not None
    stored = [path for path in Path(settings.var).rglob("*") if path.is_file() and path.name != "demo.txt"]
    assert len(stored) > 20
    content = b"\n".join(path.read_bytes() for path in stored) + log.encode()
    assert [secret for secret in secrets if secret.encode() in content] == []


def test_demo_refuses_a_database_that_is_not_empty(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Namespace(**(vars(ARGUMENTS) | {"bare": True}))
    assert demo.demo(bare, app) == 0
    assert demo.demo(bare, app) == 1
    assert "not empty" in capsys.readouterr().err
    assert demo.demo(Namespace(**(vars(bare) | {"if_missing": True})), app) == 0


@pytest.mark.parametrize(("schools", "pupils"), [(0, 10), (5, 4)])
def test_absurd_sizes_are_refused(app: Flask, schools: int, pupils: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.demo(Namespace(**(vars(ARGUMENTS) | {"schools": schools, "pupils": pupils})), app) == 2
    assert capsys.readouterr().err.count("\n") == 1
