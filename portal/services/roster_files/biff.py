"""The marks of the sheets of an .xls, from the records of its workbook stream (MS-XLS)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from portal.services.roster_files.marks import Marks
from portal.services.roster_files.refused import BROKEN, LOCKED, FileRefused

_FORMULAS = {0x0006, 0x0206, 0x0406}
_FAULT, _ROW, _COLUMNS = 0x0205, 0x0208, 0x007D
_SHEET, _LOCKED, _DATE_MODE = 0x0085, 0x002F, 0x0022
_BEGIN, _END = {0x0809, 0x0409, 0x0209}, 0x000A
#: records of one cell with a value, and of several in a row
_VALUES = {0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E, _FAULT, *_FORMULAS}
_MANY_VALUES = 0x00BD
_IS_HIDDEN_ROW, _IS_HIDDEN_COLUMN = 0x20, 0x01


def _records(stream: bytes, at: int = 0) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def since_1904(stream: bytes) -> bool:
    """Are days counted from 1904? FileRefused when the workbook is locked."""
    found = False
    for kind, body in _records(stream):
        if kind == _LOCKED:
            raise FileRefused(LOCKED)
        if kind == _DATE_MODE and body[:1] == b"\x01":
            found = True
        if kind == _END:
            break
    return found


def sheet_starts(stream: bytes) -> list[int]:
    """Where each sheet begins in the stream, in the order of the tabs."""
    starts = []
    for kind, body in _records(stream):
        if kind == _SHEET:
            starts.append(struct.unpack_from("<I", body)[0])
        if kind == _END:
            break
    return starts


def marks_of(stream: bytes, start: int) -> Marks:
    """Formulas, faults, hidden rows and columns of one sheet; charts inside it are passed over."""
    marks, depth = Marks(), 0
    try:
        for kind, body in _records(stream, start):
            depth += (kind in _BEGIN) - (kind == _END)
            if depth == 1:
                _note(marks, kind, body)
            if depth <= 0:
                break
    except struct.error:
        raise FileRefused(BROKEN) from None
    return marks


def _note(marks: Marks, kind: int, body: bytes) -> None:
    if kind in _VALUES or kind == _MANY_VALUES:
        row, column = struct.unpack_from("<HH", body)
        marks.filled((row + 1, column))
        if kind in _FORMULAS:
            marks.formulas.add((row + 1, column))
        elif kind == _FAULT and body[7:8] == b"\x01":
            marks.faults.add((row + 1, column))
    elif kind == _ROW:
        row, options = struct.unpack_from("<H10xH", body)
        if options & _IS_HIDDEN_ROW:
            marks.hidden_rows.add(row + 1)
    elif kind == _COLUMNS:
        first, last, options = struct.unpack_from("<HH4xH", body)
        if options & _IS_HIDDEN_COLUMN:
            marks.hidden_columns.update(range(first, last + 1))
