"""Grades as stage and year: the ways in which files write them, and the form in which the registry keeps them."""

import re

STAGE_YEARS = {"1": 6, "2": 4, "3": 3}
"""The most years that a stage has (code of school_stage -> years; junior schools of the 5-4 plan have four)."""

_YEARS_BEFORE = {"1": 0, "2": 6, "3": 9}
_DIGITS = "一二三四五六七八九"
_NAMES = {"小学": "1", "小": "1", "初中": "2", "初": "2", "高中": "3", "高": "3"}
_STAGE_NAMES = {"1": "小学", "2": "初中", "3": "高中"}
_STAGE_NAMES_EN = {"1": "primary", "2": "junior", "3": "senior"}
_GRADE = re.compile(r"(小学|初中|高中|小|初|高)?\s*([一二三四五六七八九]|[1-9])\s*(?:年级)?", re.ASCII)

Grade = tuple[str, int]


def _read(text: str) -> Grade | None:
    match = _GRADE.fullmatch(text)
    if not match or not (match[1] or text.endswith("年级")):
        return None
    number = _DIGITS.find(match[2]) + 1 or int(match[2])
    stage = _NAMES[match[1]] if match[1] else ("1" if number <= 6 else "2")
    year = number - _YEARS_BEFORE["2"] if stage == "2" and number > 6 else number
    return (stage, year) if year <= STAGE_YEARS[stage] else None


def canonical(stage: str, year: int) -> str:
    """The registry's form: 小学五年级."""
    return f"{_STAGE_NAMES[stage]}{_DIGITS[year - 1]}年级"


# Every text has few forms; a class writes the same one fifty times.
_FORMS = {
    f"{name}{digit}{tail}": grade
    for name in ("", *_NAMES)
    for digit in (*_DIGITS, *"123456789")
    for tail in ("年级", "")
    if (grade := _read(f"{name}{digit}{tail}"))
}


def grade_of(text: str) -> Grade | None:
    """(stage code, year within the stage) of 小学五年级, 五年级, 七年级, 初一, 高中2年级; None for anything else."""
    return _FORMS.get(text)


def school_age_year(grade: Grade) -> int:
    """The year of schooling from 1: the first junior year is the seventh."""
    return _YEARS_BEFORE[grade[0]] + grade[1]


def printed_grade(text: str, lang: str) -> str:
    """A grade for readers of that language; an unknown text as it is."""
    grade = grade_of(text)
    if grade is None or lang.startswith("zh"):
        return text
    return f"{_STAGE_NAMES_EN[grade[0]]} grade {grade[1]}"
