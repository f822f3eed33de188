"""`portal changes`: files for the registry from the command line, as the registrar would make them."""

from __future__ import annotations

import argparse
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.commands import changes
from portal.models import ChangeFile, Sheet, db
from portal.rules.clock import now
from portal.rules.workflow import SheetState
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.roster_files.reading import read
from tests.make import Make

Run = Callable[..., Any]
CODE = "2199000001"


@pytest.fixture
def run(app: Flask, capsys: pytest.CaptureFixture[str]) -> Run:
    """One command as typed; what it printed as JSON."""

    def typed(*words: str) -> Any:
        top = argparse.ArgumentParser()
        changes.register(top.add_subparsers())
        why = ("--purpose", "交给学籍系统", "--plain") if words[0] == "export" else ()
        args = top.parse_args(["changes", *words, *why, "--school", CODE, "--json"])
        assert args.func(args, app) == 0
        return json.loads(capsys.readouterr().out)

    return typed


@pytest.fixture
def verified(make: Make) -> Sheet:
    sheet = make.sheet(SheetState.VERIFIED)
    change = new_change(sheet, "phone")
    change.values, change.outcome, change.entered_at = change.values | {"entered": "15400001234"}, "accepted", now()
    db.session.commit()
    return sheet


def test_made_once_written_again_and_taken(run: Run, verified: Sheet, tmp_path: Path) -> None:
    out, again = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    assert run("list") == {"due": 1, "files": []}
    told = run("export", "--out", str(out))
    assert (told["number"], told["pupils"], told["changes"], told["state"]) == (1, 1, 1, "waiting")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    run("export", "--out", str(again), "--number", "1")
    one, two = (read("a.xlsx", path.read_bytes())[1] for path in (out, again))
    assert one == two
    told = run("taken", "--number", "1", "--receipt", "批次 0017")
    assert (told["state"], told["receipt"]) == ("taken", "批次 0017")
    assert run("list")["due"] == 0
    file = db.session.query(ChangeFile).one()
    assert (file.made_by_id, file.taken_by_id) == (None, None)


def test_nothing_due_writes_no_file(run: Run, make: Make, tmp_path: Path) -> None:
    make.round()
    make.class_()
    out = tmp_path / "one.xlsx"
    with pytest.raises(TooLate):
        run("export", "--out", str(out))
    assert not out.exists()
    with pytest.raises(NotFound):
        run("export", "--out", str(out), "--number", "3")
    assert not out.exists()


def test_no_file_is_made_that_cannot_be_written(run: Run, verified: Sheet, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        run("export", "--out", str(tmp_path / "nowhere" / "one.xlsx"))
    assert db.session.query(ChangeFile).count() == 0


def test_a_refused_file_gives_its_changes_back(run: Run, verified: Sheet, tmp_path: Path) -> None:
    run("export", "--out", str(tmp_path / "one.xlsx"))
    assert run("refused", "--number", "1", "--reason", "格式不对")["state"] == "dropped"
    assert run("list")["due"] == 1
    with pytest.raises(Refusal):
        run("taken", "--number", "1", "--receipt", "批次 0017")
