"""Figures by place as a tree table, and the list behind each number."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.figures import MEASURES, Measure
from portal.services import figure_tree, lists
from portal.services.refusals import NotFound
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page

#: what the table and the list beside the checklist show, in this order; the rest is one click deeper
SHOWN = (
    Measure.EXPECTED,
    Measure.ISSUED,
    Measure.RETURNED,
    Measure.RECEIVED,
    Measure.READABLE,
    Measure.SIGNED,
    Measure.ENTERED,
    Measure.VERIFIED,
)
#: no list is longer; a number without end is none that a database knows
_LAST_PAGE = 1_000_000


@screens.get("/figures")
@does(Action.SEE_FIGURES)
def figures() -> Response:
    """The actor's place, opened level by level with `open=KEY` (a link without JavaScript)."""
    who = guard.actor()
    found = lists.round_of(who)
    opened = {key for key in request.args.getlist("open") if len(key) <= 33}
    rows = figure_tree.tree(who, found, opened)
    return page(
        "staff/figures.html", part="staff/_figures.html", rows=rows, opened=sorted(opened), measures=SHOWN, round=found
    )


@screens.get("/figures/<uuid:place_id>/<measure>")
@does(Action.SEE_LISTS)
def figure_list(place_id: UUID, measure: str) -> Response:
    """The sheets behind a number; `missing=1` those still missing, `direct=1` those of directly run schools only."""
    who = guard.actor()
    if measure not in set(MEASURES):
        raise NotFound
    number = min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
    missing, direct = (request.args.get(name) == "1" for name in ("missing", "direct"))
    asked = figure_tree.Asked(Measure(measure), missing, direct, number)
    place, total, sheets = figure_tree.list_behind(who, lists.round_of(who), place_id, asked)
    return page(
        "staff/figure_list.html",
        part="staff/_figure_list.html",
        place=place,
        measure=asked.measure,
        missing=missing,
        direct=1 if direct else None,
        total=total,
        sheets=sheets,
        number=number,
        pages=max(1, -(-total // figure_tree.PAGE)),
    )
