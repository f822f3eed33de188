"""Plain lists as workbooks to print: every cell a text that no spreadsheet turns into a number or a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from portal.services.export_marks import Mark
from portal.services.marked_pages import put_around, put_line, put_properties

_TEXT = {"num_format": "@", "quote_prefix": True, "border": 1, "valign": "vcenter"}
_HEAD = {"bold": True, "bg_color": "#E2EFF0", "border": 1, "text_wrap": True, "valign": "top"}
_ROW = 21


@dataclass(frozen=True)
class Sheet:
    """One page: its name, a title and a line above the table (either may be empty), heads, widths and rows."""

    name: str
    title: str
    line: str
    heads: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


def write(sheets: Sequence[Sheet], mark: Mark) -> bytes:
    """The .xlsx with one page a sheet, A4 upright, all columns on the page and the heads on every page; below the last
    row the line that says whose copy it is."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text, head, title, line = (
        book.add_format(look)
        for look in (_TEXT, _HEAD, {"bold": True, "font_size": 14}, {"text_wrap": True, "valign": "top"})
    )
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        top = 0
        for words, look in ((sheet.title, title), (sheet.line, line)):
            if words:
                page.merge_range(top, 0, top, len(sheet.heads) - 1, words, look)
                page.set_row(top, _ROW if look is title else 2 * _ROW)
                top += 1
        for column, (words, width) in enumerate(zip(sheet.heads, sheet.widths, strict=True)):
            page.set_column(column, column, width)
            page.write_string(top, column, words, head)
        for number, row in enumerate(sheet.rows, start=top + 1):
            page.set_row(number, _ROW)
            for column, cell in enumerate(row):
                page.write_string(number, column, cell, text)
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)
        put_around(page, mark)
        put_line(book, page, mark, top + len(sheet.rows) + 1, 0)
    put_properties(book, mark)
    book.close()
    return stream.getvalue()
