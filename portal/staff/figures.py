"""Figures by place: a sentence, a tree table, the trend, who needs help, why; and the list behind each number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.clock import now
from portal.rules.figures import MEASURES, Measure, Why
from portal.rules.obstacles import MOST_SHOWN
from portal.rules.places import area_name
from portal.rules.roles import Actor, Level
from portal.services import figure_lists, figure_tree, figures, lists, needs_help, trends, windows
from portal.services.needs_help import Help
from portal.services.refusals import NotFound
from portal.staff import figure_chart, figure_rows, figure_words, screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page

#: no list is longer; a number without end is none that a database knows
_LAST_PAGE = 1_000_000


@screens.get("/figures", endpoint="figures")
@does(Action.SEE_FIGURES)
def figures_page() -> Response:
    """The actor's place, opened level by level with `open=KEY,KEY` (a link without JavaScript)."""
    who = guard.actor()
    found, wanted = lists.round_of(who), figure_rows.asked()
    rows = figure_tree.tree(who, found, set(wanted.opened))
    counts = rows[0].counts
    trend = trends.trend_of(found, who.path, who.level, counts)
    helps = needs_help.who_needs_help(who, found)
    return page(
        "staff/figures.html",
        part="staff/_figures.html",
        head=_(figure_words.HEADS[who.level]),
        level=who.level,
        lead=figure_words.joined(figure_words.lead(counts, trend, windows.entry_later(who), helps, who.level)),
        rows=figure_rows.shown(rows, wanted),
        more=figure_rows.more(rows, wanted),
        opened=",".join(wanted.opened),
        measures=figure_rows.MEASURES_SHOWN,
        counted_at=now(),
        chart=figure_chart.chart_of(trend),
        description=figure_chart.description_of(trend),
        has_forecast=any(line.forecast.pace for line in trend.lines),
        helps=[_help(one, who) for one in helps[:MOST_SHOWN]],
        more_helps=len(helps) > MOST_SHOWN,
        reasons=reasons_of(figures.whys_below(found.id, who.path), who),
        still_open=figure_words.rough(counts[Measure.EXPECTED] - counts[Measure.RECEIVED]),
        may_bulletin=may(who, Action.PRINT_BULLETIN),
    )


def reasons_of(whys: dict[Why, int], who: Actor) -> list[dict[str, Any]]:
    """Why sheets are not received: largest first, what nobody recorded last; each with the list behind it."""
    address = figure_rows.address_of_lists()
    return [
        {"name": _(why.label), "count": whys[why], "url": address(who.place_id, why.value)}
        for why in figure_words.in_order(whys)
    ]


def _help(one: Help, who: Actor) -> dict[str, Any]:
    """A place that needs help: its name leads to the list, the button to whoever can do something."""
    measure, missing = figure_words.LIST_OF[one.stuck.obstacle]
    values: dict[str, Any] = {"missing": 1 if missing else None, "direct": 1 if one.is_direct else None}
    behind = url_for("staff.figure_list", place_id=one.place.id, measure=measure.value, **values)
    shown: dict[str, Any] = {"place": _place(one), "what": figure_words.stuck(one), "list": behind}
    if one.place.phone and one.place.id != who.place_id:
        phone = one.place.phone
        return shown | {"phone": phone, "url": f"tel:{phone.replace(' ', '')}", "action": _("联系")}
    return shown | {"list": None, "url": behind, "action": _("看名单")}


def _place(one: Help) -> Markup | str:
    if one.is_direct:
        return _(figure_words.DIRECT[Level(one.place.level)])
    names = [one.above, one.place.name] if one.above else [one.place.name]
    return Markup('<span lang="zh-CN">{}</span>').format(" ".join(area_name(name) for name in names))


@screens.get("/figures/days", endpoint="figures_days")
@does(Action.SEE_FIGURES)
def figure_days() -> Response:
    """The trend in numbers, a row a day."""
    who = guard.actor()
    found = lists.round_of(who)
    trend = trends.trend_of(found, who.path, who.level, figures.counts_below(found.id, who.path))
    return page("staff/figure_days.html", days=figure_chart.days_of(trend), whole=trend.whole)


def _asked(measure: str) -> Measure | Why:
    if measure in set(MEASURES):
        return Measure(measure)
    if measure in set(Why):
        return Why(measure)
    raise NotFound


@screens.get("/figures/<uuid:place_id>/<measure>")
@does(Action.SEE_LISTS)
def figure_list(place_id: UUID, measure: str) -> Response:
    """The sheets behind a number; `missing=1` those still missing, `direct=1` those of directly run schools only."""
    who = guard.actor()
    number = min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
    missing, direct = (request.args.get(name) == "1" for name in ("missing", "direct"))
    asked = figure_lists.Asked(_asked(measure), missing, direct, number)
    place, total, sheets = figure_lists.list_behind(who, lists.round_of(who), place_id, asked)
    return page(
        "staff/figure_list.html",
        part="staff/_figure_list.html",
        place=place,
        measure=asked.measure,
        is_why=isinstance(asked.measure, Why),
        missing=missing,
        direct=1 if direct else None,
        total=total,
        sheets=sheets,
        number=number,
        pages=max(1, -(-total // figure_lists.PAGE)),
    )
