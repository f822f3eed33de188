"""`portal sheets`: the shapes that scripts rely on, with the real printer and the real reader (architecture 7, R94)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from portal.commands import sheets
from portal.models import Leaf, Place, db
from portal.rules.numbers import leaf_of
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.refusals import NotFound, TooLate
from tests.make import Make
from tests.press import unlock


def run(app: Flask, *words: str) -> int:
    """One command as typed, inside the application."""
    top = argparse.ArgumentParser()
    sheets.register(top.add_subparsers())
    args = top.parse_args(["sheets", *words])
    status: int = args.func(args, app)
    return status


@pytest.fixture
def school(make: Make) -> Place:
    """An unlocked school inside its window, with two classes."""
    make.window()
    school = make.school()
    registrar = make.user(Role.REGISTRAR, school)
    make.actor(Role.REGISTRAR, school)
    unlock(make, school.id, registrar.id)
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    for class_ in (one, one, two):
        make.sheet(pupil=make.pupil(class_))
    return school


def pictures(pdf: Path, folder: Path) -> list[Path]:
    """The pages as images at 200 dpi."""
    made = []
    document = pypdfium2.PdfDocument(pdf)
    for n, page in enumerate(document):
        made.append(folder / f"{n}.png")
        page.render(scale=200 / 72).to_pil().save(made[-1])
    document.close()
    return made


def test_what_is_printed_reads_back(
    app: Flask, school: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every sheet rasterised at 200 dpi names its own pupil and page."""
    out = tmp_path / "sheets.pdf"
    assert run(app, "print", "--school", school.code, "--out", str(out), "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"run", "pages_per_sheet", "sheets", "seconds", "peak_mb"}
    assert [sheet["first_page"] for sheet in report["sheets"]] == [1, 3, 5]
    assert list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part")) == []
    files = pictures(out, tmp_path)
    assert run(app, "read", *map(str, files), "--json") == 0
    seen = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = [(s["student_number"], s["sheet"], page) for s in report["sheets"] for page in (1, 2)]
    assert [(page["student_number"], page["sheet"], page["page"]) for page in seen] == expected
    front = seen[0]
    names = "file page_in_file sheet page student_number verdict reasons corners signed written ms"
    assert list(front) == names.split()
    assert (front["verdict"], front["signed"], front["written"], front["corners"]) == ("readable", False, [], 4)
    assert db.session.get(Leaf, leaf_of(front["sheet"]))


def test_a_scanned_pile_is_read_page_by_page(
    app: Flask, school: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "class.pdf"
    run(app, "print", "--school", school.code, "--class", "2020107", "--out", str(out), "--json")
    report = json.loads(capsys.readouterr().out)
    assert len(report["sheets"]) == 1
    run(app, "read", str(out), "--json")
    seen = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(page["page_in_file"], page["page"]) for page in seen] == [(1, 1), (2, 2)]
    assert {page["student_number"] for page in seen} == {report["sheets"][0]["student_number"]}
    run(app, "read", str(out))
    assert "sheet" in capsys.readouterr().out


def test_printing_needs_window_and_unlocking(app: Flask, make: Make, tmp_path: Path) -> None:
    """R94; a refused command leaves no file."""
    make.window()
    sheet = make.sheet()
    with pytest.raises(TooLate, match="还没有解锁"):
        run(app, "print", "--school", "2199000001", "--out", str(tmp_path / "x.pdf"))
    assert [p for p in tmp_path.iterdir() if "x.pdf" in p.name] == []
    assert sheet.state == SheetState.EXPECTED


def test_unknown_schools_and_classes(app: Flask, school: Place, tmp_path: Path) -> None:
    for words in (["--school", "1"], ["--school", school.code, "--class", "2020199"]):
        with pytest.raises(NotFound):
            run(app, "print", *words, "--out", str(tmp_path / "x.pdf"))


def test_the_layout_names_every_box(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    run(app, "layout", "--json")
    form: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert set(form) == {"version", "pages"}
    front = form["pages"][0]
    assert {"page", "width_mm", "height_mm", "marks", "qr", "boxes"} <= set(front)
    assert {box["kind"] for box in front["boxes"]} == {"value", "change", "signature", "date"}
    assert len({box["item"] for box in front["boxes"] if box["kind"] == "change"}) == 67
    run(app, "layout")
    assert "parent_signature" in capsys.readouterr().out


def test_what_no_run_needs_is_swept(app: Flask, school: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, "sweep", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"removed": 0}
    assert run(app, "sweep") == 0
    assert "0 files" in capsys.readouterr().out


def test_what_will_not_be_whole_is_told_before(
    app: Flask, make: Make, school: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make.sheet(pupil=make.pupil(name="林\ue863"))
    assert run(app, "print", "--school", school.code, "--out", str(tmp_path / "out.pdf"), "--json") == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].endswith("name: no font has \ue863")


def test_what_is_no_sheet_is_said_and_never_fails(
    app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("a.jpg", b"no picture"), ("b.pdf", b"%PDF-1.4 broken"), ("c.txt", b"")):
        (tmp_path / name).write_bytes(content)
        assert run(app, "read", str(tmp_path / name), "--json") == 0
        [line] = capsys.readouterr().out.splitlines()
        seen = json.loads(line)
        assert (seen["verdict"], seen["sheet"], seen["student_number"]) == ("unknown", None, None)
        assert seen["reasons"]
    with pytest.raises(OSError):
        run(app, "read", str(tmp_path / "missing.jpg"))
