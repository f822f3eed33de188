"""The mark of an export on every page of a workbook: head and foot in print, a line one sees, the properties."""

from __future__ import annotations

from typing import Any

from portal.services.export_marks import Mark
from portal.services.figure_workbook import clean

_LINE = {"num_format": "@", "quote_prefix": True, "bold": True, "font_color": "#A1281A"}
#: Excel cuts a head or foot after 255 signs
_MOST = 110


def put_line(book: Any, page: Any, mark: Mark, row: int, column: int) -> None:
    """The line that everybody sees who opens the page."""
    page.write_string(row, column, clean(mark.line), book.add_format(_LINE))


def put_around(page: Any, mark: Mark) -> None:
    """Head and foot of every printed page; neither begins with a digit, which would be read as a size of type."""
    page.set_header(f"&L{_part(f'{mark.token} {mark.unit}')}&R{_part(f' {mark.name} {mark.at}')}")
    page.set_footer(f"&L{_part(f'{mark.token} {mark.purpose}')}&R&P / &N")


def put_properties(book: Any, mark: Mark) -> None:
    """What stands in the file itself, also after it was saved under another name."""
    texts = {"title": mark.unit, "subject": mark.purpose, "author": mark.name, "keywords": mark.token}
    book.set_properties({key: clean(text) for key, text in texts.items()} | {"comments": clean(mark.line)})
    book.set_custom_property("export", mark.token)


def _part(text: str) -> str:
    """A piece of a head: an ampersand would begin a code."""
    return clean(text)[:_MOST].replace("&", "&&")
