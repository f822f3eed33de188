"""The door of the reading child: bytes of a file -> one table, or why it is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.services.roster_files import biff, delimited, kinds, xlsx
from portal.services.roster_files.compound import BadCompound, Compound
from portal.services.roster_files.header import HEAD_ROWS, Head, Row, find_head, no_head
from portal.services.roster_files.marks import MOST_PUPILS, Marks, letter
from portal.services.roster_files.refused import BROKEN, LOCKED, NO_PUPILS, ROWS, FileRefused
from portal.services.roster_files.zipped import Parts


def entry(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """For the child: `{"table": ...}` and the rows as JSON, or `{"refused": text, "values": ..., "names": ...}`."""
    try:
        table, rows = read(args["name"], payload)
    except FileRefused as refused:
        return {"refused": refused.text, "values": refused.values, "names": refused.names}, []
    return {"table": table}, [json.dumps(rows, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")]


def read(file_name: str, data: bytes) -> tuple[dict[str, Any], list[Any]]:
    """The table of a roster file: facts about it, and its rows as [number, cells, marked cells].

    Cells stand in the order of `items`; they are texts, numbers or None. A marked cell is [position, "formula"] or
    [position, "fault"]. FileRefused when there is no roster in it.
    """
    kind, opened = kinds.open_kind(file_name, data)
    if isinstance(opened, Parts):
        return _workbook(_sheets_of_xlsx(data, opened), kind)
    if isinstance(opened, Compound):
        return _workbook(_sheets_of_xls(data, opened), kind)
    rows = ((number, list[object](cells)) for number, cells in delimited.rows_of(data))
    found = _table(rows, Marks())
    if found is None:
        raise no_head()
    return {"kind": kind, "sheet": "", "other_sheets": [], "since_1904": False} | found[0], found[1]


Sheets = Iterator[tuple[str, CalamineSheet, Marks, bool]]


def _workbook(sheets: Sheets, kind: str) -> tuple[dict[str, Any], list[Any]]:
    """The first sheet in sight with a head; the names of the others are told."""
    chosen: tuple[dict[str, Any], list[Any]] | None = None
    others = []
    for name, sheet, marks, since_1904 in sheets:
        found = None if chosen else _table(_cells(sheet), marks)
        if found:
            chosen = {"kind": kind, "sheet": name, "since_1904": since_1904} | found[0], found[1]
        elif marks.filled_rows:
            others.append(name)
    if chosen is None:
        raise no_head()
    return chosen[0] | {"other_sheets": others}, chosen[1]


def _sheets_of_xlsx(data: bytes, parts: Parts) -> Sheets:
    book = xlsx.book_of(parts)
    with _opened(data) as workbook:
        for name in _in_sight(workbook):
            marks = xlsx.marks_of(parts, book.parts_by_sheet.get(name, ""))
            yield name, _sheet(workbook, name), marks, book.since_1904


def _sheets_of_xls(data: bytes, compound: Compound) -> Sheets:
    try:
        stream = compound.stream("Workbook" if "Workbook" in compound.names else "Book")
    except BadCompound:
        raise FileRefused(BROKEN) from None
    since_1904, starts = biff.since_1904(stream), biff.sheet_starts(stream)
    with _opened(data) as workbook:
        names = workbook.sheet_names
        if len(names) != len(starts):
            raise FileRefused(BROKEN)
        for name in _in_sight(workbook):
            yield name, _sheet(workbook, name), biff.marks_of(stream, starts[names.index(name)]), since_1904


@contextmanager
def _refusing() -> Iterator[None]:
    """What the reader of workbooks cannot read is refused; its panics are no `Exception` and must not end a child."""
    try:
        yield
    except PasswordError:
        raise FileRefused(LOCKED) from None
    except CalamineError:
        raise FileRefused(BROKEN) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise FileRefused(BROKEN) from None


def _opened(data: bytes) -> CalamineWorkbook:
    with _refusing():
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    with _refusing():
        return workbook.get_sheet_by_name(name)


def _in_sight(workbook: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _cells(sheet: CalamineSheet) -> Iterator[Row]:
    with _refusing():
        rows = sheet.to_python(skip_empty_area=False)
    yield from enumerate(rows, start=1)


def _table(rows: Iterator[Row], marks: Marks) -> tuple[dict[str, Any], list[Any]] | None:
    waiting = list(islice((row for row in rows if _is_filled(row[1])), HEAD_ROWS))
    head = find_head(waiting, marks)
    if head is None:
        return None
    items = list(head.columns)
    places = [head.columns[item] for item in items]
    used: set[int] = set()
    pupils = list(_pupils(_used(chain(waiting, rows), head, used), places, marks))
    if not pupils:
        raise FileRefused(NO_PUPILS)
    facts = {
        "head": head.row,
        "items": items,
        "letters": {item: letter(column) for item, column in head.columns.items()},
        "unknown": [[letter(column), head.unknown.get(column, "")] for column in sorted(used - set(places))],
        "hidden_rows": len(marks.hidden_rows & {row[0] for row in pupils}),
        "hidden_columns": [letter(column) for column in sorted(marks.hidden_columns & set(places))],
    }
    return facts, pupils


def _used(rows: Iterable[Row], head: Head, used: set[int]) -> Iterator[Row]:
    """The rows below the head; notes which columns hold anything, so that none is left out in silence."""
    for number, cells in rows:
        if number > head.last_row:
            used.update(column for column, cell in enumerate(cells) if cell not in ("", None))
            yield number, cells


def _pupils(rows: Iterable[Row], places: Sequence[int], marks: Marks) -> Iterator[list[Any]]:
    count = 0
    for number, cells in rows:
        wanted = [_plain(cells[column]) if column < len(cells) else None for column in places]
        marked = [
            [position, "formula" if (number, column) in marks.formulas else "fault"]
            for position, column in enumerate(places)
            if (number, column) in marks.formulas or (number, column) in marks.faults
        ]
        if not marked and not _is_filled(wanted):
            continue
        count += 1
        if count > MOST_PUPILS:
            raise FileRefused(ROWS)
        yield [number, wanted, marked]


def _is_filled(cells: Sequence[object]) -> bool:
    return any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)


def _plain(cell: object) -> str | int | float | None:
    """A cell as JSON has it; a day is written as one, whatever the spreadsheet shows."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, str | int | float):
        return cell
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
