"""Class numbers: entry year, stage, class (R36-R38); the older form with the grade in place of the stage."""

import re
from typing import NamedTuple

from portal.rules.grades import grade_of
from portal.rules.problems import Problem, problem

_SHAPE = re.compile(r"[0-9]{7}", re.ASCII)
_STAGE_DIGITS = "123"
_GRADE_DIGITS = "456"


class ClassNumber(NamedTuple):
    """The parts of a seven-digit class number as text."""

    entry_year: str
    stage: str
    number: str


def parts(text: str) -> ClassNumber | None:
    """The three parts, None for anything but seven ASCII digits."""
    return ClassNumber(text[:4], text[4], text[5:]) if _SHAPE.fullmatch(text) else None


def check_class_number(item: str, text: str) -> list[Problem]:
    """R36: seven digits, stage 1 to 3, class 01 to 99."""
    number = parts(text)
    if number is None:
        return [problem("R36", item, found=text)]
    if number.stage not in _STAGE_DIGITS:
        return [problem("R36.stage", item, found=number.stage)]
    return [problem("R36.class", item, found=number.number)] if number.number == "00" else []


def without_grade(values: dict[str, str], school_year: int) -> tuple[str, list[Problem]]:
    """The class number of an imported row with the stage digit in place of a grade digit (R38).

    Digits 4 to 6 are grades; 1 to 3 only when they contradict the stage of the row and equal its grade. A grade that
    fits the entry year is replaced with a warning, another one is an error and leaves the number as it was.
    """
    text, stage = values.get("class_no", ""), values.get("school_stage", "")
    number = parts(text)
    if number is None or stage not in _STAGE_DIGITS or not stage or not _is_grade(number.stage, values):
        return text, []
    grade = school_year - int(number.entry_year) + 1
    if int(number.stage) != grade:
        return text, [problem("R38.grade", "class_no", found=number.stage, wanted=grade)]
    new = f"{number.entry_year}{stage}{number.number}"
    return new, [problem("R38", "class_no", found=text, class_no=new)]


def _is_grade(digit: str, values: dict[str, str]) -> bool:
    if digit in _GRADE_DIGITS:
        return True
    if digit not in _STAGE_DIGITS or digit == values["school_stage"]:
        return False
    grade = grade_of(values.get("grade", ""))
    return grade is not None and grade[1] == int(digit)
