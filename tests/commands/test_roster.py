"""`portal roster`: the same import and export for scripts; nothing personal in full on a terminal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.commands import roster
from portal.models import Export, Pupil, RosterImport, Step, db
from portal.services import export_locks
from portal.services.refusals import NotFound, Refusal
from portal.services.roster_files.reading import read
from tests import roster_files as files
from tests.make import Make

SCHOOL = "2199000001"


@pytest.fixture(autouse=True)
def school(make: Make) -> None:
    make.school()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(files.xlsx(files.table(files.records(3))))
    return path


def run(app: Flask, *words: object) -> int:
    parser = ArgumentParser()
    roster.register(parser.add_subparsers())
    args = parser.parse_args(["roster", *map(str, words)])
    status: int = args.func(args, app)
    return status


def pupils() -> list[Pupil]:
    return list(db.session.scalars(select(Pupil)))


def bad_file(path: Path) -> Path:
    people: list[dict[str, Any]] = files.records(3)
    people[1]["phone"] = "1540000000"
    path.write_bytes(files.text(files.table(people)))
    return path


def test_a_good_file_is_imported_and_counted(app: Flask, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "import", file, "--school", SCHOOL) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 rows: 3 new, 0 changed, 0 unchanged, 0 bad, 0 gone",
        "imported",
    ]
    assert len(pupils()) == 3
    assert {step.by_id for step in db.session.scalars(select(Step).where(Step.thing == "pupil"))} == {None}


def test_json_has_counts_and_faults(app: Flask, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "import", file, "--school", SCHOOL, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["imported"], told["rows"], told["new"], told["faults"]) == (True, 3, 3, [])
    assert set(told) >= {"import", "changed", "unchanged", "bad", "gone", "hints", "new_classes", "file"}


def test_a_bad_row_stops_everything(app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "import", bad_file(tmp_path / "a.csv"), "--school", SCHOOL, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["imported"] is False
    [fault] = told["faults"]
    assert (fault["row"], fault["item"], fault["code"]) == (3, "phone", "R60.mobile")
    assert "手机号" in fault["message"]
    assert pupils() == []
    assert db.session.scalars(select(RosterImport.state)).all() == ["discarded"]


def test_bad_rows_are_left_out_when_told_so(app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "import", bad_file(tmp_path / "a.csv"), "--school", SCHOOL, "--leave-out-bad") == 0
    assert "第" not in capsys.readouterr().out
    assert [pupil.is_draft for pupil in pupils()].count(True) == 1


def test_output_shows_no_name_and_no_number_in_full(
    app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = files.records(3)
    people[0]["student_number"] = "G99010120140312OOOO"
    people[1]["id_doc_type"], people[1]["id_number"] = "A", "E 1234567890"
    (tmp_path / "a.csv").write_bytes(files.text(files.table(people)))
    for more in ((), ("--json",)):
        run(app, "import", tmp_path / "a.csv", "--school", SCHOOL, *more)
        told = capsys.readouterr().out
        for person in people:
            for item in ("name", "student_number", "id_number", "phone"):
                assert person[item] not in told


def test_a_person_at_the_terminal_is_asked(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _prompt: "n")
    assert run(app, "import", file, "--school", SCHOOL) == 0
    assert "nothing was imported" in capsys.readouterr().out
    assert pupils() == []
    assert run(app, "import", file, "--school", SCHOOL, "--yes") == 0
    assert len(pupils()) == 3


def test_what_cannot_be_read_is_one_sentence(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(Refusal, match="打不开"):
        run(app, "import", tmp_path / "a.xlsx", "--school", SCHOOL)
    with pytest.raises(OSError, match="missing"):
        run(app, "import", tmp_path / "missing.xlsx", "--school", SCHOOL)
    with pytest.raises(NotFound):
        run(app, "import", tmp_path / "a.xlsx", "--school", "2199999999")


def test_export_of_a_school_and_of_a_class(
    app: Flask, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole or not there (sec-R18), locked unless asked otherwise, always with a purpose, written down."""
    run(app, "import", file, "--school", SCHOOL)
    out = tmp_path / "out.xlsx"
    with pytest.raises(SystemExit):
        run(app, "export", "--school", SCHOOL, "--out", out)
    why = ("--purpose", "迁移演练")
    assert run(app, "export", "--school", SCHOOL, "--out", out, *why) == 0
    password = capsys.readouterr().err.rsplit(" ", 1)[1].strip()
    assert len(read("a.xlsx", export_locks.opened(out.read_bytes(), password))[1]) == 3
    assert out.stat().st_mode & 0o777 == 0o600
    class_no = files.records(1)[0]["class_no"]
    assert run(app, "export", "--school", SCHOOL, "--class", class_no, "--out", out, "--plain", "--masked", *why) == 0
    told = out.read_bytes()
    assert files.records(1)[0]["student_number"] not in str(read("a.xlsx", told)[1])
    with pytest.raises(NotFound):
        run(app, "export", "--school", SCHOOL, "--class", "1999101", "--out", out, *why)
    assert out.read_bytes() == told
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert [export.by_id for export in db.session.scalars(select(Export))] == [None, None]


def test_the_template_is_written(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "template.xlsx"
    assert run(app, "template", "--out", out) == 0
    assert out.read_bytes().startswith(b"PK")
