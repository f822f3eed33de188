"""Figures as a workbook that says on every page who took it, when, where and what for (sec-A24, sec-A36)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

_TEXT = {"num_format": "@", "quote_prefix": True}
_NUMBER = {"num_format": "#,##0"}
_HEAD = {"bold": True, "bg_color": "#E2EFF0", "bottom": 1, "text_wrap": True, "valign": "top"}
#: characters that no cell, header or property may hold
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_WIDTHS = (26, 10)


@dataclass(frozen=True)
class Mark:
    """The watermark in the reader's language: lines for the head of the sheet, and the same in short for the head and
    foot of every printed page."""

    title: str
    taken: str
    purpose: str
    note: str
    number: str


@dataclass(frozen=True)
class Table:
    """Heads of text columns and of number columns, and the rows: texts, then numbers."""

    name: str
    texts: Sequence[str]
    numbers: Sequence[str]
    rows: Sequence[tuple[Sequence[str], Sequence[int]]]


def write(mark: Mark, table: Table, at: datetime) -> bytes:
    """The .xlsx; texts are texts and numbers numbers, so that nothing in it is ever calculated."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text, number, head = (book.add_format(look) for look in (_TEXT, _NUMBER, _HEAD))
    page = book.add_worksheet(clean(table.name)[:31])
    columns, top = len(table.texts) + len(table.numbers), len(_lines(mark))
    for row, line in enumerate(_lines(mark)):
        page.write_string(row, 0, line, book.add_format(_TEXT | {"bold": not row}))
    page.set_column(0, len(table.texts) - 1, _WIDTHS[0])
    page.set_column(len(table.texts), columns - 1, _WIDTHS[1])
    for column, words in enumerate((*table.texts, *table.numbers)):
        page.write_string(top, column, clean(words), head)
    for row, (texts, numbers) in enumerate(table.rows, start=top + 1):
        for column, cell in enumerate(texts):
            page.write_string(row, column, clean(cell), text)
        for column, n in enumerate(numbers, start=len(texts)):
            page.write_number(row, column, n, number)
    _print_set_up(page, mark, top)
    _describe(book, mark, at)
    book.close()
    return stream.getvalue()


def clean(text: str) -> str:
    """Without characters that break a file; the rest stays as it is, also what looks like a formula."""
    return _CONTROL.sub(" ", text)


def _lines(mark: Mark) -> list[str]:
    return [clean(line) for line in (mark.title, mark.taken, mark.purpose, mark.note)]


def _print_set_up(page: xlsxwriter.worksheet.Worksheet, mark: Mark, top: int) -> None:
    """A4 across, all columns on one page, heads repeated, the watermark above and below."""
    page.freeze_panes(top + 1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    page.set_header(f"&L{_part(mark.title, 90)}&R{_part(mark.taken, 120)}")
    page.set_footer(f"&L{_part(mark.purpose, 200)}&R&P / &N")


def _part(text: str, most: int) -> str:
    """A piece of a header: an ampersand would begin a code."""
    return clean(text)[:most].replace("&", "&&")


def _describe(book: xlsxwriter.Workbook, mark: Mark, at: datetime) -> None:
    texts = {"title": mark.title, "subject": mark.purpose, "comments": mark.taken, "keywords": mark.number}
    book.set_properties({key: clean(text) for key, text in texts.items()} | {"created": at.replace(tzinfo=None)})
