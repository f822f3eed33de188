"""Whole made-up schools as rosters: for tests, measurements and files to try the import with."""

from __future__ import annotations

from collections.abc import Iterator

from portal.commands.made_up import id_number, record_numbered
from portal.rules.grades import canonical

CLASS_SIZE = 45
_SCHOOL = ("2199000001", "试验市第一小学")
_USUAL_AGE = 6
_AUGUST = "0831"


def roster(
    count: int, school_year: int, school: tuple[str, str] = _SCHOOL, first: int = 1, class_size: int = CLASS_SIZE
) -> Iterator[dict[str, str]]:
    """So many pupils of a primary school (code, name) in that school year, class after class from grade 6 down.

    Numbers are unique for different `first` (up to 167,000 pupils born in the same year); no rule finds fault.
    """
    for n in range(count):
        index, seat = divmod(n, class_size)
        yield pupil(first + n, school_year, school, 6 - index % 6, 1 + index // 6, seat + 1)


def pupil(
    serial: int, school_year: int, school: tuple[str, str], grade: int, class_number: int, seat: int
) -> dict[str, str]:
    """One pupil in the usual age of a grade."""
    base = record_numbered(serial)
    entry = school_year - grade + 1
    day = base["birth_date"][4:]
    born = f"{entry - _USUAL_AGE - (day > _AUGUST)}{day}"
    number = id_number(serial // 336, born, base["sex"] == "1")
    return base | {
        "school_code": school[0],
        "school_name": school[1],
        "student_number": f"G{number}",
        "id_number": number,
        "birth_date": born,
        "class_no": f"{entry}1{class_number:02d}",
        "entry_year_month": f"{entry}09",
        "grade": canonical("1", grade),
        "class_seat_number": f"{seat:02d}",
    }
