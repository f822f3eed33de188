"""The words of the figures: numbers, leading sentences, what places are stuck on. The bulletin says the same."""

from __future__ import annotations

from datetime import date

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from portal.rules.figures import Measure, Why
from portal.rules.forecast import Forecast, Outlook
from portal.rules.obstacles import Obstacle
from portal.rules.roles import Level
from portal.rules.words import N_
from portal.services.figure_tree import Counts, Row
from portal.services.needs_help import Help
from portal.services.trends import Trend
from portal.staff.round_steps import named
from portal.web.filters import day, number

HEADS = {
    Level.PROVINCE: N_("全省到今天"),
    Level.PREFECTURE: N_("全市到今天"),
    Level.COUNTY: N_("全区县到今天"),
    Level.SCHOOL: N_("全校到今天"),
}
DIRECT = {Level.PROVINCE: N_("省直属学校"), Level.PREFECTURE: N_("市直属学校")}
_TEN_THOUSAND, _BIG = 10_000, 100_000


def english() -> bool:
    """Is the reader's language English?"""
    return str(get_locale()) == "en"


def rough(n: int) -> str:
    """A number in a sentence: big ones in 万 where Chinese is spoken (look section 4); in full in tables."""
    return _("%(n)s 万", n=f"{n / _TEN_THOUSAND:.1f}") if _is_big(n) else number(n)


def _is_big(n: int) -> bool:
    return abs(n) >= _BIG and not english()


def people(n: int) -> str:
    """So many people, in 万 where there are many."""
    return _("%(n)s人", n=rough(n)) if _is_big(n) else _("%(n)s 人", n=rough(n))


def bold(text: str) -> Markup:
    """What the eye should find first."""
    return Markup("<b>{}</b>").format(text)


def _counted(n: int) -> Markup:
    """A bold number before a measure word: set with a blank, which 万 needs none of."""
    return bold(rough(n)) if english() or _is_big(n) else bold(rough(n)) + " "


def short(value: date) -> str:
    """5/22 for a drawing; 22/5 in English."""
    return f"{value.day}/{value.month}" if english() else f"{value.month}/{value.day}"


Later = list[tuple[date, list[str]]]


def lead(counts: Counts, trend: Trend, entry_later: Later, helps: list[Help], level: Level) -> list[Markup]:
    """How far, whether it will be in time, what has not begun, who needs help."""
    sentences = [_so_far(counts), _in_time(trend.line(Measure.RECEIVED).forecast, trend)]
    return [*sentences, *_later(entry_later), _asking(helps, level)]


def joined(sentences: list[Markup]) -> Markup:
    """Sentences in a row: blanks between them are for English."""
    return Markup(" " if english() else "").join(sentence for sentence in sentences if sentence)


def _so_far(counts: Counts) -> Markup:
    expected, received = counts[Measure.EXPECTED], counts[Measure.RECEIVED]
    if not expected:
        return Markup(_("名册还没有进来，所以还没有数字。"))
    if received >= expected:
        return Markup(_("%(n)s个孩子的表都收到了。")) % {"n": _counted(received)}
    values = {"received": _counted(received), "open": bold(rough(expected - received))}
    return Markup(_("收到了 %(received)s个孩子的表，还差 %(open)s。")) % values


def _in_time(found: Forecast, trend: Trend) -> Markup:
    days = ngettext("%(num)d 天", "%(num)d 天", abs(found.margin))
    values = {"day": bold(day(found.day)), "days": days, "needed": bold(number(found.needed))}
    values["pace"] = bold(number(round(found.pace.mean))) if found.pace else ""
    needed = N_("要按时收齐，每天要收 %(needed)s 份，现在每天 %(pace)s 份。")
    texts = {
        Outlook.NOTHING: "",
        Outlook.FINISHED: "",
        Outlook.OVER: _("%(ended)s已经截止。"),
        Outlook.TOO_EARLY: _("收满 3 天以后，这里会估计哪天能收齐。"),
        Outlook.STANDSTILL: _("最近 7 天没有收到新的。要按时收齐，每天要收 %(needed)s 份。"),
        Outlook.IN_TIME: _("照最近 7 天的快慢，%(day)s能收齐，比截止早 %(days)s。"),
        Outlook.LATE: _("照最近 7 天的快慢，要到 %(day)s才能收齐，比截止晚 %(days)s。") + _(needed),
    }
    if found.outlook == Outlook.IN_TIME and not found.margin:
        return Markup(_("照最近 7 天的快慢，%(day)s能收齐，正好是截止那天。")) % values
    if found.outlook == Outlook.LATE and found.day is None:
        return Markup(_("照最近 7 天的快慢，截止前收不齐。") + _(needed)) % values
    return Markup(texts[found.outlook]) % (values | {"ended": bold(day(trend.deadline))})


def _later(entry_later: Later) -> list[Markup]:
    """From when places may enter that may not yet."""
    found = []
    for begins, names in entry_later:
        if names:
            found.append(named(_("%(places)s %(day)s起才开录入。"), places="、".join(names), day=Markup(day(begins))))
        else:
            found.append(Markup(_("%(day)s起才开录入。", day=day(begins))))
    return found


def _asking(helps: list[Help], level: Level) -> Markup:
    """How many need help."""
    if not helps:
        return Markup()
    n = len(helps)
    if level == Level.COUNTY:
        text = ngettext("有 %(count)s 所学校要帮一把。", "有 %(count)s 所学校要帮一把。", n, count=number(n))
    elif level == Level.SCHOOL:
        text = ngettext("有 %(count)s 个班要帮一把。", "有 %(count)s 个班要帮一把。", n, count=number(n))
    else:
        text = ngettext("有 %(count)s 个地方要帮一把。", "有 %(count)s 个地方要帮一把。", n, count=number(n))
    return Markup(text)


def in_order(whys: dict[Why, int]) -> list[Why]:
    """The reasons that there are: largest first, what nobody recorded last."""
    return sorted((why for why in whys if whys[why]), key=lambda why: (why == Why.NOT_RECORDED, -whys[why]))


def name_of(row: Row) -> tuple[str, str]:
    """(name as data, name as words): the schools an authority runs itself have words."""
    return ("", _(DIRECT[row.level])) if row.is_direct_group else (row.name, "")


_STUCK = {
    Obstacle.NOT_HANDED_OUT: N_("%(n)s 张印好了没有发，最早的是 %(day)s印的。"),
    Obstacle.NOTHING_RECEIVED: N_("发下去的还差 %(n)s 张，%(day)s起没有收到新的。"),
    Obstacle.NOT_LOOKED_AT: N_("%(n)s 张等班主任看，%(day)s起没有动。"),
    Obstacle.NOT_ENTERED: N_("%(n)s 张等录入，%(day)s起没有动。"),
    Obstacle.NOT_SIGNED_OFF: N_("%(n)s 张等校领导核实，%(day)s起没有动。"),
}
#: what the list behind a help shows: measure or reason, and whether those that miss it
LIST_OF: dict[Obstacle, tuple[Measure | Why, bool]] = {
    Obstacle.NOT_UNLOCKED: (Why.NOT_ISSUED, False),
    Obstacle.NOT_HANDED_OUT: (Why.NOT_ISSUED, False),
    Obstacle.NOTHING_RECEIVED: (Measure.RECEIVED, True),
    Obstacle.NOT_LOOKED_AT: (Measure.CHECKED, True),
    Obstacle.NOT_ENTERED: (Measure.ENTERED, True),
    Obstacle.NOT_SIGNED_OFF: (Measure.VERIFIED, True),
}


def stuck(one: Help) -> str:
    """What stands still, and since when."""
    values = {"n": number(one.stuck.count), "day": day(one.stuck.since)}
    if one.stuck.obstacle != Obstacle.NOT_UNLOCKED:
        return _(_STUCK[one.stuck.obstacle], **values)
    if one.place.level == Level.SCHOOL:
        return _("还没有解锁，打印窗口 %(day)s就开了。", day=values["day"])
    return ngettext(
        "%(count)s 所学校还没有解锁，打印窗口 %(day)s就开了。",
        "%(count)s 所学校还没有解锁，打印窗口 %(day)s就开了。",
        one.stuck.count,
        count=values["n"],
        day=values["day"],
    )
