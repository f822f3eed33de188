"""Classes as a roster names them: the place a class number makes, and class names read as numbers (X1, sec-X27)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from portal.rules.class_number import parts
from portal.rules.grades import grade_of
from portal.rules.problems import Problem, problem

_DIGITS = "一二三四五六七八九十"
_NAME = re.compile(r"(?:(.+?)年级)?\(?([0-9]{1,2}|[一二三四五六七八九十]{1,3})\)?班", re.ASCII)
_STAGE_WORDS = {"1": "{}年级", "2": "初{}", "3": "高{}"}


def class_name(code: str, grades: Iterable[str]) -> str:
    """六年级（1）班 of 2020101, by the grade that most of its pupils have; junior 初一（1）班, senior 高一（1）班."""
    number = parts(code)
    assert number is not None, "only checked class numbers become places"
    counted = Counter(grade for text in grades if (grade := grade_of(text)))
    tail = f"（{int(number.number)}）班"
    if not counted:
        return f"{number.entry_year} 级{tail}"
    stage, year = counted.most_common(1)[0][0]
    return _STAGE_WORDS[stage].format(_DIGITS[year - 1]) + tail


def number_of_name(values: Mapping[str, str], known: Collection[str]) -> tuple[str, list[Problem]]:
    """The class number that a name such as 六年级1班, （1）班 or 一班 stands for, with a warning (T8).

    Only for a class that is there already or that other rows name by its number: a name never makes a new class. Any
    other text comes back as it is, for the check to refuse.
    """
    text = values.get("class_no", "")
    match = _NAME.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    stage, entry = values.get("school_stage", ""), values.get("entry_year_month", "")
    if not match or stage not in _STAGE_WORDS or not _agrees(match[1], values.get("grade", "")):
        return text, []
    code = f"{entry[:4]}{stage}{_number(match[2]):02d}"
    if code not in known:
        return text, []
    return code, [problem("T8", "class_no", found=text, class_no=code)]


def _agrees(said: str | None, grade: str) -> bool:
    if said is None:
        return True
    return grade_of(f"{said}年级") == grade_of(grade)


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.index(text[0]) + 1 if len(text) == 1 else 0
    return (_DIGITS.index(tens) + 1 if tens else 1) * 10 + (_DIGITS.index(ones) + 1 if ones else 0)
