"""What a preview tells: counts, faults by row and column, differences, and the rows around the faults. Sealed as JSON.

It holds everything in full; `roster_view` masks what is shown.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from portal.rules.items import ROSTER_ITEMS
from portal.rules.problems import Problem
from portal.services import place_settings
from portal.services.roster_plan import Fate, Line, Plan
from portal.services.roster_reading import Table

#: how many of each are listed; the counts are always of all
MOST_FAULTS = 1000
MOST_HINTS = 300
MOST_PUPILS = 500
#: rows with faults that are kept with the rows around them
MOST_SHOWN = 150
_AROUND = 2


def of(plan: Plan, path: str) -> dict[str, Any]:
    """The report of a plan for the school at `path`; every value is a text, a number, or a list or dict of these."""
    table = plan.table
    faults = [(line, p) for line in plan.lines for p in _by_column(line) if p.is_error]
    hints = [(line, p) for line in plan.lines for p in _by_column(line) if not p.is_error]
    fates = Counter(line.fate for line in plan.lines)
    moved = sum(1 for line in plan.of(Fate.CHANGED) if any(item == "class_no" for item, _, _ in line.differences))
    return {
        "rows": len(plan.lines),
        "counts": {fate.value: fates[fate] for fate in Fate}
        | {"faults": len(faults), "hints": len(hints), "gone": len(plan.gone), "moved": moved},
        "file": _file(table),
        "letters": table.letters,
        "faults": [_told(table, *found) for found in faults[:MOST_FAULTS]],
        "hints": [_told(table, *found) for found in hints[:MOST_HINTS]],
        "around": _around(plan, [line.number for line, _ in faults[:MOST_FAULTS]]),
        "new": [_pupil(line.values) for line in plan.of(Fate.NEW)[:MOST_PUPILS]],
        "changed": [_changed(line) for line in plan.lines if line.differences][:MOST_PUPILS],
        "gone": [_pupil(known.record | {"class_no": known.class_code}) for known in plan.gone[:MOST_PUPILS]],
        "new_classes": plan.new_classes,
        "renamed_classes": plan.renamed_classes,
        "too_large": place_settings.too_large(path, Counter(line.values["class_no"] for line in plan.lines)),
        "fingerprint": plan.fingerprint,
    }


def _file(table: Table) -> dict[str, Any]:
    names = ("kind", "sheet", "head", "unknown", "other_sheets", "hidden_rows", "hidden_columns")
    return {name: getattr(table, name) for name in names}


def _by_column(line: Line) -> list[Problem]:
    return sorted(line.problems, key=lambda p: ROSTER_ITEMS.index(p.item) if p.item in ROSTER_ITEMS else -1)


def _told(table: Table, line: Line, found: Problem) -> dict[str, Any]:
    letter = table.letters.get(found.item or "", "")
    return {"row": line.number, "letter": letter, "item": found.item, "code": found.code, "values": dict(found.values)}


def _around(plan: Plan, wrong: list[int]) -> list[list[Any]]:
    """[row, texts of all columns] of rows with faults, and of the neighbours of the first of them."""
    lines, kept = plan.lines, set(wrong)
    shown = set(list(dict.fromkeys(wrong))[:MOST_SHOWN])
    places = [place for place, line in enumerate(lines) if line.number in shown]
    near = {n for place in places for n in range(place - _AROUND, place + _AROUND + 1)}
    wanted = [line for place, line in enumerate(lines) if place in near or line.number in kept]
    return [[line.number, plan.texts(line)] for line in wanted]


def _pupil(values: dict[str, str]) -> list[str]:
    return [values.get(item, "") for item in ("name", "class_no", "student_number")]


def _changed(line: Line) -> dict[str, Any]:
    return {"row": line.number, "pupil": _pupil(line.values), "items": line.differences, "bad": line.fate == Fate.BAD}
