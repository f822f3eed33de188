"""Prints the sheets of a run into one PDF, page by page: the form is laid out once, each pupil is stamped on it."""

import time
from collections.abc import Callable, Iterable
from typing import BinaryIO

from portal.paper import layout as layouts
from portal.paper import slots
from portal.paper.book import Book
from portal.paper.content import PrintReport, Run, SheetData
from portal.paper.fonts import Fonts
from portal.paper.form import BlankForm, blank_form
from portal.paper.identity import PaperKey
from portal.paper.stamping import Stamper

__all__ = ["LayoutDiffers", "PrintReport", "Run", "SheetData", "print_sheets"]

PAGES_PER_SHEET = 2


class LayoutDiffers(Exception):
    """The laid-out form has another geometry than the readers know: printing would make unreadable sheets."""


def print_sheets(
    sheets: Iterable[SheetData],
    run: Run,
    out: BinaryIO,
    key: PaperKey,
    on_progress: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PrintReport:
    """Print the sheets of a run, front and back of one leaf each, and say what came of it.

    `out` is written from start to end, once. `on_progress` is told the number of leaves done after each; when
    `should_stop` says so before a leaf, the file ends there, whole. Raises FontError (what to install) before the first
    byte is written, LayoutDiffers when the form and the stored layout do not agree.
    """
    begun = time.perf_counter()
    fonts = Fonts()
    form = _known_form(run)
    stamper = Stamper(form.layout, form.slots, run, key, fonts)
    book = Book(out, form, run)
    stopped = False
    first_pages: list[int] = []
    for sheet in sheets:
        if should_stop is not None and should_stop():
            stopped = True
            break
        first_pages.append(len(first_pages) * PAGES_PER_SHEET + 1)
        book.add(stamper.front(sheet))
        book.add(stamper.back(sheet))
        if on_progress is not None:
            on_progress(len(first_pages))
    book.finish(fonts)
    return PrintReport(
        pages_per_sheet=PAGES_PER_SHEET,
        first_pages=first_pages,
        seconds=time.perf_counter() - begun,
        cut=stamper.findings.cut,
        missing_glyphs=stamper.findings.missing_glyphs,
        stopped=stopped,
    )


def _known_form(run: Run) -> BlankForm:
    form = blank_form(run)
    if form.layout != layouts.current() or form.slots != slots.current():
        raise LayoutDiffers("the laid-out form differs from portal/paper/layouts; printing is refused")
    return form
