"""The bulletin of an authority: the places one level below it, as far as they fit on one page; written down (N3)."""

from __future__ import annotations

from typing import BinaryIO

from portal.models import Place, Round, db
from portal.paper.bulletin import MOST_ROWS, Bulletin, Cause, Line, print_bulletin
from portal.rules.roles import Actor
from portal.services import figure_tree
from portal.services.figure_tree import Row
from portal.services.history import record

__all__ = ["Bulletin", "Cause", "Line", "print_page", "rows_of"]


def rows_of(actor: Actor, found: Round) -> tuple[list[Row], Row | None]:
    """The actor's place and what is one level below it, and, when not all fit, one row that adds up the rest, so that
    the page still agrees with itself."""
    rows = figure_tree.tree(actor, found, set())
    if len(rows) <= MOST_ROWS:
        return rows, None
    shown, left = rows[: MOST_ROWS - 1], rows[MOST_ROWS - 1 :]
    sums = tuple(sum(column) for column in zip(*(row.numbers for row in left), strict=True))
    return shown, left[0]._replace(name=str(len(left)), numbers=sums)


def print_page(actor: Actor, page: Bulletin, out: BinaryIO) -> None:
    """Write the PDF. Commits the step."""
    print_bulletin(page, out)
    place = db.session.get_one(Place, actor.place_id)
    record(actor, place, "PRINT_BULLETIN", place.id, lines=len(page.lines), language=page.lang)
    db.session.commit()
