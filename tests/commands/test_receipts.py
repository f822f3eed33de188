"""`portal receipts`: what is listed agrees with what is kept, and whatever was changed since is named by its day."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete

from portal.commands import receipts
from portal.models import Photo, Sheet, db
from portal.rules.clock import now
from portal.rules.workflow import SheetState
from portal.services import photos, receipt_days
from portal.services.refusals import NotFound
from tests.make import Make
from tests.photographs import jpeg

Run = Callable[..., int]


@pytest.fixture
def run(app: Flask) -> Run:
    """One command as typed, inside the application."""

    def typed(*words: str) -> int:
        top = argparse.ArgumentParser()
        receipts.register(top.add_subparsers())
        args = top.parse_args(["receipts", *words])
        db.session.expire_all()
        status: int = args.func(args, app)
        return status

    return typed


@pytest.fixture
def school(make: Make) -> Sheet:
    """A sheet whose school received photos on two days that are closed."""
    sheet = make.sheet(SheetState.ISSUED)
    for days in (4, 4, 2):
        with time_machine.travel(now() - timedelta(days=days), tick=False):
            photos.receive(sheet, jpeg(), photos.Sender("family"))
    receipt_days.close_days()
    return sheet


def test_file_and_photos_agree(run: Run, school: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "receipts.json"
    assert run("list", "--school", "2199000001", "--out", str(file)) == 0
    given = json.loads(file.read_text(encoding="utf-8"))
    assert [len(day["receipts"]) for day in given["days"]] == [2, 1]
    assert run("verify", str(file)) == 0
    assert run("verify", "--school", "2199000001") == 0
    assert run("verify", "--school", "2199000001", "--day", given["days"][1]["day"]) == 0
    assert capsys.readouterr().out.splitlines() == ["2 days agree", "2 days agree", "1 day agrees"]


def test_a_photo_that_is_gone_is_named_by_its_day(
    run: Run, school: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = school.photos[0], receipt_days.days_of(school.school_id, school.round_id)[-1].day
    day = receipt_days.days_of(school.school_id, school.round_id)[0].day
    db.session.execute(delete(Photo).where(Photo.id == first.id))
    db.session.commit()
    assert run("verify", "--school", "2199000001") == 1
    assert capsys.readouterr().out == f"{day} differs: 2 photos when it was closed, 1 now\n"
    assert run("verify", "--school", "2199000001", "--day", str(last)) == 0
    with pytest.raises(NotFound):
        run("verify", "--school", "2199000001", "--day", "2020-01-01")
    file = tmp_path / "receipts.json"
    run("list", "--school", "2199000001", "--out", str(file))
    assert run("verify", str(file)) == 1


def _without_a_receipt(given: dict) -> None:
    given["days"][1]["receipts"].pop()


def _without_a_day(given: dict) -> None:
    given["days"].insert(1, dict(given["days"][0]))


@pytest.mark.parametrize("change", [_without_a_receipt, _without_a_day])
def test_a_file_that_was_changed_is_told(
    run: Run, school: Sheet, tmp_path: Path, change: Callable[[dict], None]
) -> None:
    file = tmp_path / "receipts.json"
    run("list", "--school", "2199000001", "--out", str(file))
    given = json.loads(file.read_text(encoding="utf-8"))
    change(given)
    file.write_text(json.dumps(given), encoding="utf-8")
    assert run("verify", str(file)) == 1


def test_a_file_remembers_what_the_database_has_forgotten(
    run: Run, school: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "receipts.json"
    run("list", "--school", "2199000001", "--out", str(file))
    db.session.delete(receipt_days.days_of(school.school_id, school.round_id)[-1])
    db.session.commit()
    assert run("verify", str(file)) == 1
    assert "none kept here" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"form": "another"}'])
def test_what_is_no_such_file_is_said(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    assert run("verify", str(file)) == 2
    assert run("verify") == 2
