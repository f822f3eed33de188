"""Sentences of the figures: big numbers in 万 where Chinese is spoken, one sentence for every outlook."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.rules.figures import MEASURES, Measure
from portal.rules.forecast import Forecast, Outlook, Pace
from portal.rules.roles import Level
from portal.services.trends import Line, Trend
from portal.staff import figure_chart, figure_words

TODAY = date(2026, 5, 22)
ENDS = date(2026, 6, 12)
PACE = Pace(41_300.0, 900.0)


def trend(found: Forecast, have: int = 906_020, whole: int = 1_628_610) -> Trend:
    gains = [have // 10] * 10
    lines = [Line(m, gains, have, found) for m in (Measure.RECEIVED, Measure.ENTERED)]
    return Trend(TODAY - timedelta(days=9), TODAY, ENDS, whole, lines)


def said(app: Flask, language: str, found: Forecast, have: int = 906_020) -> str:
    counts = dict.fromkeys(MEASURES, 0) | {Measure.EXPECTED: 1_628_610, Measure.RECEIVED: have}
    with app.test_request_context(), force_locale(language):
        later = [(date(2026, 5, 25), ["试验三市", "试验四市"]), (date(2026, 5, 26), [])]
        sentences = figure_words.lead(counts, trend(found, have), later, [], Level.PROVINCE)
        return str(figure_words.joined(sentences).striptags())


def test_big_numbers_are_said_in_ten_thousands(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_CN"):
        assert [figure_words.rough(n) for n in (99_999, 100_000, 906_020)] == ["99,999", "10.0 万", "90.6 万"]
        assert [figure_words.people(n) for n in (1998, 612_480)] == ["1,998 人", "61.2 万人"]
    with app.test_request_context(), force_locale("en"):
        assert figure_words.rough(906_020) == "906,020"
        assert figure_words.people(612_480) == "612,480 pupils"


def test_the_lead_reads_as_in_the_picture(app: Flask) -> None:
    found = Forecast(Outlook.IN_TIME, date(2026, 6, 9), 3, 33_000, PACE)
    assert said(app, "zh_CN", found) == (
        "收到了 90.6 万个孩子的表，还差 72.3 万。照最近 7 天的快慢，6 月 9 日能收齐，比截止早 3 天。"
        "试验三市、试验四市 5 月 25 日起才开录入。5 月 26 日起才开录入。"
    )
    assert "all sheets will be in on 9 June, 3 days early. Entry in" in said(app, "en", found)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize(
    ("found", "numbers"),
    [
        (Forecast(Outlook.LATE, date(2026, 6, 20), -8, 50_000, PACE), ["8", "50,000", "41,300", "20"]),
        (Forecast(Outlook.LATE, None, 0, 50_000, PACE), ["50,000", "41,300"]),
        (Forecast(Outlook.IN_TIME, ENDS, 0, 33_000, PACE), ["12"]),
        (Forecast(Outlook.STANDSTILL, needed=33_000), ["33,000"]),
        (Forecast(Outlook.TOO_EARLY, needed=33_000), []),
        (Forecast(Outlook.OVER), ["12"]),
    ],
)
def test_every_outlook_has_its_sentence(app: Flask, language: str, found: Forecast, numbers: list[str]) -> None:
    text, none = said(app, language, found), said(app, language, Forecast(Outlook.NOTHING))
    assert len(text) > len(none)
    assert "%" not in text
    assert all(n in text for n in numbers)


def test_when_all_is_in_nothing_is_missing(app: Flask) -> None:
    assert said(app, "zh_CN", Forecast(Outlook.FINISHED), 1_628_610).startswith("162.9 万个孩子的表都收到了。")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_picture_says_when_all_is_in(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        chart = figure_chart.chart_of(trend(Forecast(Outlook.IN_TIME, date(2026, 6, 9), 3, 33_000, PACE)))
    assert chart is not None
    assert chart.end is not None
    assert chart.lines[0].ahead
    assert [label for _, label in chart.levels][:2] == (["0", "500,000"] if language == "en" else ["0", "50 万"])
