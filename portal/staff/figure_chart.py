"""The trend of a place as the picture and the table show it."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.rules.figures import Measure
from portal.rules.forecast import Outlook, ahead
from portal.services.trends import Line, Trend
from portal.staff.figure_words import english, rough, short
from portal.web import trend as drawing


def chart_of(found: Trend) -> drawing.Chart | None:
    """The picture; none before anybody is expected."""
    if not found.whole:
        return None
    received, entered = (found.line(m) for m in (Measure.RECEIVED, Measure.ENTERED))
    names = _("收到 %(n)s", n=rough(received.have)), _("录入 %(n)s", n=rough(entered.have))
    series = [_series(found, line, name) for line, name in zip((received, entered), names, strict=True)]
    words = {"today": _("今天"), "deadline": _("截止"), "whole": _("应核 %(n)s", n=rough(found.whole))}
    end = received.forecast
    if end.outlook == Outlook.IN_TIME and end.day:
        words["end"] = _("%(day)s 收齐", day=short(end.day))
    return drawing.draw((found.first, found.deadline), found.whole, series, words, _level, short)


def _series(found: Trend, line: Line, name: str) -> drawing.Series:
    days = max(0, (found.deadline - found.today).days)
    return drawing.Series(name, line.counts, ahead(line.have, found.whole, line.forecast.pace, days))


def _level(count: int) -> str:
    """Round numbers beside the picture, as short as they go."""
    return _("%(n)s 万", n=f"{count / 10_000:g}") if count >= 10_000 and not english() else f"{count:,}"


def description_of(found: Trend) -> str:
    """What the picture shows, for those who do not see it."""
    received, entered = (found.line(m).have for m in (Measure.RECEIVED, Measure.ENTERED))
    return _("应核 %(whole)s，收到 %(received)s，录入 %(entered)s。每天的数在下面的链接里。",
             whole=f"{found.whole:,}", received=f"{received:,}", entered=f"{entered:,}")  # fmt: skip


def days_of(found: Trend) -> list[dict[str, object]]:
    """The table of the days, the newest first: what each added and how many there were then."""
    received, entered = (found.line(m) for m in (Measure.RECEIVED, Measure.ENTERED))
    rows = [
        {"day": day, "received": one, "received_all": one_all, "entered": other, "entered_all": other_all}
        for day, one, one_all, other, other_all in zip(
            found.days, received.gains, received.counts, entered.gains, entered.counts, strict=True
        )
    ]
    return rows[::-1]
