"""Bringing values into stored form: nothing is lost, a second time changes nothing (R3, R16, R77, sec-X2, X10)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.codes import table
from portal.rules.dates import school_year_of
from portal.rules.grades import canonical, grade_of, printed_grade, school_age_year
from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.rules.normalise import normalise, normalise_row
from tests.rules.examples import CONTEXT, PUPIL

ITEM = st.sampled_from(ROSTER_ITEMS)


@given(ITEM, st.text(), st.booleans())
def test_a_second_time_changes_nothing(item: str, text: str, from_file: bool) -> None:
    once = normalise(item, text, from_file)
    if not once.startswith("'"):
        assert normalise(item, once, from_file=False) == once or item == "phone"


@given(ITEM, st.text())
def test_outer_blanks_never_matter(item: str, text: str) -> None:
    assert normalise(item, f" \u3000{text}\u00a0\t") == normalise(item, text)


@given(st.text(alphabet="0123456789Xx", min_size=1))
def test_full_width_is_half_width(text: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in text)
    assert normalise("id_number", wide) == text.upper()


@pytest.mark.parametrize("item", [code for code, item in ITEMS.items() if item.code_table])
def test_every_label_and_code_means_its_code(item: str) -> None:
    choices = table(ITEMS[item].code_table)
    for code in choices.codes:
        assert normalise(item, code) == normalise(item, choices.label(code)) == code


@pytest.mark.parametrize(
    ("item", "written", "stored"),
    [
        ("birth_date", "2017/3/5", "20170305"),
        ("birth_date", "2017-03-05", "20170305"),
        ("birth_date", "2017.3.5", "20170305"),
        ("birth_date", "2017年3月5日", "20170305"),
        ("birth_date", "２０１７／３／５", "20170305"),
        ("birth_date", "2017-03-05 00:00:00", "20170305"),
        ("birth_date", "42799", "20170305"),
        ("entry_year_month", "2020.9", "202009"),
        ("entry_year_month", "2020年9月", "202009"),
        ("entry_year_month", "2020/9/1", "202009"),
        ("id_valid_period", "2020.01.01-2025.01.01", "20200101-20250101"),
        ("id_valid_period", "2020-01-01-2025-01-01", "20200101-20250101"),
        ("id_number", "'990101201403120157", "990101201403120157"),
    ],
)
def test_files_may_write_dates_in_other_ways(item: str, written: str, stored: str) -> None:
    assert normalise(item, written, from_file=True) == stored
    assert normalise(item, written) != stored


@pytest.mark.parametrize("text", ["03/05/2017", "20170305", "5.3.2017", "2017", "-", "999999"])
def test_other_dates_come_back_as_they_are(text: str) -> None:
    assert normalise("birth_date", text, from_file=True) == text


def test_a_day_that_does_not_exist_comes_back_to_be_refused() -> None:
    assert normalise("birth_date", "2017/13/45", from_file=True) == "20171345"


@pytest.mark.parametrize("dot", "•・･‧⋅∙．")
def test_dots_in_names_become_the_middle_dot(dot: str) -> None:
    assert normalise("name", f"阿依试{dot}买试提") == "阿依试·买试提"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("+86 154 0000 0001", "15400000001"),
        ("0086-15400000001", "15400000001"),
        ("15400000860", "15400000860"),
        ("１５４－００００－０００１", "154-0000-0001"),
        ("（0999）0000000", "0999-0000000"),
        ("010—00000000", "010-00000000"),
    ],
)
def test_telephones_are_brought_into_one_form(written: str, stored: str) -> None:
    assert normalise("phone", written) == stored


def test_addresses_keep_every_sign() -> None:
    assert normalise("current_address", " 试验路１号（东） 2单元 ") == "试验路１号（东） 2单元"


def test_superscript_and_other_digits_stay_what_they_are() -> None:
    assert normalise("postcode", "²²²²²²") == "²²²²²²"


@pytest.mark.parametrize(
    ("text", "stage", "year"),
    [
        ("小学五年级", "1", 5),
        ("五年级", "1", 5),
        ("七年级", "2", 1),
        ("初一", "2", 1),
        ("初中二年级", "2", 2),
        ("初中九年级", "2", 3),
        ("高三", "3", 3),
        ("高中1年级", "3", 1),
    ],
)
def test_grades_are_read(text: str, stage: str, year: int) -> None:
    assert grade_of(text) == (stage, year)
    assert grade_of(canonical(stage, year)) == (stage, year)
    assert normalise("grade", text) == canonical(stage, year)


@pytest.mark.parametrize("text", ["", "五", "小学七年级", "高四", "十年级", "大学一年级", "年级"])
def test_other_words_are_no_grade(text: str) -> None:
    assert grade_of(text) is None


def test_grades_in_english_and_years_of_schooling() -> None:
    assert printed_grade("初中二年级", "en") == "junior grade 2"
    assert printed_grade("初中二年级", "zh") == "初中二年级"
    assert [school_age_year(grade) for grade in (("1", 1), ("2", 1), ("3", 3))] == [1, 7, 12]


@pytest.mark.parametrize(("day", "year"), [("2025-08-31", 2024), ("2025-09-01", 2025), ("2025-12-31", 2025)])
def test_school_years_begin_in_september(day: str, year: int) -> None:
    assert school_year_of(date.fromisoformat(day)) == year


def test_a_row_of_the_example_comes_back_as_it_is() -> None:
    assert normalise_row(PUPIL, school_year_of(CONTEXT.today)) == (PUPIL, [])
