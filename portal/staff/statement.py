"""The completion statement: what a school signs and stamps at the end of a round, as one printed page."""

from __future__ import annotations

import io

from flask import send_file
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.clock import now
from portal.rules.figures import Measure
from portal.rules.receipts import short_text, whole_text
from portal.services import statements, transactions
from portal.services.statements import Day, Facts, Figure, Statement
from portal.staff import figure_words, screens
from portal.web import guard
from portal.web.filters import day as day_words
from portal.web.filters import moment
from portal.web.guard import does

SHOWN = (Measure.EXPECTED, Measure.ISSUED, Measure.RETURNED, Measure.RECEIVED, Measure.ENTERED, Measure.VERIFIED)


@screens.post("/archive/statement")
@does(Action.PRINT_STATEMENT)
def statement() -> Response:
    """The page as PDF in the reader's language; a post, because each time is written down."""
    out, who = io.BytesIO(), guard.actor()
    with transactions.reading():  # nobody who writes waits while the page is laid out
        facts = statements.facts_of(who)
        content = _content(facts)
    statements.print_page(who, content, facts, out)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("完成说明") + ".pdf")


def _content(facts: Facts) -> Statement:
    figures = [Figure(_(measure.label), facts.counts[measure]) for measure in SHOWN]
    last = facts.days[-1].digest if facts.days else b""
    return Statement(
        lang="en" if figure_words.english() else "zh-Hans",
        title=_("%(round)s完成说明", round=facts.title),
        school=f"{facts.school} {facts.code}",
        at=_("打印于 %(moment)s", moment=moment(now())),
        lead=_lead(facts),
        open=_open(facts),
        figures=[*figures, Figure(_("已归档"), facts.filed)],
        days_title=_("每天收到的照片，和当天回执的汇总码"),
        heads=(_("日期"), _("照片"), _("汇总码")),
        days=[Day(f"{one.day:%m-%d}", one.photos, short_text(one.digest)) for one in facts.days],
        left_out=_("更早的 %(n)s 天排不下，已经算在后面的汇总码里。", n=facts.left_out) if facts.left_out else "",
        whole_label=_("最后一天的汇总码（全部）"),
        whole=whole_text(last) if last else "",
        how=_how(facts),
        signatures=[_("学籍管理员签名"), _("学校分管负责人签名"), _("日期")],
        stamp=_("学校盖章"),
    )


def _lead(facts: Facts) -> str:
    first, last = day_words(facts.begins), day_words(facts.ends)
    return _(
        "本校这一轮核查从 %(first)s到 %(last)s。应核 %(expected)s 人，收到签名照片 %(received)s 人，"
        "核实 %(verified)s 人；另有 %(excluded)s 人按规定不在这一轮核查。",
        first=first,
        last=last,
        expected=facts.counts[Measure.EXPECTED],
        received=facts.counts[Measure.RECEIVED],
        verified=facts.counts[Measure.VERIFIED],
        excluded=facts.excluded,
    )


def _open(facts: Facts) -> str:
    """What keeps the page from stating that all is done."""
    if not facts.open:
        return ""
    return ngettext(
        "还没有完成：到打印时还有 %(num)d 张表没有归档。",
        "还没有完成：到打印时还有 %(num)d 张表没有归档。",
        facts.open,
    )


def _how(facts: Facts) -> str:
    if not facts.days:
        return _("到 %(day)s为止还没有收到照片。每天的汇总码在第二天零点以后算出来。", day=day_words(facts.until))
    return _(
        "汇总码由当天全部照片的回执号和前一天的汇总码算出。照片少一张、多一张、换一张，当天和以后各天的汇总码都会变。"
        "到 %(day)s为止一共 %(photos)s 张。核对：portal receipts verify --school %(code)s",
        day=day_words(facts.until),
        photos=facts.photos,
        code=facts.code,
    )
