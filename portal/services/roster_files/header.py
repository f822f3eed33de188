"""The head of a roster: which column is which item, whatever their order, and what is there besides."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from portal.rules.items import ITEMS, ROSTER_ITEMS
from portal.services.roster_files.marks import Marks, address, letter
from portal.services.roster_files.refused import HEAD_FORMULA, MISSING, NO_HEADER, TWICE, FileRefused

Row = tuple[int, Sequence[object]]

#: the head is looked for in so many filled rows
HEAD_ROWS = 15
_FEWEST = 5
#: what older files call a column
_ALSO = {"全国学籍号": "student_number", "个人标识码": "student_number", "班级": "class_no"}
REQUIRED = tuple(code for code in ROSTER_ITEMS if ITEMS[code].required == "always")


@dataclass(frozen=True)
class Head:
    """`columns`: item -> column from 0. `last_row` is the row of the head (the lower one, if there are two).
    `unknown`: what stands above columns that no item has."""

    row: int
    last_row: int
    columns: dict[str, int]
    unknown: dict[int, str]


def fold(text: object) -> str:
    """A head for comparing: half width, without blanks, line breaks, stars and letter case."""
    plain = unicodedata.normalize("NFKC", text if isinstance(text, str) else "")
    return "".join(s for s in plain if not s.isspace() and unicodedata.category(s) != "Cf").strip("*").lower()


def _heads() -> dict[str, str]:
    heads = {fold(name): code for name, code in _ALSO.items()}
    for code in ROSTER_ITEMS:
        name = fold(ITEMS[code].name_zh)
        heads |= {name: code, name.partition("(")[0]: code, code: code}
    return heads


_HEADS = _heads()


def find_head(rows: Sequence[Row], marks: Marks) -> Head | None:
    """The head among the first filled rows; None when no row looks like one.

    FileRefused for a formula in it, an item in two columns, or missing columns that every pupil needs.
    """
    best, fits = max(((row, _fits(row)) for row in rows), key=lambda pair: pair[1], default=((0, ()), 0))
    if fits < _FEWEST:
        return None
    number, cells = best
    formula = next((cell for cell in sorted(marks.formulas) if cell[0] == number), None)
    if formula:
        raise FileRefused(HEAD_FORMULA, cell=address(formula))
    columns = _columns(cells)
    missing = [ITEMS[code].name_zh for code in REQUIRED if code not in columns]
    if missing:
        raise FileRefused(MISSING, missing, count=str(len(missing)))
    below = next((row for row in rows if row[0] == number + 1), None)
    last = number + 1 if below and _fits(below) >= _FEWEST else number
    unknown = {n: str(cell).strip() for n, cell in enumerate(cells) if cell and fold(cell) not in _HEADS}
    return Head(number, last, columns, unknown)


def no_head() -> FileRefused:
    """What to say when no sheet has a head."""
    return FileRefused(NO_HEADER)


def _fits(row: Row) -> int:
    return len({_HEADS[fold(cell)] for cell in row[1] if fold(cell) in _HEADS})


def _columns(cells: Sequence[object]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for n, cell in enumerate(cells):
        code = _HEADS.get(fold(cell))
        if code in columns:
            raise FileRefused(TWICE, [f"{letter(columns[code])}, {letter(n)} {ITEMS[code].name_zh}"])
        if code:
            columns[code] = n
    return columns
