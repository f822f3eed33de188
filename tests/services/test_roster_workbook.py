"""Rosters as workbooks: texts only, nothing that a spreadsheet would run, and the same pupils when they come back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from portal.models import db
from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.rules.roles import Actor, Role
from portal.services import exports, roster_export, roster_workbook, rosters
from portal.services.refusals import NotFound, TooLate
from portal.services.roster_files.reading import read
from tests import exported
from tests import roster_files as files
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def sheet_xml(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read("xl/worksheets/sheet1.xml").decode()


def bring_in(actor: Actor, people: list[dict[str, str]]) -> None:
    rosters.confirm(actor, rosters.preview(actor, "a.csv", files.text(files.table(people))).id)


@pytest.mark.parametrize("dangerous", ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "https://example.org"])
def test_texts_that_look_like_formulas_or_links_stay_texts(dangerous: str) -> None:
    content = roster_workbook.roster([files.records(1)[0] | {"talent": dangerous}])
    cell = load_workbook(io.BytesIO(content)).worksheets[0].cell(2, files.column("talent") + 1)
    assert (cell.value, cell.data_type, cell.quotePrefix, cell.hyperlink) == (dangerous, "s", True, None)
    assert "<f>" not in sheet_xml(content)
    assert dict(zip(*people_and_items(content), strict=True))["talent"] == dangerous


def people_and_items(content: bytes) -> tuple[list[str], list[str]]:
    table, rows = read("a.xlsx", content)
    return table["items"], rows[0][1]


def test_no_cell_is_a_number() -> None:
    content = roster_workbook.roster(files.records(2))
    cells = sheet_xml(content).count("<c ")
    assert cells == sheet_xml(content).count('t="s"') + sheet_xml(content).count("/><c ") + sheet_xml(content).count(
        "/></row>"
    )


def test_control_characters_do_not_break_the_file() -> None:
    content = roster_workbook.roster([files.records(1)[0] | {"talent": "围\x0b\x00棋"}])
    assert len(read("a.xlsx", content)[1]) == 1


def test_every_code_comes_back_as_itself(registrar: Actor, make: Make) -> None:
    people = files.records(6)
    people[0] |= {"hmt_overseas": "00", "nationality": "CHN", "blood_type": "3", "commuting_mode": "2"}
    bring_in(registrar, people)
    _name, content = exported.taken(make, registrar, exported.roster())
    report = rosters.preview(registrar, "a.xlsx", content).report
    assert report["counts"]["unchanged"] == 6
    assert "汉族" in str(load_workbook(io.BytesIO(content)).worksheets[0]["K3"].value)


def test_a_class_is_exported_in_the_order_of_its_numbers(registrar: Actor, make: Make) -> None:
    people = files.records(3)
    people[0]["class_seat_number"], people[2]["class_seat_number"] = "30", "2"
    bring_in(registrar, people)
    class_ = make.class_(make.school(), people[0]["class_no"])
    name, content = exported.taken(make, registrar, exported.roster(class_.id))
    assert name.startswith(f"2199000001-{class_.code}-DC")
    seats = [row[1][files.column("class_seat_number")] for row in read("a.xlsx", content)[1]]
    assert seats == ["02", "2", "30"]


def test_places_that_are_no_class_of_the_school_are_not_exported(registrar: Actor, make: Make) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    for place in (other, other.parent, make.county()):
        assert place is not None
        with pytest.raises(NotFound):
            exports.ask(registrar, exported.roster(place.id))


def test_the_template_has_every_column_and_says_how_to_fill_it() -> None:
    book = load_workbook(io.BytesIO(roster_workbook.template()))
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert heads == files.names()
    notes = {row[0]: row[1:] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)}
    assert set(notes) == {ITEMS[item].name_zh for item in ROSTER_ITEMS}
    assert notes["性别"] == ("要填", "男", "男、女")


def test_the_rows_to_correct_say_what_is_wrong_and_mark_it(registrar: Actor) -> None:
    people = files.records(3)
    people[1] |= {"phone": "1", "name": "林1"}
    row = rosters.preview(registrar, "a.csv", files.text(files.table(people)))
    name, content = roster_export.export_faults(registrar, row.id, str, "zh")
    assert name.startswith("2199000001-")
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    assert page.max_row == 2
    assert page.cell(2, 1).value == "3"
    assert "姓名只能是汉字" in str(page.cell(2, 2).value)
    marked = {page.cell(1, n).value for n in range(3, 80) if page.cell(2, n).fill.fgColor.rgb == "FFFBEAE6"}
    assert marked == {"姓名", "联系电话"}
    rosters.discard(registrar, row.id)
    with pytest.raises(TooLate):
        roster_export.export_faults(registrar, row.id, str, "zh")


def test_nothing_is_written_to_disk_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tempfile.mkstemp", None)
    assert roster_workbook.roster(files.records(5))
    assert list(tmp_path.iterdir()) == []


def test_drafts_are_no_part_of_an_export(registrar: Actor, make: Make) -> None:
    people = files.records(2)
    people[0]["phone"] = "1"
    rosters.confirm(registrar, rosters.preview(registrar, "a.csv", files.text(files.table(people))).id, True)
    db.session.rollback()
    assert len(read("a.xlsx", exported.taken(make, registrar, exported.roster())[1])[1]) == 1
