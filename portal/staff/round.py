"""The registrar's page: the round as a checklist, and what to do next."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.clock import now
from portal.rules.figures import Measure
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import round_checklist, sampling, strips, unlocking
from portal.services.round_checklist import Facts
from portal.staff import screens
from portal.staff.figure_rows import MEASURES_SHOWN
from portal.staff.round_steps import steps_of
from portal.web import guard
from portal.web.filters import day, number
from portal.web.guard import does
from portal.web.page import page

#: step -> what the actor must be allowed to do
_ACTION_OF = {
    "code": Action.SHOW_DOWNLOAD_CODE,
    "roster": Action.IMPORT_ROSTER,
    "print": Action.PRINT_SHEETS,
    "logins": Action.MAKE_TEACHER_LOGINS,
    "entry": Action.ENTER_CHANGES,
    "approval": Action.PASS_SHEETS,
    "returned": Action.SEE_LISTS,
    "registry": Action.MAKE_CHANGE_FILE,
    "archive": Action.ARCHIVE_SHEETS,
}


@screens.get("/round")
@does(Action.SEE_ROUND)
def round() -> Response:
    """The checklist; the part is asked for while a print run is under way."""
    who = guard.actor()
    facts = round_checklist.facts_of(who)
    figures = [
        (m.label, facts.counts[m], url_for("staff.figure_list", place_id=who.place_id, measure=m.value))
        for m in MEASURES_SHOWN
    ]
    return page(
        "staff/round.html",
        part="staff/_round_steps.html",
        steps=steps_of(facts, who),
        following=_following(facts, who),
        figures=figures,
        expected=facts.counts[Measure.EXPECTED],
        running=facts.running,
        counted_at=now(),
        helpers=strips.helpers_of(who),
        piles=may(who, Action.SEND_PILE),
        missed=sampling.measured_at(who),
    )


def _following(facts: Facts, who: Actor) -> dict[str, Any] | None:
    """The one thing to do next: title, text and, when the actor may do it, a button."""
    step = facts.next_step
    if step is None:
        return None
    title, text, label, url = _NEXT[step](facts, who)
    may_do = step in _ACTION_OF and may(who, _ACTION_OF[step])
    return {"title": title, "text": text, "label": label if may_do else None, "url": url if may_do else None}


def _code(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    if unlocking.has_shown(who):
        text = _("码已经看过了。请退出，换一次登录再填；码 24 小时内有效。")
        return _("用另一次登录填下载码"), text, _("怎么填"), url_for("staff.unlock")
    if unlocking.has_waiting(who):
        return _("填下载码"), _("您看过的码还能用，填对了学校就解锁。"), _("去填"), url_for("staff.unlock")
    text = _("看码和填码要分两次登录。看到以后记下来，退出，再登录填进去。")
    return _("看下载码，给学校解锁"), text, _("看下载码"), url_for("staff.download_code")


def _roster(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    url = url_for("staff.roster")
    if facts.drafts:
        title = ngettext("改好 %(num)d 人的资料", "改好 %(num)d 人的资料", facts.drafts)
        return title, _("这些人存成了草稿，改好以后才进本轮核查。"), _("去改"), url
    return _("导入花名册"), _("从学籍系统导出的文件直接拖进来，先看一遍，确认了才存。"), _("导入花名册"), url


def _print(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    url = url_for("staff.print_page")
    if facts.to_hand_out:
        title = _("把印好的 %(n)s 张发下去", n=number(facts.to_hand_out))
        return title, _("发给班主任以后点“下发”。没有下发，家长的照片不收。"), _("去下发"), url
    title = _("打印 %(n)s 张确认表", n=number(facts.to_print))
    last = facts.export.last_day if facts.export else None
    return title, _("打印窗口到 %(day)s。先看一遍疑点再印，省得重印。", day=day(last)), _("去打印"), url


def _logins(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    missing = facts.classes - facts.named
    title = ngettext("给 %(num)d 个班填班主任", "给 %(num)d 个班填班主任", missing)
    return title, _("填了姓名就有账号，登录条印出来一人一条。"), _("去填"), url_for("staff.logins")


def _entry(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    sheets = facts.by_state[SheetState.PASSED]
    title = ngettext("录入 %(num)d 张表上家长写的", "录入 %(num)d 张表上家长写的", sheets)
    text = _("%(n)s 处手写，其余项目都不用打字。", n=number(facts.written_to_enter))
    return title, text, _("接着录入"), url_for("staff.entry")


def _approval(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    waiting = facts.by_state[SheetState.CHECKED] + facts.by_state[SheetState.ENTERED]
    title = ngettext("%(num)d 张表等校领导看", "%(num)d 张表等校领导看", waiting)
    return title, _("班主任检查过的，领导同意以后才能录入。"), _("去看"), url_for("staff.queue")


def _returned(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    left = facts.counts[Measure.EXPECTED] - facts.counts[Measure.RECEIVED]
    url = url_for("staff.figure_list", place_id=who.place_id, measure=Measure.RECEIVED.value, missing=1)
    title = _("还差 %(n)s 人的表", n=number(left))
    return title, _("请班主任催一催；没有手机的，收纸表，由班主任代拍。"), _("看还差谁"), url


def _registry(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    due, waiting, _taken = facts.registry
    url = url_for("staff.round_files")
    if due:
        title = ngettext("把 %(num)d 项改动交给学籍系统", "把 %(num)d 项改动交给学籍系统", due)
        return title, _("都核实过、批准了。做成一份文件，导进去，记下回执。"), _("去做文件"), url
    title = ngettext("记下 %(num)d 份文件的回执", "记下 %(num)d 份文件的回执", waiting)
    return title, _("学籍系统收没收，都记一下，才知道哪些改动真的到了。"), _("去记"), url


def _archive(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    ready = facts.by_state[SheetState.VERIFIED]
    title = ngettext("归档 %(num)d 张核实过的表", "归档 %(num)d 张核实过的表", ready)
    return title, _("归档以后表不能再改。"), _("去归档"), url_for("staff.archive")


def _window(facts: Facts, who: Actor) -> tuple[str, str, str, str]:
    return _("等省里安排时间"), _("时间一定，这里就有了。花名册可以先导入。"), "", ""


_NEXT = {
    "archive": _archive,
    "registry": _registry,
    "window": _window,
    "code": _code,
    "roster": _roster,
    "print": _print,
    "logins": _logins,
    "entry": _entry,
    "approval": _approval,
    "returned": _returned,
}
