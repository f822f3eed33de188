"""Rosters as workbooks: the registry's template, a class to take along, the rows that need correcting.

Every cell is a text that no spreadsheet turns into a number or a formula; nothing is written to disk on the way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from portal.rules.codes import printed, table
from portal.rules.items import ITEMS, ROSTER_ITEMS, Item
from portal.services.export_marks import Mark
from portal.services.marked_pages import put_around, put_line, put_properties

_TEXT = {"num_format": "@", "quote_prefix": True}
_HEAD = {"bold": True, "bg_color": "#E2EFF0", "text_wrap": True, "valign": "top"}
_WRONG = {"bg_color": "#FBEAE6", "border": 2, "border_color": "#A1281A"}
_MOST_CHOICES = 40
_NEED = {"always": "要填", "conditional": "看情况", "no": "可以不填"}
_NOTES = (("列名", 26), ("要不要填", 12), ("例子", 24), ("可以选的", 90))

_LINES = (
    ("班级", 16),
    ("座号", 6),
    (ITEMS["student_number"].name_zh, 22),
    (ITEMS["name"].name_zh, 14),
    ("项目", 18),
    ("原来", 24),
    ("现在", 24),
    ("依据", 20),
    ("日期", 12),
)
_CHANGED = {"bg_color": "#E2EFF0", "bold": True}
#: columns that every file has: who it is about, and what the registry wants of every pupil
_ALWAYS = tuple(
    code for code in ROSTER_ITEMS if ITEMS[code].required == "always" or code in ("school_code", "student_number")
)

Record = Mapping[str, str]


class _Book:
    """A workbook in memory with the formats that all rosters share. With a mark every page has it in a line above the
    head; `beside` puts the line behind the head, where those who read columns by their names pass it by."""

    def __init__(self, mark: Mark | None = None, beside: bool = False) -> None:
        self._stream, self._mark, self._beside = io.BytesIO(), mark, beside
        self._top = 1 if mark and not beside else 0
        self.book = xlsxwriter.Workbook(self._stream, {"in_memory": True})
        if mark:
            put_properties(self.book, mark)
        self.text = self.book.add_format(_TEXT)
        self.wrong = self.book.add_format(_TEXT | _WRONG)
        self.changed = self.book.add_format(_TEXT | _CHANGED)
        self.head = self.book.add_format(_HEAD)

    def page(self, name: str, heads: Iterable[tuple[str, int]]) -> Any:
        """A sheet with a head that stays in sight; heads are (text, width)."""
        page, columns = self.book.add_worksheet(name), list(heads)
        page.freeze_panes(self._top + 1, 0)
        for column, (text, width) in enumerate(columns):
            page.set_column(column, column, width, self.text)
            page.write_string(self._top, column, text, self.head)
        if self._mark:
            put_around(page, self._mark)
            put_line(self.book, page, self._mark, 0, len(columns) if self._beside else 0)
        return page

    def row(
        self, page: Any, number: int, cells: Iterable[str], wrong: Iterable[int] = (), changed: Iterable[int] = ()
    ) -> None:
        """One row of texts, the first below the head is 1; `wrong` and `changed` are columns to mark."""
        looks = dict.fromkeys(changed, self.changed) | dict.fromkeys(wrong, self.wrong)
        for column, cell in enumerate(cells):
            page.write_string(self._top + number, column, cell, looks.get(column, self.text))

    def content(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self._stream.getvalue()


def template() -> bytes:
    """An empty roster with all 77 columns, and how to fill them on a second sheet."""
    book = _Book()
    book.page("名册", _heads(ROSTER_ITEMS))
    notes = book.page("填写说明", _NOTES)
    for number, code in enumerate(ROSTER_ITEMS, start=1):
        item = ITEMS[code]
        cells = item.name_zh, _NEED[item.required], printed(code, item.example), "、".join(_choices(item))
        book.row(notes, number, cells)
    return book.content()


def roster(records: Iterable[Record], mark: Mark | None = None) -> bytes:
    """Pupils in the template: codes as their words, where these mean the same code again."""
    book = _Book(mark)
    page = book.page("名册", _heads(ROSTER_ITEMS))
    for number, record in enumerate(records, start=1):
        book.row(page, number, (_words(code, record.get(code, "")) for code in ROSTER_ITEMS))
    return book.content()


def corrections(
    rows: Iterable[tuple[int, Record]], items: Sequence[str], faults: Mapping[int, Mapping[str, str]]
) -> bytes:
    """Rows of a file to correct: number, what is wrong, the cells as they were with the wrong ones marked.

    `faults` are sentences by row and item. The file can be imported again as it is.
    """
    book = _Book()
    page = book.page("要改的行", [("原来的行号", 10), ("哪里不对", 60), *_heads(items)])
    for number, (row, record) in enumerate(rows, start=1):
        found = faults[row]
        wrong = [column for column, item in enumerate(items, start=2) if item in found]
        book.row(page, number, [str(row), " ".join(found.values()), *(record.get(item, "") for item in items)], wrong)
    return book.content()


def changes(
    rows: Sequence[tuple[Record, Mapping[str, str]]], lines: Iterable[Sequence[str]], mark: Mark | None = None
) -> bytes:
    """Pupils with what changed, as a roster that has only the columns concerned and those that every roster needs; a
    column that is not there stays as it is, an empty cell is an empty item.

    `rows` are (record, item -> new value), `lines` the cells of the second sheet, which tells every change by itself.
    """
    touched = {item for _, new in rows for item in new}
    items = [code for code in ROSTER_ITEMS if code in touched or code in _ALWAYS]
    book = _Book(mark, beside=True)
    page = book.page("名册", _heads(items))
    for number, (record, new) in enumerate(rows, start=1):
        values = (_words(code, new.get(code, record.get(code, ""))) for code in items)
        book.row(page, number, values, changed=[column for column, code in enumerate(items) if code in new])
    notes = book.page("说明", _LINES)
    for number, cells in enumerate(lines, start=1):
        book.row(notes, number, cells)
    return book.content()


def _heads(items: Iterable[str]) -> list[tuple[str, int]]:
    return [(ITEMS[code].name_zh, max(10, min(22, ITEMS[code].max_len + 2))) for code in items]


def _choices(item: Item) -> list[str]:
    if not item.code_table:
        return []
    found = table(item.code_table)
    return [found.label(code) for code in found.codes] if len(found.codes) <= _MOST_CHOICES else []


def _reader(code: str) -> Callable[[str], str | None] | None:
    return table(ITEMS[code].code_table).code_of if ITEMS[code].code_table else None


_READERS = {code: _reader(code) for code in ROSTER_ITEMS}


def _words(code: str, value: str) -> str:
    reader = _READERS[code]
    if reader is None or not value:
        return value
    words = printed(code, value)
    return words if reader(words) == value else value
