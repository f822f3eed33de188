"""What is taken as a roster file and how it is read: formats, encodings, heads, what stands around the pupils."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import xlwt

from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.services.roster_files.reading import entry, read
from tests import roster_files as files

PEOPLE = files.records(3)


def people_in(name: str, data: bytes) -> list[dict[str, str]]:
    table, rows = read(name, data)
    return [{item: cell or "" for item, cell in zip(table["items"], row[1], strict=True)} for row in rows]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", files.xlsx(files.table(PEOPLE))),
        ("A.XLSX", files.xlsx(files.table(PEOPLE))),
        ("a.xls", files.xls(files.table(PEOPLE))),
        ("utf8-marked.csv", files.text(files.table(PEOPLE))),
        ("utf8.csv", files.text(files.table(PEOPLE), "utf-8")),
        ("gb.csv", files.text(files.table(PEOPLE), "gb18030")),
        ("utf16-marked.csv", files.text(files.table(PEOPLE), "utf-16")),
        ("utf16.csv", files.text(files.table(PEOPLE), "utf-16-le")),
        ("utf16-be.csv", files.text(files.table(PEOPLE), "utf-16-be")),
        ("semicolon.csv", files.text(files.table(PEOPLE), "gb18030", ";")),
        ("tab.csv", files.text(files.table(PEOPLE), "utf-8", "\t")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_format_gives_the_same_pupils(name: str, data: bytes) -> None:
    assert people_in(name, data) == PEOPLE


def test_rows_carry_the_numbers_the_spreadsheet_shows() -> None:
    rows = files.table(PEOPLE, above=[["2026 年花名册"], []])
    rows.insert(4, [])
    assert [row[0] for row in read("a.xlsx", files.xlsx(rows))[1]] == [4, 6, 7]
    assert [row[0] for row in read("a.xls", files.xls(rows))[1]] == [4, 6, 7]
    assert [row[0] for row in read("a.csv", files.text(rows))[1]] == [4, 6, 7]


def test_heads_may_be_swapped_spaced_starred_or_item_codes() -> None:
    items = list(reversed(ROSTER_ITEMS))
    rows = files.table(PEOPLE, items)
    rows[0] = [f" *{name[:2]}\n{name[2:]} " if n % 2 else items[n] for n, name in enumerate(rows[0])]
    assert people_in("a.xlsx", files.xlsx(rows)) == PEOPLE


def test_a_second_head_below_the_first_is_no_pupil() -> None:
    rows = files.table(PEOPLE)
    rows.insert(1, list(ROSTER_ITEMS))
    assert people_in("a.xlsx", files.xlsx(rows)) == PEOPLE


def test_columns_that_are_not_read_are_named() -> None:
    rows = files.table(PEOPLE)
    rows[0] += ["备注", "", "空列"]
    rows[1] += ["转来的", "没有名字的列"]
    table, _ = read("a.xlsx", files.xlsx(rows))
    assert table["unknown"] == [["BZ", "备注"], ["CA", ""]]


def test_the_sheet_with_the_head_is_read_and_the_others_are_named() -> None:
    def more(book: Any, page: Any) -> None:
        page.hide()
        book.add_worksheet("说明").write_string(0, 0, "填写说明")
        real = book.add_worksheet("在校生")
        real.activate()
        for r, row in enumerate(files.table(PEOPLE)):
            for c, cell in enumerate(row):
                real.write_string(r, c, cell)

    table, rows = read("a.xlsx", files.xlsx([["旧"]], more))
    assert (table["sheet"], table["other_sheets"], len(rows)) == ("在校生", ["说明"], 3)


def test_hidden_rows_and_columns_are_read_and_told() -> None:
    def hide(_book: Any, page: Any) -> None:
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(6, 7, None, None, {"hidden": True})

    table, rows = read("a.xlsx", files.xlsx(files.table(PEOPLE), hide))
    assert (table["hidden_rows"], table["hidden_columns"], len(rows)) == (1, ["G", "H"], 3)

    def hide_old(_book: Any, page: Any) -> None:
        page.row(2).hidden = True
        page.col(6).hidden = True

    table, rows = read("a.xls", files.xls(files.table(PEOPLE), hide_old))
    assert (table["hidden_rows"], table["hidden_columns"], len(rows)) == (1, ["G"], 3)


@pytest.mark.parametrize("reference", ["A1:B2", "A1", "A1:XFD1048576"])
def test_a_wrong_dimension_loses_no_row(reference: str) -> None:
    data = files.repacked(
        files.xlsx(files.table(PEOPLE)), files.in_sheet(r'<dimension ref="[^"]*"/>', f'<dimension ref="{reference}"/>')
    )
    assert people_in("a.xlsx", data) == PEOPLE


def test_a_missing_dimension_and_missing_addresses_lose_no_row() -> None:
    full = [{item: person[item] or "无" for item in ROSTER_ITEMS} for person in PEOPLE]
    data = files.repacked(files.xlsx(files.table(full)), files.in_sheet(r"<dimension [^>]*/>", ""))
    data = files.repacked(data, files.in_sheet(r'<c r="[A-Z]+\d+"', "<c"))
    data = files.repacked(data, files.in_sheet(r'<row r="\d+"', "<row"))
    assert people_in("a.xlsx", data) == full


def test_formulas_and_faults_are_marked_where_they_stand() -> None:
    def spoil(_book: Any, page: Any) -> None:
        page.write_formula(1, files.column("talent"), '="围"&"棋"', None, "围棋")
        page.write_formula(2, files.column("phone"), "='[1]旧'!A1", None, "#REF!")

    table, rows = read("a.xlsx", files.xlsx(files.table(PEOPLE), spoil))
    marked = [[(table["items"][position], what) for position, what in row[2]] for row in rows]
    assert marked == [[("talent", "formula")], [("phone", "formula")], []]
    assert rows[0][1][table["items"].index("talent")] == "围棋"


def test_a_fault_without_a_formula_is_marked() -> None:
    def spoil(_book: Any, page: Any) -> None:
        page.write_number(3, files.column("phone"), 5)

    data = files.repacked(
        files.xlsx(files.table(PEOPLE), spoil),
        files.in_sheet(r'(<c r="AJ4")><v>5</v>', r'\1 t="e"><v>#REF!</v>'),
    )
    table, rows = read("a.xlsx", data)
    assert [[(table["items"][p], what) for p, what in row[2]] for row in rows] == [[], [], [("phone", "fault")]]


def test_formulas_and_faults_of_the_old_format_are_marked() -> None:
    def spoil(_book: Any, page: Any) -> None:
        page.write(1, files.column("talent"), xlwt.Formula("1+1"))
        page.row(2).set_cell_error(files.column("phone"), "#REF!")

    table, rows = read("a.xls", files.xls(files.table(PEOPLE), spoil))
    marked = [[(table["items"][position], what) for position, what in row[2]] for row in rows]
    assert marked == [[("talent", "formula")], [("phone", "fault")], []]


def test_formulas_in_columns_nobody_reads_do_not_matter() -> None:
    def extra(_book: Any, page: Any) -> None:
        page.write_formula(1, len(ROSTER_ITEMS) + 1, "=1+1", None, 2)

    assert all(not row[2] for row in read("a.xlsx", files.xlsx(files.table(PEOPLE), extra))[1])


def test_numbers_stay_numbers_and_days_become_days() -> None:
    number, born, talent = (files.column(item) for item in ("id_number", "birth_date", "talent"))

    def write(book: Any, page: Any) -> None:
        page.write_number(1, number, 990101201403120157)
        page.write_datetime(1, born, date(2014, 3, 12), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_boolean(1, talent, True)

    table, rows = read("a.xlsx", files.xlsx(files.table(PEOPLE), write))
    cells = dict(zip(table["items"], rows[0][1], strict=True))
    assert cells["id_number"] == pytest.approx(990101201403120157)
    assert (cells["birth_date"], cells["talent"]) == ("2014-03-12", "TRUE")


def test_the_other_date_system_is_told_and_dates_are_right() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_number(1, files.column("birth_date"), 41710 - 1462, book.add_format({"num_format": "yyyy-mm-dd"}))

    data = files.repacked(
        files.xlsx(files.table(PEOPLE), write),
        lambda name, part: (
            part.replace(b"<workbookPr", b'<workbookPr date1904="1"') if name.endswith("book.xml") else part
        ),
    )
    table, rows = read("a.xlsx", data)
    assert table["since_1904"] is True
    assert dict(zip(table["items"], rows[0][1], strict=True))["birth_date"] == "2014-03-12"


def test_cells_with_line_breaks_and_quotes_survive_in_csv() -> None:
    changed = [PEOPLE[0] | {"talent": '围棋，"业余"\n二段;好'}, *PEOPLE[1:]]
    for separator in ",;\t":
        assert people_in("a.csv", files.text(files.table(changed), "gb18030", separator)) == changed


def test_the_child_answers_with_a_table_or_a_reason() -> None:
    answer, blobs = entry(files.xlsx(files.table(PEOPLE)), {"name": "a.xlsx"})
    assert answer["table"]["letters"]["name"] == "F"
    assert len(blobs) == 1
    answer, blobs = entry(b"", {"name": "a.xlsx"})
    assert "空" in answer["refused"]
    assert blobs == []


def test_the_template_has_all_columns() -> None:
    assert len(ROSTER_ITEMS) == len({ITEMS[item].name_zh for item in ROSTER_ITEMS}) == 77
