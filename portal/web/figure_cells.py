"""The cells of a row of figures. A thousand rows have eight thousand of them, too many for a macro each: one call a row
writes them all (benchmarks/pages.py)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from markupsafe import Markup

_EMPTY = '<svg class="bar thin" aria-hidden="true"></svg>'


class Cells(NamedTuple):
    """The numbers of a row and where their lists are: the address of each is `start`, its name, `end`. Without names
    the numbers lead nowhere."""

    numbers: Sequence[int]
    names: Sequence[str] = ()
    start: str = ""
    end: str = ""


def figure_cells(cells: Cells) -> Markup:
    """Table cells: the first number is the whole, the others have a bar that shows the share of it. More than the whole
    is drawn to the end; the number says how much it is."""
    whole = cells.numbers[0]
    bars = ["", *[_bar(min(1000, 1000 * number // whole)) if whole else _EMPTY for number in cells.numbers[1:]]]
    if not cells.names:
        written = [f"<td>{number:,}{bar}</td>" for number, bar in zip(cells.numbers, bars, strict=True)]
        return Markup("".join(written))
    start, end = escape(cells.start), escape(cells.end)
    written = [
        f'<td><a href="{start}{name}{end}">{number:,}</a>{bar}</td>'
        for number, name, bar in zip(cells.numbers, cells.names, bars, strict=True)
    ]
    return Markup("".join(written))  # numbers, names of measures and an escaped address only


@lru_cache(maxsize=1001)
def _bar(thousandths: int) -> str:
    if not thousandths:
        return _EMPTY
    return f'<svg class="bar thin" aria-hidden="true"><rect width="{thousandths / 10:g}%" height="100%"/></svg>'
