"""A roster held against what is stored: every row is checked, compared and given one fate. Nothing is changed."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from portal.rules.checks import OnFile, read_row
from portal.rules.checks_file import check_rows
from portal.rules.class_number import parts
from portal.rules.items import KEY_DATA, ROSTER_ITEMS
from portal.rules.normalise import normalise
from portal.rules.problems import Problem, has_errors, problem
from portal.services import roster_school as stored
from portal.services.roster_classes import class_name, number_of_name
from portal.services.roster_reading import Row, Table

#: said only when the ID number itself is not in question
_FOLLOWS = {"R6", "R7", "R10", "R20.differs"}
#: nothing more is said about a row of another school (R35, sec-X28)
_OTHER_SCHOOL = "R35"
#: temporary numbers that a formal one replaces (R20, R25)
_TEMPORARY = ("L", "J")
Progress = Callable[[int], None]


class Fate(StrEnum):
    """What an import would do with a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BAD = "bad"


@dataclass(slots=True)
class Line:
    """One row. `row` is what the file has, `values` all items in stored form; `differences` are (item, stored, new);
    `taken_over` is the pupil of another school who has left it."""

    number: int
    row: Row
    values: dict[str, str]
    problems: list[Problem]
    known: stored.Known | None = None
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    taken_over: UUID | None = None

    @property
    def fate(self) -> Fate:
        if has_errors(self.problems):
            return Fate.BAD
        if self.known is None:
            return Fate.NEW
        return Fate.CHANGED if self.differences else Fate.UNCHANGED


@dataclass
class Plan:
    """All rows with their fates, the pupils the file does not have, and the classes it makes or names anew."""

    table: Table
    lines: list[Line]
    gone: list[stored.Known]
    new_classes: dict[str, str]
    renamed_classes: dict[str, str]

    def of(self, fate: Fate) -> list[Line]:
        """The rows of one fate, in the order of the file."""
        return [line for line in self.lines if line.fate == fate]

    def texts(self, line: Line) -> dict[str, str]:
        """item -> text of a row as the file has it."""
        return self.table.texts(line.row)[0]

    @property
    def fingerprint(self) -> str:
        """Equal for plans that would do the same; what was looked at must be what is done (sec-X25)."""
        does = [[line.number, line.fate, line.differences, str(line.taken_over)] for line in self.lines]
        gone = sorted(str(known.id) for known in self.gone)
        text = json.dumps([does, gone, self.new_classes, self.renamed_classes], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def make(table: Table, school: stored.School, round_id: UUID | None, progress: Progress | None = None) -> Plan:
    """The plan of an import; reads what is elsewhere, changes nothing. `progress` gets the rows done so far."""
    codes = {*school.classes, *_codes_of(table)}
    lines = []
    for count, row in enumerate(table.rows, start=1):
        lines.append(_line(row, table, school, codes))
        if progress and count % 100 == 0:
            progress(count)
    seen = {line.known.id for line in lines if line.known}
    gone = [known for known in school.everybody() if known.id not in seen]
    _between(lines, gone)
    _elsewhere(lines, school, round_id)
    return Plan(table, lines, gone, *_classes(lines, school))


def _codes_of(table: Table) -> set[str]:
    place = table.items.index("class_no")
    return {text for row in table.rows if parts(text := str(row[1][place]).strip())}


def _line(row: Row, table: Table, school: stored.School, codes: set[str]) -> Line:
    raw, spoiled = table.texts(row)
    numbers = (normalise(item, raw.get(item, ""), from_file=True) for item in ("student_number", "id_number"))
    known = school.find(*numbers)
    context = school.context
    if known and known.record.get("student_number", "")[1:] != known.record.get("id_number"):
        context = replace(context, on_file=OnFile(id_number_changed=True))
    full = raw if known is None else known.record | raw
    full = {item: full.get(item, "") for item in ROSTER_ITEMS}
    values, found = read_row(full, context)
    kept = _kept(values, known, school) if known else {}
    if known and kept:
        full |= {item: known.record.get(item, "") for item in kept}
        values, found = read_row(full, context)
    if values["class_no"] not in codes:
        number, said = number_of_name(values, codes)
        if said:
            values, found = read_row(full | {"class_no": number}, context)
            found += said
    found += [problem("T7.kept", item, found=was) for item, was in kept.items()]
    if strange := [p for p in found if p.code == _OTHER_SCHOOL]:
        return Line(row[0], row, values, strange)
    wrong = {p.item for p in spoiled}
    line = Line(row[0], row, values, spoiled + [p for p in found if p.item not in wrong], known)
    if known:
        _compare(line, [item for item in table.items if item not in wrong], known)
    if any(p.item == "id_number" and p.is_error and p.code not in _FOLLOWS for p in line.problems):
        line.problems = [p for p in line.problems if p.code not in _FOLLOWS]
    return line


def _kept(values: dict[str, str], known: stored.Known, school: stored.School) -> dict[str, str]:
    """Items whose value in the file is one from before a change that was accepted here and that the registry has not
    got: item -> the old value."""
    here = school.kept.get(known.id, {})
    return {
        item: values[item]
        for item, (before, stands) in here.items()
        if known.record.get(item, "") == stands != values[item] and values[item] in before
    }


def _compare(line: Line, items: list[str], known: stored.Known) -> None:
    was = known.record | {"class_no": known.class_code}
    for item in items:
        old, new = was.get(item, ""), line.values[item]
        if old == new:
            continue
        line.differences.append((item, old, new))
        if item in KEY_DATA:
            _refuse_key_data(line, item)
        if item == "student_number" and not old.startswith(_TEMPORARY):
            line.problems.append(problem("T7.number", item))


def _refuse_key_data(line: Line, item: str) -> None:
    """R103, unless the new value is no value at all: then that is said first, one thing at a time."""
    if any(p.item == item and p.is_error and p.code not in _FOLLOWS for p in line.problems):
        return
    line.problems = [p for p in line.problems if p.item != item or p.code not in _FOLLOWS]
    line.problems.append(problem("R103", item))


def _between(lines: list[Line], gone: list[stored.Known]) -> None:
    """What is wrong between rows, and between rows and pupils the file does not have (R24, R46, R75)."""
    own = [line for line in lines if all(p.code != _OTHER_SCHOOL for p in line.problems)]
    by_number = {line.number: line for line in own}
    for number, found in check_rows((line.number, line.values) for line in own):
        by_number[number].problems.append(found)
    seats = {(known.class_code, known.record.get("class_seat_number")) for known in gone}
    for line in own:
        seat = line.values["class_seat_number"]
        if seat and (line.values["class_no"], seat) in seats:
            line.problems.append(problem("R46.twice", "class_seat_number", found=seat))


def _elsewhere(lines: list[Line], school: stored.School, round_id: UUID | None) -> None:
    """New pupils whose number another school still has; it is never said which (R24, R89, sec-X5)."""
    new = [line for line in lines if line.fate == Fate.NEW]
    numbers = [stored.number_index(line.values["student_number"]) for line in new]
    ids = [stored.id_index(number) if (number := line.values["id_number"]) else b"" for line in new]
    found = stored.elsewhere(school.id, numbers, [index for index in ids if index], round_id)
    for line, number_index, id_index in zip(new, numbers, ids, strict=True):
        if {number_index, id_index} & found.held:
            line.problems.append(problem("T7.elsewhere", "student_number"))
        else:
            line.taken_over = found.left.get(number_index)


def _classes(lines: list[Line], school: stored.School) -> tuple[dict[str, str], dict[str, str]]:
    grades: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line.fate != Fate.BAD:
            grades[line.values["class_no"]].append(line.values["grade"])
    names = {code: class_name(code, found) for code, found in sorted(grades.items())}
    new = {code: name for code, name in names.items() if code not in school.classes}
    renamed = {code: name for code, name in names.items() if school.classes.get(code, name) != name}
    return new, renamed
