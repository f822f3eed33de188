"""What a spreadsheet shows beside its values: formulas, faults, hidden parts, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.services.roster_files.refused import FAR, ROWS, FileRefused

MOST_PUPILS = 20_000
#: titles, heads and notes around the pupils
_OTHER_ROWS = 50
#: the last row and column in which anything may stand; blank rows between pupils are fine
_LAST_ROW = 60_000
_LAST_COLUMN = 250

Cell = tuple[int, int]


@dataclass
class Marks:
    """Cells are (row from 1, column from 0)."""

    formulas: set[Cell] = field(default_factory=set)
    faults: set[Cell] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filled_rows: int = 0
    _last: int = 0

    def filled(self, cell: Cell) -> None:
        """A cell with something in it, in reading order. FileRefused when it is too far away or there are too many."""
        row, column = cell
        if row > _LAST_ROW or column > _LAST_COLUMN:
            raise FileRefused(FAR, cell=address(cell))
        if row != self._last:
            self._last = row
            self.filled_rows += 1
            if self.filled_rows > MOST_PUPILS + _OTHER_ROWS:
                raise FileRefused(ROWS)


def letter(column: int) -> str:
    """A, B ... Z, AA ... of a column from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_of(letters: str) -> int:
    """The column from 0 of A, B ... ; -1 for an empty text."""
    number = 0
    for sign in letters:
        number = number * 26 + ord(sign) - 64
    return number - 1


def address(cell: Cell) -> str:
    """H41 of (41, 7)."""
    return f"{letter(cell[1])}{cell[0]}"
