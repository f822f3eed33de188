"""What is typed or imported, brought into the form in which it is checked and stored (R3, R16, R18, R77, sec-X10)."""

import re
from collections.abc import Callable

from portal.rules.class_number import without_grade
from portal.rules.codes import every_extension, table
from portal.rules.dates import date8_of_writing, month6_of_writing
from portal.rules.grades import canonical, grade_of
from portal.rules.items import ITEMS, Item
from portal.rules.problems import Problem

_OUTER = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―−－"}
_NAME_DOTS = {ord(dot): "·" for dot in "•・･‧⋅∙．"}
_PHONE = _HALF_WIDTH | _DASHES
_PHONE_BLANKS = re.compile(r"[\s\u00a0]+")
_COUNTRY_PREFIX = re.compile(r"^(?:\+|00)86-?(?=1[0-9]{10}$|0)", re.ASCII)
_AREA_IN_BRACKETS = re.compile(r"\((0[0-9]{2,3})\)-?(?=[0-9])", re.ASCII)
_ALL_EXTENSIONS = every_extension()

Form = Callable[[str], str]


def normalise(item: str, raw: str, from_file: bool = False) -> str:
    """The stored form of what was written for an item; a text that no form fits comes back for the check to refuse.

    Outer blanks go, nothing inside does; labels become codes. `from_file` (roster import) also reads written dates and
    day numbers, and the apostrophe with which spreadsheets mark text.
    """
    text = raw.strip(_OUTER)
    if not text:
        return ""
    if from_file:
        return _FILE_FORMS[item](text.removeprefix("'"))
    return _FORMS[item](text)


def normalise_row(raw: dict[str, str], school_year: int) -> tuple[dict[str, str], list[Problem]]:
    """A row of a roster file in stored form, and what had to be said about it: a class number with a grade (R38)."""
    values = {item: normalise(item, text, from_file=True) for item, text in raw.items()}
    class_no, problems = without_grade(values, school_year)
    if "class_no" in values:
        values["class_no"] = class_no
    return values, problems


def _as_is(text: str) -> str:
    return text


def _half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _number(text: str) -> str:
    return text if text.isascii() and text.isdigit() else text.translate(_HALF_WIDTH).upper()


def _name(text: str) -> str:
    return text.translate(_NAME_DOTS)


def _grade(text: str) -> str:
    grade = grade_of(text.translate(_HALF_WIDTH))
    return canonical(*grade) if grade else text


def _phone(text: str) -> str:
    half = _PHONE_BLANKS.sub("", text.translate(_PHONE))
    return _AREA_IN_BRACKETS.sub(r"\1-", _COUNTRY_PREFIX.sub("", half))


def _period(text: str) -> str:
    return text.translate(_PHONE)


def _period_of_writing(text: str) -> str:
    half = text.translate(_PHONE)
    middle = len(half) // 2
    return f"{date8_of_writing(half[:middle])}-{date8_of_writing(half[middle + 1 :])}" if half[middle] in "-~" else half


def _code(table_name: str) -> Form:
    meanings = table(table_name, _ALL_EXTENSIONS).meanings

    def form(text: str) -> str:
        code = meanings.get(text)
        return code if code is not None else (table(table_name, _ALL_EXTENSIONS).code_of(_number(text)) or text)

    return form


def _form(item: Item) -> Form:
    if item.code_table:
        return _code(item.code_table)
    if item.code == "grade":
        return _grade
    if item.code.endswith("name") and item.group not in {"school"}:
        return _name
    return _BY_TYPE.get(item.type, _half_width if item.code in _PLAIN else _as_is)


_PLAIN = {"name_pinyin", "local_student_number", "class_seat_number"}
_BY_TYPE: dict[str, Form] = {
    "school_code10": _number,
    "student_number19": _number,
    "date8": _number,
    "division12": _number,
    "id_number": _number,
    "class_no7": _number,
    "yearmonth6": _number,
    "postcode": _number,
    "token": _number,
    "period17": _period,
    "phone": _phone,
    "email": _half_width,
    "url": _half_width,
    "decimal": _half_width,
}
_FROM_FILE: dict[str, Form] = {
    "date8": lambda text: date8_of_writing(_number(text)),
    "yearmonth6": lambda text: month6_of_writing(_number(text)),
    "period17": _period_of_writing,
}
_FORMS: dict[str, Form] = {code: _form(item) for code, item in ITEMS.items()}
_FILE_FORMS: dict[str, Form] = {code: _FROM_FILE.get(ITEMS[code].type, form) for code, form in _FORMS.items()}
