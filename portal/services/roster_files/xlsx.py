"""The inside of an .xlsx beside its values: which sheets there are, and the marks of one of them, read as a stream."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from portal.services.roster_files.marks import Marks, address, column_of
from portal.services.roster_files.refused import BROKEN, FAR, FileRefused
from portal.services.roster_files.zipped import Parts

WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"
#: rows that hold only formats still cost time
_MOST_ROW_MARKS = 150_000

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]


@dataclass(frozen=True)
class Book:
    """The parts of the sheets by name, and whether days are counted from 1904."""

    parts_by_sheet: dict[str, str]
    since_1904: bool


def book_of(parts: Parts) -> Book:
    """The sheets of a workbook. FileRefused when it is none."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}
    dates: list[str] = []

    def relation(name: str, given: Attributes) -> None:
        if _local(name) == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    def sheet(name: str, given: Attributes) -> None:
        if _local(name) == "sheet":
            relation_id = next((value for key, value in given.items() if _local(key) == "id"), "")
            sheets[given.get("name", "")] = relation_id
        elif _local(name) == "workbookPr":
            dates.append(given.get("date1904", "0"))

    _parse(parts, _RELATIONS, relation)
    _parse(parts, WORKBOOK, sheet)
    if _STRINGS in parts.names:
        _parse(parts, _STRINGS, None)
    places = {name: posixpath.normpath(posixpath.join("/xl", targets.get(i, "")))[1:] for name, i in sheets.items()}
    return Book(places, any(value in ("1", "true") for value in dates))


def marks_of(parts: Parts, part: str) -> Marks:
    """Formulas, faults, hidden rows and columns of a sheet; what its `<dimension>` says is not believed."""
    scanner = _Scanner()
    _parse(parts, part, scanner.start)
    return scanner.marks


class _Scanner:
    """Takes the start of every element; anything but rows, cells and their values is passed over."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._row = self._rows = 0
        self._column = -1
        self._columns: dict[str, int] = {}
        self._starts: dict[str, Callable[[Attributes], None]] = {
            "row": self._row_begins,
            "c": self._cell_begins,
            "v": self._value,
            "is": self._value,
            "f": self._formula,
            "col": self._column_format,
        }

    def start(self, name: str, given: Attributes) -> None:
        handle = self._starts.get(name) or self._starts.get(_local(name))
        if handle:
            handle(given)

    def _row_begins(self, given: Attributes) -> None:
        self._rows += 1
        self._row = _number(given.get("r"), self._row + 1)
        self._column = -1
        if self._rows > _MOST_ROW_MARKS:
            raise FileRefused(FAR, cell=address((self._row, 0)))
        if given.get("hidden") in ("1", "true"):
            self.marks.hidden_rows.add(self._row)

    def _cell_begins(self, given: Attributes) -> None:
        letters = given.get("r", "").rstrip("0123456789")
        if letters not in self._columns:
            self._columns[letters] = column_of(letters) if letters.isalpha() and letters.isascii() else -1
        self._column = self._columns[letters] if letters else self._column + 1
        if given.get("t") == "e":
            self.marks.faults.add((self._row, self._column))

    def _value(self, given: Attributes) -> None:
        self.marks.filled((self._row, self._column))

    def _formula(self, given: Attributes) -> None:
        self.marks.filled((self._row, self._column))
        self.marks.formulas.add((self._row, self._column))

    def _column_format(self, given: Attributes) -> None:
        if given.get("hidden") in ("1", "true"):
            first, last = _number(given.get("min"), 1), _number(given.get("max"), 1)
            self.marks.hidden_columns.update(range(first - 1, min(last, 1 << 14)))


def _parse(parts: Parts, name: str, start: Start | None) -> None:
    """Stream a part through expat. A document type, and with it every entity, is refused."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    try:
        for piece in parts.pieces(name):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError):
        raise FileRefused(BROKEN) from None


def _refuse_doctype(*_: object) -> None:
    raise FileRefused(BROKEN)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
