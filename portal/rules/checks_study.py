"""Where and how the pupil learns: school code, class number, entry, grade, ways (R27, R28, R34-R46, R79)."""

import re
from collections.abc import Mapping
from datetime import date

from portal.rules.class_number import check_class_number, parts
from portal.rules.codes import table
from portal.rules.context import Context
from portal.rules.dates import age_on, is_month, is_month_shape, real_date
from portal.rules.grades import grade_of, school_age_year
from portal.rules.problems import Problem, problem

PRIMARY, JUNIOR, SENIOR = "1", "2", "3"
DAY_PUPIL = "1"
OTHER_COMPULSORY = "12"
ENTRY_MONTH = "09"

_SCHOOL_CODE = re.compile(r"[0-9]{10}", re.ASCII)
_LETTERS_DIGITS = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_PRIMARY_SCHOOL = "21"
_WAYS = {PRIMARY: {"11", "12"}, JUNIOR: {"11", "12"}, SENIOR: {"21", "22", "23", "99"}}
# Usual age on the last day before the school year, for year n of schooling: n + 5, with a year less and two more.
_AGE_BEFORE_FIRST_YEAR = 5
_YEARS_YOUNGER, _YEARS_OLDER = 1, 2
_CATEGORIES = table("school_category").offered


def check_school_code(item: str, value: str, context: Context) -> list[Problem]:
    """R34: category, province, serial; R35: the own school's."""
    if not _SCHOOL_CODE.fullmatch(value):
        return [problem("R34", item, found=value)]
    if value[:2] not in _CATEGORIES:
        return [problem("R34.category", item, found=value[:2])]
    if not context.divisions.exists(value[2:4] + "0000"):
        return [problem("R34.province", item, found=value[2:4])]
    if context.own_school_code and value != context.own_school_code:
        return [problem("R35", item, found=value, wanted=context.own_school_code)]
    return []


def check_class_no(item: str, value: str, context: Context) -> list[Problem]:
    """R36."""
    return check_class_number(item, value)


def check_entry_month(item: str, value: str, context: Context) -> list[Problem]:
    """R27, and R28 for another month than September."""
    if not is_month_shape(value):
        return [problem("R27", item, found=value)]
    if not is_month(value):
        return [problem("R27.month", item, found=value[4:])]
    return [] if value[4:] == ENTRY_MONTH else [problem("R28", item, found=value[4:])]


def check_grade(item: str, value: str, context: Context) -> list[Problem]:
    """A grade says its stage and year, so that R40 and R79 can be asked."""
    return [] if grade_of(value) else [problem("R40.form", item, found=value)]


def check_provincial_number(item: str, value: str, context: Context) -> list[Problem]:
    """R45: letters and digits."""
    return [] if _LETTERS_DIGITS.fullmatch(value) else [problem("R45.sign", item, found=value)]


def check_seat(item: str, value: str, context: Context) -> list[Problem]:
    """R46: digits."""
    return [] if _DIGITS.fullmatch(value) else [problem("R46", item, found=value)]


def check_study(values: Mapping[str, str], context: Context) -> list[Problem]:
    """The rules that tie school, stage, class, entry and grade together (R37, R39-R42, R44, R45, R79)."""
    stage = values.get("school_stage", "")
    found = _class_number(values, stage) + _school(values, stage, context) + _grade(values, stage, context)
    if stage in _WAYS:
        found += _ways(values, stage, context) + _subsidy(values, stage)
    needs_number = stage == SENIOR and context.choices.provincial_number
    if needs_number and not values.get("local_student_number"):
        found.append(problem("R45", "local_student_number"))
    return found


def _class_number(values: Mapping[str, str], stage: str) -> list[Problem]:
    number = parts(values.get("class_no", ""))
    entry = values.get("entry_year_month", "")
    if number is None:
        return []
    found = []
    if is_month_shape(entry) and entry[:4] != number.entry_year:
        found.append(problem("R37", "class_no", found=number.entry_year, wanted=entry[:4]))
    if stage in _WAYS and number.stage in _WAYS and number.stage != stage:
        found.append(problem("R39", "class_no", school_stage=stage, wanted=stage, found=number.stage))
    return found


def _school(values: Mapping[str, str], stage: str, context: Context) -> list[Problem]:
    if stage not in _WAYS:
        return []
    primary_only = values.get("school_code", "").startswith(_PRIMARY_SCHOOL) and stage != PRIMARY
    not_offered = bool(context.school_stages) and stage not in context.school_stages
    return [problem("R39.school", "school_stage", school_stage=stage)] if primary_only or not_offered else []


def _grade(values: Mapping[str, str], stage: str, context: Context) -> list[Problem]:
    text, entry = values.get("grade", ""), values.get("entry_year_month", "")
    grade = grade_of(text)
    if grade is None:
        return []
    if stage in _WAYS and grade[0] != stage:
        return [problem("R40.stage", "grade", school_stage=stage, grade=text)]
    found = []
    if is_month(entry) and not context.on_file.repeated_or_skipped:
        wanted = context.school_year - int(entry[:4]) + 1
        if wanted != grade[1]:
            found.append(problem("R40", "grade", wanted=wanted, grade=text))
    return found + _unusual_age(values, text, school_age_year(grade), context)


def _unusual_age(values: Mapping[str, str], grade: str, year: int, context: Context) -> list[Problem]:
    born = real_date(values.get("birth_date", ""))
    if born is None:
        return []
    age = age_on(born, date(context.school_year, 8, 31))
    usual = year + _AGE_BEFORE_FIRST_YEAR
    if usual - _YEARS_YOUNGER <= age <= usual + _YEARS_OLDER:
        return []
    return [problem("R79", "grade", grade=grade, age=age_on(born, context.today))]


def _ways(values: Mapping[str, str], stage: str, context: Context) -> list[Problem]:
    way = values.get("enrolment_way", "")
    found = []
    if way and way not in _WAYS[stage]:
        found.append(problem("R41", "enrolment_way", school_stage=stage, enrolment_way=way))
    if context.on_file.transferred_in and stage != SENIOR and way and way != OTHER_COMPULSORY:
        found.append(problem("R42", "enrolment_way"))
    return found


def _subsidy(values: Mapping[str, str], stage: str) -> list[Problem]:
    if values.get("boarding_subsidy") != "1":
        return []
    if stage == SENIOR:
        return [problem("R44.senior", "boarding_subsidy")]
    day_pupil = values.get("attendance_way") == DAY_PUPIL
    return [problem("R44.day", "boarding_subsidy")] if day_pupil else []
