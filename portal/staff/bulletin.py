"""The figures of an authority as one printed page."""

from __future__ import annotations

import io

from flask import send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.clock import now
from portal.rules.figures import Measure, Why
from portal.rules.roles import Actor
from portal.services import bulletins, figures, lists, needs_help, trends, windows
from portal.services.bulletins import Bulletin, Cause, Line
from portal.services.figure_tree import Row
from portal.staff import figure_words, screens
from portal.staff.figure_rows import MEASURES_SHOWN
from portal.web import guard
from portal.web.filters import moment
from portal.web.guard import does


@screens.post("/figures/bulletin")
@does(Action.PRINT_BULLETIN)
def bulletin() -> Response:
    """The page as PDF in the reader's language; a post, because each time is written down."""
    out = io.BytesIO()
    bulletins.print_page(guard.actor(), _content(guard.actor()), out)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("通报") + ".pdf")


def _content(who: Actor) -> Bulletin:
    found = lists.round_of(who)
    rows, rest = bulletins.rows_of(who, found)
    counts = rows[0].counts
    trend = trends.trend_of(found, who.path, who.level, counts)
    helps = needs_help.who_needs_help(who, found)
    lead = figure_words.lead(counts, trend, windows.entry_later(who), helps, who.level)
    lines = [_line(row, is_total=not n) for n, row in enumerate(rows)]
    if rest:
        lines.append(Line(_("其余 %(n)s 个", n=rest.name), _numbers(rest)))
    still_open = figure_words.rough(counts[Measure.EXPECTED] - counts[Measure.RECEIVED])
    return Bulletin(
        lang="en" if figure_words.english() else "zh-Hans",
        title=f"{found.title} {_(figure_words.HEADS[who.level])}",
        place=who.place_name,
        at=_("数到 %(moment)s", moment=moment(now())),
        lead=figure_words.joined(lead),
        table_title=_("各地到今天"),
        name_head=_("地区和学校"),
        heads=[_(m.label) for m in MEASURES_SHOWN],
        lines=lines,
        causes_title=_("还没收到的 %(n)s，为什么", n=still_open),
        causes=_causes(figures.whys_below(found.id, who.path)),
        foot=_("应核是截止日名册加上转入、减去转出。条长是占应核的多少。按行政区划排，不排名次。"),
    )


def _line(row: Row, is_total: bool) -> Line:
    return Line("".join(figure_words.name_of(row)), _numbers(row), is_total)


def _numbers(row: Row) -> list[int]:
    return [row.counts[m] for m in MEASURES_SHOWN]


def _causes(whys: dict[Why, int]) -> list[Cause]:
    return [Cause(_(why.label), whys[why]) for why in figure_words.in_order(whys)]
