"""Resident ID numbers as a whole: every slip of one digit is found, holders are read back."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.dates import age_on, real_date
from portal.rules.idnumber import birth_date_in, check_digit, check_digit_fits, has_id_shape, is_valid_id, sex_in
from tests.rules.examples import CONTEXT, record

DAYS = st.dates(date(1930, 1, 1), CONTEXT.today)
DIVISIONS = st.sampled_from(["990101", "990102", "990103", "990201", "980101", "420103"])


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    """Sound numbers of made-up and real divisions."""
    body = draw(DIVISIONS) + f"{draw(DAYS):%Y%m%d}" + f"{draw(st.integers(0, 999)):03}"
    return body + check_digit(body)


@given(id_numbers())
def test_a_sound_number_is_sound(number: str) -> None:
    assert is_valid_id(number)
    assert [p.code for p in record(id_number=number)() if p.item == "id_number"] == []


@given(id_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_digit_is_always_refused(number: str, place: int, sign: str) -> None:
    wrong = number[:place] + sign + number[place + 1 :]
    if wrong != number:
        assert not is_valid_id(wrong)


@given(id_numbers(), st.integers(0, 16))
def test_two_neighbours_swapped_are_always_refused(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert not is_valid_id(swapped)


@given(DIVISIONS, DAYS, st.integers(0, 999))
def test_holders_are_read_back(division: str, born: date, sequence: int) -> None:
    body = f"{division}{born:%Y%m%d}{sequence:03}"
    number = body + check_digit(body)
    assert birth_date_in(number) == born
    assert sex_in(number) == ("1" if sequence % 2 else "2")


@given(st.text())
def test_no_text_breaks_the_checks(text: str) -> None:
    assert has_id_shape(text) or not is_valid_id(text)


@given(st.text(alphabet="0123456789X GJL-", max_size=20), st.sampled_from(["1", "6", "A", "Z", ""]))
def test_no_number_breaks_the_record(text: str, kind: str) -> None:
    found = record(id_number=text, id_doc_type=kind, student_number=text)()
    assert all(p.code for p in found)


def test_what_was_found_in_the_number_is_named() -> None:
    (found,) = [p for p in record(id_number="990101202601010156")() if p.code == "R5.future"]
    assert found.values == {"found": "20260101"}


def test_x_counts_ten() -> None:
    assert check_digit("99010120130704019") == "X"
    assert check_digit_fits("99010120130704019X")


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_ages_count_completed_years(born: date, day: date) -> None:
    age = age_on(born, day)
    if (born.month, born.day) != (2, 29):
        assert born.replace(year=born.year + age) <= day < born.replace(year=born.year + age) + timedelta(days=367)


@given(st.dates())
def test_every_day_is_real(day: date) -> None:
    assert real_date(f"{day.year:04}{day:%m%d}") == day
