"""R75-R78: the same pupil twice, empty and spoiled cells, choices."""

from datetime import date, datetime

import pytest

from portal.rules.cells import cell_text
from portal.rules.checks import check_all
from portal.rules.checks_file import check_rows
from portal.rules.items import ITEMS, ROSTER_ITEMS
from tests.rules.examples import CONTEXT, P1, P2, PUPIL, Example, bad, good, record, value

OTHER_NUMBERS = {"student_number": "", "class_seat_number": ""}


def rows(*changes: dict[str, str], first: int = 2):
    """Rows of one file: the pupil with these changes each."""
    numbered = [(first + n, PUPIL | OTHER_NUMBERS | change) for n, change in enumerate(changes)]
    return lambda: [p for _, p in check_rows(numbered)]


def cell(item: str, content: object):
    return lambda: cell_text(item, content)[1]


def without_document(**changes: str) -> dict[str, str]:
    return {"id_doc_type": "Z", "id_number": ""} | changes


EXAMPLES = [
    good("R75", "two numbers", rows({"id_number": P1}, {"id_number": P2})),
    good("R75", "two birth dates", rows(without_document(), without_document(birth_date="20140313"))),
    bad("R75", "same number in rows 2 and 9", rows({}, *({"id_number": P2[:17] + str(n)} for n in range(6)), {})),
    bad("R75", "same person", rows(without_document(), without_document())),
    good("R76", "all filled", record()),
    good("R76", "talent empty", value("talent", "")),
    bad("R76", "birth date empty", record(birth_date="")),
    bad("R76", "guardian name empty", value("guardian1_name", "")),
    good("R77", "document", value("id_doc_type", "居民身份证")),
    good("R77", "enrolment", value("enrolment_way", "就近入学")),
    bad("R77", "half a document", value("id_doc_type", "身份证"), "R9"),
    bad("R77", "half a way", value("enrolment_way", "就近")),
    good("R78", "text number", cell("id_number", P1)),
    good("R78", "text code", cell("ethnic_group", "01")),
    bad("R78", "scientific", cell("id_number", 9.90101e17)),
    bad("R78", "last digits lost", cell("id_number", 990101201403120000)),
    bad("R78", "leading zero lost", cell("ethnic_group", 1)),
    bad("R78", "last digits lost, as text", record(id_number="990101201403120000"), "R2"),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_the_later_row_names_both() -> None:
    found = check_rows([(2, PUPIL), (9, PUPIL)])
    (row, p), *_ = [pair for pair in found if pair[1].code == "R75"]
    assert (row, p.item, p.values) == (9, "id_number", {"first": "2", "second": "9"})


def test_each_empty_required_item_gives_one_message() -> None:
    empty = check_all({}, CONTEXT)
    always = [item for item in ROSTER_ITEMS if ITEMS[item].required == "always"]
    for item in always:
        assert (
            len([p for p in empty if p.item == item and p.code in {"R76", "R58", "R74", "R51.type", "R51.place"}]) == 1
        )
    optional = {item for item in ROSTER_ITEMS if ITEMS[item].required == "no"}
    assert not optional & {p.item for p in empty}


@pytest.mark.parametrize(
    ("item", "content", "text"),
    [
        ("birth_date", datetime(1987, 4, 12, 0, 0), "19870412"),
        ("birth_date", date(2014, 3, 12), "20140312"),
        ("birth_date", 41710, "20140312"),
        ("birth_date", 20140312.0, "20140312"),
        ("entry_year_month", datetime(2020, 9, 1), "202009"),
        ("entry_year_month", 202009, "202009"),
        ("phone", 15400000001.0, "15400000001"),
        ("birthplace_code", 990101000000.0, "990101000000"),
        ("sex", 1.0, "1"),
        ("commute_distance_km", 1.5, "1.5"),
        ("talent", None, ""),
        ("talent", True, "True"),
        ("talent", "围棋", "围棋"),
    ],
)
def test_cells_that_lost_nothing_are_read(item: str, content: object, text: str) -> None:
    assert cell_text(item, content) == (text, [])


def test_long_numbers_are_no_day_numbers() -> None:
    assert cell_text("birth_date", 100_000) == ("100000", [])
    assert cell_text("birth_date", 99_999)[0] == "21731013"


def test_the_other_date_system_of_spreadsheets() -> None:
    assert cell_text("birth_date", 41710 - 1462, since_1904=True) == ("20140312", [])


@pytest.mark.parametrize("content", [float("nan"), float("inf"), 1e300, -1e16, 1.5])
def test_numbers_that_are_no_code_are_refused(content: float) -> None:
    assert [p.code for p in cell_text("school_code", content)[1]] == ["R78"]
