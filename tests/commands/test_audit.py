"""`portal audit`: one line and four exit codes; anchors, also those that somebody else kept; a note by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import commands
from portal.models import Step, db
from portal.models.schema import guards
from portal.rules.clock import day_start, local, now
from portal.services import audit_anchors, audit_results, audit_sealing
from portal.services.history import record
from tests.make import Make


@pytest.fixture
def run(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command on the database of this test: (exit status, output); five steps are sealed and anchored."""
    place = make.province()
    for n in range(5):
        record(None, place, "TRY", place.id, n=n)
    db.session.commit()
    audit_sealing.seal_all()

    def run(*argv: str) -> tuple[int, str]:
        args = commands.parser().parse_args(["audit", *argv])
        db.session.rollback()
        status = args.func(args, app)
        audit_sealing.seal_all()  # the result is a step, too
        told = capsys.readouterr()
        return status, (told.out + told.err).strip()

    return run


def _tamper(*statements: str) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        guards.take_down(connection)
        for statement in statements:
            connection.execute(text(statement))
        guards.put_up(connection)


def test_ok_tells_positions_anchors_and_what_waits(run: Any) -> None:
    assert run("verify") == (0, "OK 1...5, no anchors: a cut end would not show, unsealed 0 (max age 0 s)")
    status, line = run("anchor")
    assert status == 0
    assert line.endswith(audit_anchors.own().anchors[0].short)
    status, line = run("verify")
    assert (status, line[:29]) == (0, "OK 1...6, 1 anchors matched, ")
    status, told = run("verify", "--from", "4", "--json")
    assert (status, json.loads(told)["first"], json.loads(told)["last"]) == (0, 4, 7)
    results = list(db.session.scalars(select(Step).where(Step.move == audit_results.VERIFY)))
    assert [step.details["exit"] for step in results] == [0, 0, 0]


def test_a_changed_step_ends_with_1_and_its_position(run: Any) -> None:
    _tamper("UPDATE step SET move = 'X' WHERE position = 3")
    status, line = run("verify")
    assert (status, line) == (1, "TAMPERED: a step or its seal was changed at position 3; good up to 2")
    assert run("verify", "--from", "4")[0] == 0  # what lies behind agrees with itself
    _tamper("DELETE FROM step WHERE position = 2")
    assert "a step is missing at position 2" in run("verify")[1]


def test_removed_triggers_are_noticed(run: Any) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        guards.take_down(connection)
    status, line = run("verify")
    assert status == 1
    assert "triggers" in line
    with db.engine.begin() as connection:
        guards.put_up(connection)


def test_a_cut_end_ends_with_2_also_with_anchors_kept_elsewhere(run: Any, tmp_path: Path) -> None:
    run("anchor")
    kept = tmp_path / "kept.jsonl"
    own = next(audit_anchors.folder().glob("*.jsonl"))
    kept.write_bytes(own.read_bytes())
    _tamper("DELETE FROM step WHERE position > 3")
    status, line = run("verify")
    assert status == 2
    assert "cut off" in line
    own.unlink()
    assert run("verify")[0] == 0  # nothing here gives it away any more
    assert run("verify", "--anchors", str(kept))[0] == 2
    kept.write_text(kept.read_text().replace('"position": 5', '"position": 4'))
    status, line = run("verify", "--anchors", str(kept))
    assert (status, "signature" in line) == (2, True)


def test_what_cannot_be_checked_ends_with_3(run: Any, tmp_path: Path) -> None:
    assert run("verify", "--anchors", str(tmp_path / "nothing"))[0] == 3
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE step RENAME TO gone"))
    args = commands.parser().parse_args(["audit", "verify"])
    assert args.func(args, None) == 3
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO step"))


def test_a_torn_line_of_anchors_is_passed_over(run: Any) -> None:
    run("anchor")
    own = next(audit_anchors.folder().glob("*.jsonl"))
    with own.open("ab") as file:
        file.write(b'{"position": 9, "he')
    assert run("verify")[0] == 0
    run("anchor")
    status, told = run("verify", "--json")
    assert (status, json.loads(told)["matched"], len(json.loads(told)["unreadable"])) == (0, 2, 1)


def test_a_note_is_compared(run: Any) -> None:
    run("anchor")
    code = audit_anchors.own().anchors[0].short
    assert run("note", "5", *code.split()) == (0, "agrees")
    assert run("note", "4", code)[0] == 1
    assert "cut off" in run("note", "99", code)[1]
    assert run("note", "5", "ABC")[0] == 2


def test_anchors_are_due_every_hour_and_at_midnight(run: Any) -> None:
    moment = day_start(local(now()).date()) + timedelta(minutes=5)
    before = audit_anchors.make(moment - timedelta(minutes=10))
    assert audit_anchors.is_due(before, moment)  # midnight lies between
    before = audit_anchors.make(moment)
    assert not audit_anchors.is_due(before, moment + timedelta(minutes=59))
    assert audit_anchors.is_due(before, moment + timedelta(minutes=60))
    assert audit_anchors.is_due(before, moment - timedelta(hours=1))  # the clock went back


def test_a_folder_that_takes_no_anchor_is_an_alarm_once_an_hour(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit_anchors, "_append", full)
    for _ in range(3):
        assert audit_results.anchor_due() == 0
    assert [s.move for s in db.session.scalars(select(Step))].count(audit_results.ANCHOR_FAILED) == 1


def test_the_worker_verifies_what_is_new_at_its_start_and_all_at_night(run: Any) -> None:
    due = audit_results.verifier()
    due()
    due()
    told = [s.details["since"] for s in db.session.scalars(select(Step).where(Step.move == audit_results.VERIFY))]
    assert told == [1]
    db.session.rollback()
    audit_sealing.seal_all()
    audit_results.verifier()()
    first = audit_results.last()
    assert first is not None
    assert (first.whole, first.last) == (False, 6)
