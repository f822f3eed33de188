"""Roster files as schools send them: good ones in each format, and the single faults that tests put into them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter
import xlwt

from portal.commands.made_up_roster import roster
from portal.rules.clock import today
from portal.rules.dates import school_year_of
from portal.rules.items import ITEMS, ROSTER_ITEMS

Record = Mapping[str, Any]
Cells = Sequence[Sequence[Any]]

YEAR = school_year_of(today())


def records(count: int, **options: Any) -> list[dict[str, Any]]:
    """Made-up pupils of 2199000001 in this school year."""
    return list(roster(count, options.pop("school_year", YEAR), **options))


def names(items: Iterable[str] = ROSTER_ITEMS) -> list[str]:
    return [ITEMS[item].name_zh for item in items]


def table(people: Iterable[Record], items: Sequence[str] = ROSTER_ITEMS, above: Cells = ()) -> list[list[Any]]:
    """Rows of cells: what stands above, the head, one row a pupil."""
    return [*map(list, above), names(items), *([person.get(item, "") for item in items] for person in people)]


def column(item: str) -> int:
    """The column from 0 of an item in the template."""
    return ROSTER_ITEMS.index(item)


def xlsx(rows: Cells, prepare: Callable[[Any, Any], None] | None = None, sheet: str = "名册") -> bytes:
    """A workbook: texts as texts, numbers as numbers, `None` as nothing; `prepare(workbook, sheet)` adds to it."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    page = book.add_worksheet(sheet)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, bool):
                page.write_boolean(r, c, cell)
            elif isinstance(cell, int | float):
                page.write_number(r, c, cell)
            elif cell not in (None, ""):
                page.write_string(r, c, cell)
    if prepare:
        prepare(book, page)
    book.close()
    return stream.getvalue()


def xls(rows: Cells, prepare: Callable[[Any, Any], None] | None = None) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("名册", cell_overwrite_ok=True)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell not in (None, ""):
                page.write(r, c, cell)
    if prepare:
        prepare(book, page)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def text(rows: Cells, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue().encode(encoding)


def repacked(
    data: bytes, change: Callable[[str, bytes], bytes | None], more: Mapping[str, bytes] | None = None
) -> bytes:
    """The same zip with its parts changed (None drops a part) and others added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return stream.getvalue()


def in_sheet(pattern: str, replacement: str) -> Callable[[str, bytes], bytes]:
    """A change of the text of the first sheet."""

    def change(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        found, count = re.subn(pattern, replacement, part.decode())
        assert count, f"{pattern} is not in the sheet"
        return found.encode()

    return change
