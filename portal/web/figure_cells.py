"""The cells of a row of figures. A thousand rows have eight thousand of them, too many for a macro each: one call a row
writes them all, four times as fast (benchmarks/pages.py)."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup


def figure_cells(cells: Iterable[tuple[int, str | None]]) -> Markup:
    """Table cells of (number, address of the list behind it): the first is the whole, the others have a bar that shows
    the share of it. More than the whole is drawn to the end; the number says how much it is."""
    whole = 0
    written: list[str] = []
    for number, url in cells:
        bar = _bar(number, whole) if written else ""
        whole = whole if written else number
        text = f'<a href="{escape(url)}">{number:,}</a>' if url else f"{number:,}"
        written.append(f"<td>{text}{bar}</td>")
    return Markup("".join(written))  # numbers and an escaped address only


def _bar(number: int, whole: int) -> str:
    if not number or not whole:
        return '<svg class="bar thin" aria-hidden="true"></svg>'
    share = 100 if number >= whole else 100 * number / whole
    return f'<svg class="bar thin" aria-hidden="true"><rect width="{share:.4g}%" height="100%"/></svg>'
