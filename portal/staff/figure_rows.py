"""The rows of the figures' tree table as its template shows them: which are opened, how many are written at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _

from portal.rules.figures import MEASURES, Measure
from portal.services.figure_tree import Row
from portal.staff import figure_words
from portal.web.figure_cells import Cells

#: what the table and the list beside the checklist show, in this order; the rest is one click deeper
MEASURES_SHOWN = (
    Measure.EXPECTED,
    Measure.ISSUED,
    Measure.RETURNED,
    Measure.RECEIVED,
    Measure.READABLE,
    Measure.SIGNED,
    Measure.ENTERED,
    Measure.VERIFIED,
)
#: rows written at once, each with eight links: more than a screen reader or a weak computer takes in one go
AT_ONCE = 200
_MOST_OPEN = 2_000
_MOST_ROWS = 100_000
_NOBODY = UUID(int=0)

Address = Callable[..., str]


class Asked(NamedTuple):
    """The keys of opened rows, in order, each once, and how many rows to write."""

    opened: list[str]
    rows: int


def asked() -> Asked:
    """What the address asks for: `open=990100,990101&rows=600`."""
    rows = request.args.get("rows", AT_ONCE, type=int)
    return Asked(opened_of(request.args.getlist("open")), min(max(rows, AT_ONCE), _MOST_ROWS))


def opened_of(texts: list[str]) -> list[str]:
    """The keys of opened rows, in order, each once; from `open=990100,990101`."""
    keys = [key for text in texts for key in text.split(",")]
    return list(dict.fromkeys(key for key in keys if len(key) <= 20 and key.isascii() and key.isalnum()))[:_MOST_OPEN]


def address_of_lists() -> Address:
    """Addresses of lists without asking the map of routes thousands of times."""
    pattern = url_for("staff.figure_list", place_id=_NOBODY, measure="MEASURE")
    start, end = pattern.replace(str(_NOBODY), "{place}").split("MEASURE")

    def address(place_id: UUID, measure: str, query: str = "") -> str:
        return f"{start.replace('{place}', str(place_id))}{measure}{end}{query}"

    return address


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the macro `tree` shows it."""

    name: str
    also: str
    depth: int
    open: bool
    id: str
    url: str
    cells: Cells


def shown(rows: list[Row], wanted: Asked) -> list[Shown]:
    """The rows that are written, each number with the address of its list."""
    address, found = address_of_lists(), []
    pick, measures = itemgetter(*(MEASURES.index(m) for m in MEASURES_SHOWN)), [m.value for m in MEASURES_SHOWN]
    for row in rows[: wanted.rows]:
        start, end = address(row.place_id, "\0", "?direct=1" if row.is_direct_group else "").split("\0")
        cells = Cells(pick(row.numbers), measures, start, end)
        toggles = row.can_open and row.depth > 0
        key, url = (f"p{row.key}", _toggled(row, wanted)) if toggles else ("", "")
        found.append(Shown(*figure_words.name_of(row), row.depth, row.is_open, key, url, cells))
    return found


def more(rows: list[Row], wanted: Asked) -> tuple[str, str] | None:
    """Words and address of the rows that come after the written ones."""
    left = len(rows) - wanted.rows
    if left <= 0:
        return None
    words = _("还有 %(n)s 行，接着列", n=f"{left:,}")
    return words, _address(wanted.opened, wanted.rows + AT_ONCE)


def _toggled(row: Row, wanted: Asked) -> str:
    opened = wanted.opened
    keys = [key for key in opened if key != row.key] if row.is_open else [*opened, row.key]
    return f"{_address(keys, wanted.rows)}#p{row.key}"


def _address(keys: list[str], rows: int) -> str:
    values = [f"open={','.join(keys)}"] if keys else []
    values += [f"rows={rows}"] if rows > AT_ONCE else []
    return "?".join([url_for("staff.figures"), *(["&".join(values)] if values else [])])
