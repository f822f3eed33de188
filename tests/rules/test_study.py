"""R36-R46, R79: class number, grade, ways of enrolment, numbers, unusual ages."""

import pytest

from portal.rules.checks import Choices, OnFile
from portal.rules.checks_file import check_rows
from tests.rules.examples import PUPIL, SENIOR, Example, bad, context, good, record, row, value, warns

THAT_YEAR = context(school_year=2013)
REPEATED = context(OnFile(repeated_or_skipped=True))
TRANSFERRED = context(OnFile(transferred_in=True))
NUMBER_WANTED = context(choices=Choices(provincial_number=True))
JUNIOR = {"school_code": "3199000003", "school_stage": "2", "class_no": "2024203", "entry_year_month": "202409"}


def seats(*numbers: str):
    """Pupils of one class by their number in it."""
    rows = [(n, {"class_no": "2020106", "class_seat_number": text}) for n, text in enumerate(numbers, start=2)]
    return lambda: [p for _, p in check_rows(rows)]


def first_grade(birth_date: str):
    """A first-grader of 2024/25 born then."""
    return record(grade="小学一年级", entry_year_month="202409", class_no="2024101", birth_date=birth_date)


EXAMPLES = [
    good("R36", "primary", value("class_no", "2020106")),
    good("R36", "junior", value("class_no", "2011202")),
    bad("R36", "6 digits", value("class_no", "202016")),
    bad("R36", "stage 4 class 00", value("class_no", "2020400"), "R36.stage"),
    bad("R36", "class 00", value("class_no", "2020100"), "R36.class"),
    good("R37", "same year", record(class_no="2020106", entry_year_month="202009")),
    good("R37", "junior", record(**JUNIOR | {"class_no": "2011202", "entry_year_month": "201109"})),
    bad("R37", "2019", record(class_no="2020106", entry_year_month="201909")),
    bad("R37", "2012", record(**JUNIOR | {"class_no": "2011202", "entry_year_month": "201209"})),
    warns("R38", "grade 5", row(THAT_YEAR, class_no="2009506", grade="小学五年级")),
    warns("R38", "grade 3 against stage 1", row(THAT_YEAR, class_no="2011301", grade="小学三年级")),
    good("R38", "stage digit", row(class_no="2020106")),
    good("R38", "not on import", record(class_no="2009506")),
    bad("R38", "wrong grade", row(THAT_YEAR, class_no="2009406"), "R38.grade"),
    bad("R38", "digit 7", row(THAT_YEAR, class_no="2013701"), "R36.stage"),
    good("R39", "primary", record()),
    good("R39", "junior", record(**JUNIOR)),
    bad("R39", "junior stage in a primary school", record(school_stage="2", class_no="2024203"), "R39.school"),
    bad("R39", "class of another stage", record(**SENIOR | {"class_no": "2024103"})),
    bad("R39", "stage not offered", record(context(school_stages=frozenset("23"))), "R39.school"),
    good("R40", "grade 5", record(entry_year_month="202009", grade="小学五年级")),
    good("R40", "repeat on file", record(REPEATED, entry_year_month="202209", grade="小学二年级")),
    warns("R40", "grade 3 of 2020", record(entry_year_month="202009", grade="小学三年级")),
    warns("R40", "grade 2 of 2024", record(entry_year_month="202409", grade="小学二年级")),
    bad("R40", "no grade", value("grade", "毕业班"), "R40.form"),
    bad("R40", "other stage", record(grade="初中一年级"), "R40.stage"),
    good("R41", "nearby", record(enrolment_way="11")),
    good("R41", "sports, senior", record(**SENIOR)),
    bad("R41", "examination for primary", record(enrolment_way="21")),
    bad("R41", "nearby for senior", record(**SENIOR | {"enrolment_way": "11"})),
    good("R42", "transferred in", record(TRANSFERRED, enrolment_way="12")),
    good("R42", "regular", record(enrolment_way="11")),
    warns("R42", "transferred in and nearby", record(TRANSFERRED, enrolment_way="11")),
    warns("R42", "transferred in, junior", record(TRANSFERRED, **JUNIOR | {"enrolment_way": "22"})),
    good("R43", "code", value("attendance_way", "1")),
    good("R43", "label", value("attendance_way", "住校")),
    bad("R43", "3", value("attendance_way", "3")),
    bad("R43", "half a word", value("attendance_way", "走")),
    good("R44", "boarder", record(attendance_way="2", boarding_subsidy="1")),
    good("R44", "senior without", record(**SENIOR | {"attendance_way": "2", "boarding_subsidy": "0"})),
    bad("R44", "senior", record(**SENIOR | {"attendance_way": "2", "boarding_subsidy": "1"}), "R44.senior"),
    bad("R44", "day pupil", record(attendance_way="1", boarding_subsidy="1"), "R44.day"),
    good("R45", "primary", record(NUMBER_WANTED, local_student_number="")),
    good("R45", "senior", record(NUMBER_WANTED, **SENIOR | {"local_student_number": "99SYX20240001"})),
    bad("R45", "senior without", record(NUMBER_WANTED, **SENIOR | {"local_student_number": ""})),
    bad("R45", "blank inside", value("local_student_number", "99 SYX"), "R45.sign"),
    good("R46", "two numbers", seats("07", "08")),
    good("R46", "empty", seats("", "")),
    bad("R46", "twice", seats("07", "07"), "R46.twice"),
    bad("R46", "letter", value("class_seat_number", "A/7")),
    good("R79", "age 6", first_grade("20180312")),
    good("R79", "age 7", first_grade("20171012")),
    good("R79", "age 8 before the year", first_grade("20150901")),
    good("R79", "age 5 before the year", first_grade("20190831")),
    warns("R79", "age 4 before the year", first_grade("20190901")),
    warns("R79", "age 9", first_grade("20150312")),
    warns("R79", "age 12", first_grade("20120312")),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    example.verify()


def test_both_years_are_named() -> None:
    (found,) = [p for p in record(class_no="2020106", entry_year_month="201909")() if p.code == "R37"]
    assert found.values == {"found": "2020", "wanted": "2019"}


def test_a_grade_digit_is_replaced_by_the_stage() -> None:
    from portal.rules.checks import read_row

    for written, stored in (("2009506", "2009106"), ("2011301", "2011101")):
        grade = {"5": "小学五年级", "3": "小学三年级"}[written[4]]
        values, _ = read_row(PUPIL | {"class_no": written, "grade": grade}, THAT_YEAR)
        assert values["class_no"] == stored


def test_a_wrong_grade_digit_leaves_the_number_and_is_said_once() -> None:
    from portal.rules.checks import read_row

    values, found = read_row(PUPIL | {"class_no": "2009406"}, THAT_YEAR)
    assert values["class_no"] == "2009406"
    assert [p.code for p in found if p.item == "class_no"] == ["R38.grade"]
