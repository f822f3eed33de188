"""What is wrong between the rows of one file or class: the same pupil or number twice (R24, R46, R75)."""

from collections.abc import Hashable, Iterable, Mapping

from portal.rules.checks_identity import RESIDENT_ID
from portal.rules.problems import Problem, problem

Row = tuple[int, Mapping[str, str]]
"""Row number as the reader of the file sees it, and the values in stored form."""


def check_rows(rows: Iterable[Row]) -> list[tuple[int, Problem]]:
    """Problems with the row number of the later row of each pair."""
    pupils: dict[Hashable, int] = {}
    numbers: set[str] = set()
    seats: set[tuple[str, str]] = set()
    found: list[tuple[int, Problem]] = []
    for row, values in rows:
        found += [(row, p) for p in _pupil_twice(row, values, pupils)]
        found += [(row, p) for p in _number_twice(values, numbers)]
        found += [(row, p) for p in _seat_twice(values, seats)]
    return found


def person_key(values: Mapping[str, str]) -> Hashable | None:
    """What makes two rows the same pupil: the resident ID number, for other documents name, sex and birth date (R75).

    None when the items that decide are empty.
    """
    if values.get("id_doc_type") == RESIDENT_ID:
        return values.get("id_number") or None
    person = tuple(values.get(item, "") for item in ("name", "sex", "birth_date"))
    return person if all(person) else None


def _pupil_twice(row: int, values: Mapping[str, str], seen: dict[Hashable, int]) -> list[Problem]:
    key = person_key(values)
    if key is None or seen.setdefault(key, row) == row:
        return []
    item = "id_number" if isinstance(key, str) else "name"
    return [problem("R75", item, first=seen[key], second=row)]


def _number_twice(values: Mapping[str, str], seen: set[str]) -> list[Problem]:
    number = values.get("student_number", "")
    if number and number in seen:
        return [problem("R24", "student_number")]
    seen.add(number)
    return []


def _seat_twice(values: Mapping[str, str], seen: set[tuple[str, str]]) -> list[Problem]:
    seat = values.get("class_no", ""), values.get("class_seat_number", "")
    if seat[1] and seat in seen:
        return [problem("R46.twice", "class_seat_number", found=seat[1])]
    seen.add(seat)
    return []
