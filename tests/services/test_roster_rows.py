"""What can be wrong in a row, each told at its row and column (R35, R46, R75-R79, R103, sec-X1 to X10)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.models import Pupil, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import rosters
from portal.services.roster_classes import class_name, number_of_name
from portal.services.roster_files.marks import letter
from tests import roster_files as files
from tests.make import Make

Fault = tuple[int, str, str]


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def look(actor: Actor, people: list[dict[str, Any]], prepare: Any = None) -> dict[str, Any]:
    return rosters.preview(actor, "a.xlsx", files.xlsx(files.table(people), prepare)).report


def faults(report: dict[str, Any], kind: str = "faults") -> list[Fault]:
    assert all(told["letter"] == letter(files.column(told["item"])) for told in report[kind])
    return [(told["row"], told["item"], told["code"]) for told in report[kind]]


def stored() -> list[Pupil]:
    return list(db.session.scalars(select(Pupil).where(Pupil.is_draft.is_(False))))


def bring_in(actor: Actor, people: list[dict[str, Any]]) -> None:
    rosters.confirm(actor, rosters.preview(actor, "a.csv", files.text(files.table(people))).id)


def test_a_number_as_a_number_must_be_text_and_is_never_guessed(registrar: Actor) -> None:
    people = files.records(2)
    people[1]["id_number"] = int(people[1]["id_number"].replace("X", "0"))
    report = look(registrar, people)
    assert faults(report) == [(3, "id_number", "R78")]
    assert report["counts"]["bad"] == 1


def test_a_power_in_a_csv_must_be_text(registrar: Actor) -> None:
    people = files.records(1)
    people[0]["id_number"] = "9.90101E+17"
    found = rosters.preview(registrar, "a.csv", files.text(files.table(people))).report
    assert faults(found) == [(2, "id_number", "R78")]


def test_numbers_that_can_have_lost_nothing_are_read(registrar: Actor) -> None:
    people = files.records(1)
    wanted = dict(people[0])
    for item in ("school_code", "sex", "class_no", "entry_year_month", "phone", "postcode", "household_place_code"):
        people[0][item] = int(people[0][item])
    people[0]["commute_distance_km"] = 1.5
    assert faults(look(registrar, people)) == []
    rosters.confirm(registrar, rosters.open_preview(registrar).id)  # type: ignore[union-attr]
    assert stored()[0].record == wanted


def test_full_width_blanks_apostrophes_and_small_letters_are_put_right(registrar: Actor) -> None:
    person = next(p for p in files.records(400) if p["id_number"].endswith("X"))
    wide = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"}
    written = dict(person) | {
        "id_number": f" '{person['id_number'].lower()}\t",
        "student_number": person["student_number"].translate(wide),
        "phone": " ".join([person["phone"][:3], person["phone"][3:].translate(wide)]),
        "name": f"　{person['name']}　",
        "sex": {"1": "男", "2": "女"}[person["sex"]],
        "only_child": "是",
    }
    assert faults(look(registrar, [written])) == []
    rosters.confirm(registrar, rosters.open_preview(registrar).id)  # type: ignore[union-attr]
    assert stored()[0].record == person


@pytest.mark.parametrize("written", ["{y}/{m}/{d}", "{y}-{m:02}-{d:02}", "{y}年{m}月{d}日", date, int])
def test_dates_may_be_written_in_many_ways(registrar: Actor, written: Any) -> None:
    people = files.records(1)
    born = people[0]["birth_date"]
    day = date(int(born[:4]), int(born[4:6]), int(born[6:]))

    def prepare(book: Any, page: Any) -> None:
        column = files.column("birth_date")
        if written is date:
            page.write_datetime(1, column, day, book.add_format({"num_format": "yyyy/m/d"}))
        elif written is int:
            page.write_number(1, column, (day - date(1899, 12, 30)).days)
        else:
            page.write_string(1, column, written.format(y=day.year, m=day.month, d=day.day))

    assert faults(look(registrar, people, prepare)) == []
    rosters.confirm(registrar, rosters.open_preview(registrar).id)  # type: ignore[union-attr]
    assert stored()[0].record["birth_date"] == born


def test_formulas_are_refused_at_their_cells_whatever_they_show(registrar: Actor) -> None:
    def prepare(_book: Any, page: Any) -> None:
        page.write_formula(1, files.column("talent"), '="围棋"', None, "围棋")
        page.write_formula(2, files.column("id_number"), "='[1]旧名册'!A1", None, "#REF!")

    report = look(registrar, files.records(2), prepare)
    assert faults(report) == [(2, "talent", "T6.formula"), (3, "id_number", "T6.formula")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id_number": "990101201403120151"}, ("id_number", "R2")),
        ({"id_number": "٩٩٠١٠١٢٠١٤٠٣١٢٠١٥٧"}, ("id_number", "R1.sign")),
        ({"id_number": "990101140312015"}, ("id_number", "R8")),
        ({"birth_date": "20130931"}, ("birth_date", "R26.real")),
        ({"name": "林 小试"}, ("name", "R16.blank")),
        ({"name": "林\u202e小试"}, ("name", "R16")),
        ({"name": "=cmd|' /C calc'!A0"}, ("name", "R16")),
        ({"sex": "男生"}, ("sex", "R17")),
        ({"guardian1_name": ""}, ("guardian1_name", "R76")),
        ({"mailing_address": ""}, ("mailing_address", "R58")),
        ({"phone": "1540000000"}, ("phone", "R60.mobile")),
        ({"household_place_code": "970101000000"}, ("household_place_code", "R32")),
        ({"school_code": "2199000002"}, ("school_code", "R35")),
        ({"enrolment_way": "21"}, ("enrolment_way", "R41")),
        ({"talent": "围\u200b棋"}, ("talent", "T2")),
        ({"only_child": True}, ("only_child", "R52")),
    ],
)
def test_each_wrong_value_is_named_with_row_and_column(registrar: Actor, change: dict[str, Any], fault: Any) -> None:
    people = files.records(2)
    people[1] |= change
    assert (3, *fault) in faults(look(registrar, people))
    assert look(registrar, people)["counts"]["bad"] == 1


def test_nothing_more_is_said_about_rows_of_another_school(registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people)
    others = [person | {"school_code": "2199000002", "phone": "1"} for person in people]
    report = look(registrar, others)
    assert faults(report) == [(row, "school_code", "R35") for row in (2, 3, 4)]
    assert report["changed"] == []


def test_texts_that_look_like_formulas_stay_texts(registrar: Actor) -> None:
    people = files.records(1)
    people[0] |= {"talent": "=1+1", "guardian1_workplace": "@试验工厂"}
    bring_in(registrar, people)
    assert stored()[0].record["talent"] == "=1+1"


def test_one_pupil_in_two_rows_is_told_with_both_rows(registrar: Actor) -> None:
    people = files.records(3)
    people.append(people[0] | {"class_seat_number": ""})
    report = look(registrar, people)
    assert {told["code"] for told in report["faults"]} == {"R24", "R75"}
    twice = next(told for told in report["faults"] if told["code"] == "R75")
    assert (twice["row"], twice["values"]) == (5, {"first": "2", "second": "5"})
    assert report["counts"]["bad"] == 1


def test_a_number_of_the_class_is_used_once_also_by_pupils_outside_the_file(registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people[:2])
    people[2]["class_seat_number"] = people[0]["class_seat_number"]
    assert faults(look(registrar, people[1:])) == [(3, "class_seat_number", "R46.twice")]


def test_a_pupil_of_another_school_is_refused_without_saying_where(make: Make, registrar: Actor) -> None:
    other = make.school("2199000002", "试验市第二小学")
    people = files.records(2)
    make.pupil(make.class_(other, people[0]["class_no"]), **people[0])
    report = look(registrar, people)
    assert faults(report) == [(2, "student_number", "T7.elsewhere")]
    assert "2199000002" not in str(report)
    assert "第二小学" not in str(report)


def test_an_id_number_of_another_school_is_refused_too(make: Make, registrar: Actor) -> None:
    people = files.records(1)
    other = make.class_(make.school("2199000002", "试验市第二小学"), people[0]["class_no"])
    make.pupil(other, **(people[0] | {"student_number": "L990101201403124821"}))
    assert faults(look(registrar, people)) == [(2, "student_number", "T7.elsewhere")]


def test_who_left_another_school_is_taken_over_and_keeps_the_number(make: Make, registrar: Actor) -> None:
    people = files.records(1)
    other = make.class_(make.school("2199000002", "试验市第二小学"), people[0]["class_no"])
    pupil = make.pupil(other, **people[0] | {"talent": "只有原学校知道"})
    pupil.left_at = now()
    db.session.commit()
    report = look(registrar, people)
    assert (faults(report), report["counts"]["new"], report["changed"]) == ([], 1, [])
    bring_in(registrar, people)
    assert (pupil.school_id, pupil.left_at, pupil.record) == (registrar.place_id, None, people[0])


def test_who_left_but_has_a_sheet_in_this_round_is_not_taken_over(make: Make, registrar: Actor) -> None:
    people = files.records(1)
    other = make.class_(make.school("2199000002", "试验市第二小学"), people[0]["class_no"])
    pupil = make.sheet(pupil=make.pupil(other, **people[0])).pupil
    pupil.left_at = now()
    db.session.commit()
    assert faults(look(registrar, people)) == [(2, "student_number", "T7.elsewhere")]


def test_a_temporary_number_becomes_the_formal_one_another_number_does_not(registrar: Actor) -> None:
    people = files.records(2)
    formal = people[0]["student_number"]
    bring_in(registrar, [people[0] | {"student_number": "L990101201403124821"}, people[1]])
    report = look(registrar, people)
    assert (faults(report), report["counts"]["changed"]) == ([], 1)
    bring_in(registrar, people)
    assert formal in {pupil.record["student_number"] for pupil in stored()}
    people[0]["student_number"] = "L990101201403124821"
    assert faults(look(registrar, people)) == [(2, "student_number", "T7.number")]


def test_an_unusual_age_and_a_long_address_only_warn(registrar: Actor) -> None:
    people = files.records(1)
    people[0]["current_address"] = "试验一区和平街道和平社区和平小区三期十二栋二单元二零一室甲"
    report = look(registrar, people)
    assert faults(report) == []
    assert faults(report, "hints") == [(2, "current_address", "R59")]
    assert report["counts"]["new"] == 1


def test_rows_around_a_fault_come_with_the_report(registrar: Actor) -> None:
    people = files.records(9)
    people[4]["phone"] = "1"
    assert [row for row, _ in look(registrar, people)["around"]] == [4, 5, 6, 7, 8]


def test_a_grade_in_the_class_number_is_replaced_with_a_warning(registrar: Actor) -> None:
    people = files.records(1)
    entry = people[0]["entry_year_month"][:4]
    people[0]["class_no"] = f"{entry}601"
    report = look(registrar, people)
    assert (faults(report), faults(report, "hints")) == ([], [(2, "class_no", "R38")])
    assert report["new_classes"] == {f"{entry}101": "六年级（1）班"}


@pytest.mark.parametrize("written", ["六年级1班", "六年级（1）班", "１班", "一班", "(1)班"])
def test_class_names_mean_classes_that_are_there(make: Make, registrar: Actor, written: str) -> None:
    people = files.records(2)
    make.class_(make.school(), people[0]["class_no"])
    for person in people:
        person["class_no"] = written
    report = look(registrar, people)
    assert (faults(report), report["new_classes"]) == ([], {})
    assert {told["code"] for told in report["hints"]} == {"T8"}


def test_class_names_make_no_new_class(registrar: Actor) -> None:
    people = files.records(1)
    people[0]["class_no"] = "三年级12班"
    assert faults(look(registrar, people)) == [(2, "class_no", "R36")]


@pytest.mark.parametrize(
    ("code", "grades", "name"),
    [
        ("2020106", ["小学五年级", "小学五年级", "小学四年级"], "五年级（6）班"),
        ("2024212", ["初中一年级"], "初一（12）班"),
        ("2024301", ["高中三年级"], "高三（1）班"),
        ("2024301", ["?"], "2024 级（1）班"),
    ],
)
def test_classes_get_the_name_of_their_grade(code: str, grades: list[str], name: str) -> None:
    assert class_name(code, grades) == name


@pytest.mark.parametrize(
    ("text", "number"), [("10班", 10), ("十班", 10), ("十二班", 12), ("二十班", 20), ("二十一班", 21)]
)
def test_class_numbers_may_be_written_in_words(text: str, number: int) -> None:
    values = {"class_no": text, "school_stage": "1", "entry_year_month": "202009", "grade": "小学五年级"}
    assert number_of_name(values, {f"20201{number:02d}"})[0] == f"20201{number:02d}"
