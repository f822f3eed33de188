"""The words of the round's checklist: one function a step, from numbers to what the page says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from portal.rules.access import Action, may
from portal.rules.figures import Measure
from portal.rules.findings import CheckState
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services.round_checklist import NOW, OPEN, STEPS, Facts
from portal.services.round_windows import WindowView
from portal.services.sheets import EXCLUSIONS
from portal.web.filters import day, moment, number

Step = dict[str, Any]


def steps_of(facts: Facts, actor: Actor) -> list[Step]:
    """The steps as the macro `steps` shows them; what the actor may not do has no link."""
    return [{"state": facts.states[key], **_allowed(_WORDS[key](facts), actor)} for key in STEPS]


def named(message: str, **values: Any) -> Markup:
    """A translated sentence with names, which stay Chinese in every language and say so; other values are Markup."""
    name = Markup('<span lang="zh-CN">{}</span>')
    marked = {key: value if isinstance(value, Markup) else name.format(value) for key, value in values.items()}
    return Markup(message) % marked


def _allowed(step: Step, actor: Actor) -> Step:
    action, measure = step.pop("may", None), step.pop("list", None)
    if measure is not None:
        step["url"] = url_for("staff.figure_list", place_id=actor.place_id, measure=measure.value, missing=1)
    if action is not None and not may(actor, action):
        step.pop("url", None)
    return step


def _stretch(window: WindowView | None, what: str) -> str:
    if window is None:
        return _("%(what)s还没有安排", what=what)
    return _("%(what)s %(first)s至 %(last)s", what=what, first=day(window.opens_at), last=day(window.last_day))


def _standing(facts: Facts) -> str:
    windows = [w for w in (facts.export, facts.entry) if w]
    open_now = sum(w.is_open for w in windows)
    if open_now == 2:
        return _("省里统一开放，两个都开着")
    if open_now:
        return _("现在开着的是%(what)s", what=_("打印") if facts.export and facts.export.is_open else _("录入"))
    return _("两个都关了") if windows and all(w.is_past for w in windows) else _("还没有开，开了这里会变")


def _window(facts: Facts) -> Step:
    text = _("%(one)s，%(other)s", one=_stretch(facts.export, _("打印")), other=_stretch(facts.entry, _("录入")))
    return {"title": _("时间窗口"), "text": text, "note": _standing(facts), "url": url_for("staff.windows"),
            "action": _("看日历"), "may": Action.SEE_WINDOWS}  # fmt: skip


def _code(facts: Facts) -> Step:
    step = {"title": _("下载码"), "url": url_for("staff.download_code"), "may": Action.SHOW_DOWNLOAD_CODE}
    if facts.unlocked:
        at = Markup(moment(facts.unlocked.used_at))
        note = named(_("%(who)s看码，换一次登录后输入，%(at)s"), who=facts.unlocked.by, at=at)
        return step | {"text": _("已解锁"), "note": note, "action": _("记录")}
    note = _("看码和填码要分两次登录，别人坐到开着的电脑前也印不了")
    return step | {"text": _("还没有解锁"), "note": note, "action": _("看下载码"), "kind": "second"}


def _roster(facts: Facts) -> Step:
    step = {"title": _("花名册"), "url": url_for("staff.roster"), "may": Action.IMPORT_ROSTER}
    if not facts.pupils and not facts.drafts:
        return step | {"text": _("还没有学生"), "action": _("导入花名册"), "kind": "second"}
    n, out = number(facts.in_scope), sum(facts.exclusions.values())
    text = _("%(all)s 人，本轮核查 %(n)s 人", all=number(facts.pupils), n=n)
    if facts.drafts:
        note = ngettext("%(num)d 人的资料有错，存成了草稿", "%(num)d 人的资料有错，存成了草稿", facts.drafts)
        return step | {"text": text, "note": note, "action": _("去改"), "kind": "second"}
    return step | {"text": text, "note": _exclusions(facts) if out else None, "action": _("看名单")}


def _exclusions(facts: Facts) -> str:
    total = sum(facts.exclusions.values())
    reasons = [f"{_(EXCLUSIONS.get(why, why))} {number(n)}" for why, n in sorted(facts.exclusions.items())]
    return _("%(n)s 人不在范围：%(reasons)s", n=number(total), reasons=_("，").join(reasons))


def _doubts(facts: Facts) -> Step:
    found = facts.doubts
    step = {"title": _("打印前的疑点"), "url": url_for("staff.doubts"), "may": Action.PRINT_SHEETS}
    if not found.total:
        step.pop("url")
        return step | {"text": _("没有疑点") if facts.in_scope else _("导入花名册以后再看")}
    note = _("纸表上这些项旁边会印“?”，请家长多看一眼")
    if not found.unseen:
        return step | {"text": _("%(n)s 处，都看过了", n=number(found.total)), "note": note, "action": _("再看看")}
    text = _("还有 %(n)s 处没看，共 %(all)s 处", n=number(found.unseen), all=number(found.total))
    return step | {"text": text, "note": note, "action": _("看 %(n)s 处", n=number(found.unseen)), "kind": "second"}


def _print(facts: Facts) -> Step:
    step = {"title": _("打印确认表"), "url": url_for("staff.print_page"), "may": Action.PRINT_SHEETS}
    run = facts.running
    if run is not None:
        text = _("第 %(n)s 批", n=run.number)
        right = _("%(done)s / %(total)s 张", done=number(run.done), total=number(run.total))
        return step | {"text": text, "right": right, "part": run.done, "whole": run.total,
                       "note": _("可以离开，做好了在这里等您"), "action": _("看进度"),
                       "url": url_for("staff.print_run", run_id=run.id)}  # fmt: skip
    if facts.to_hand_out:
        text = _("印好 %(n)s 张还没有下发", n=number(facts.to_hand_out))
        note = _("发给班主任以后点“下发”，注册码才能用，才收照片")
        return step | {"text": text, "note": note, "action": _("去下发"), "kind": "second"}
    left = _("还有 %(n)s 张没印", n=number(facts.to_print)) if facts.to_print else _("都印好、下发了")
    if not facts.in_scope:
        step.pop("url")
        left = _("导入花名册以后再印")
    return step | {"text": left, "action": _("打印") if facts.to_print else _("补印"),
                   "kind": "second" if facts.states["print"] == NOW else "link"}  # fmt: skip


def _logins(facts: Facts) -> Step:
    step = {"title": _("班主任登录条"), "url": url_for("staff.logins"), "may": Action.MAKE_TEACHER_LOGINS}
    if not facts.classes:
        step.pop("url")
        return step | {"text": _("有了班级以后再做")}
    if facts.named < facts.classes:
        text = ngettext("%(num)d 个班还没有填班主任", "%(num)d 个班还没有填班主任", facts.classes - facts.named)
        return step | {"text": text, "action": _("去填"), "kind": "second"}
    waiting = facts.named - facts.changed
    text = _("%(all)s 人有账号，%(n)s 人已改密码", all=facts.named, n=facts.changed)
    return step | {"text": text, "action": _("看 %(n)s 人", n=waiting) if waiting else _("看一看")}


def _findings(facts: Facts) -> Step:
    found = facts.findings
    step: Step = {
        "title": _("人籍一致"),
        "url": url_for("staff.findings"),
        "action": _("看各班"),
        "may": Action.SEE_FIGURES,
    }
    if not facts.pupils:
        step.pop("url")
        return step | {"text": _("有了班级以后，班主任在手机上核对班里的人")}
    done, right = found.states[CheckState.CONSISTENT], _("共 %(n)s 个班", n=found.classes)
    step |= {"text": _("%(n)s 个班人和学籍对上了", n=done), "right": right, "part": done, "whole": found.classes}
    if found.to_do:
        note = ngettext("班主任报了 %(num)d 件要办", "班主任报了 %(num)d 件要办", found.to_do)
        return step | {"note": note, "action": _("去办"), "kind": "second"}
    waits = _("还有 %(n)s 个学生没有说在不在", n=number(found.missing))
    return step | {"note": waits if found.missing else None}


def _proofs(facts: Facts) -> Step:
    found = facts.proofs
    step: Step = {"title": _("身份证明材料"), "url": url_for("staff.identity"), "may": Action.SEE_PROOFS}
    step |= {"action": _("看一看"), "text": _("没有缺证件号的学生")}
    if found.without:
        values = {"n": number(found.without), "done": number(found.approved)}
        step |= {"text": _("%(n)s 个学生没有证件号，%(done)s 个的证明已通过", **values), "action": _("去办")}
        step |= {"part": found.approved, "whole": found.without}
    if found.refused:
        note = ngettext("%(num)d 件没有通过，要处理", "%(num)d 件没有通过，要处理", found.refused)
        return step | {"note": note, "action": _("去处理"), "kind": "second"}
    return step | {"note": _("等校领导 %(n)s 件", n=number(found.waiting)) if found.waiting else None}


def _returned(facts: Facts) -> Step:
    expected, received = facts.counts[Measure.EXPECTED], facts.counts[Measure.RECEIVED]
    step: Step = {"title": _("收回确认表"), "action": _("登记纸表"), "may": Action.TICK_RETURNED}
    if not facts.counts[Measure.ISSUED]:
        return step | {"text": _("下发以后，家长拍了照片就到这里来")}
    paper = _("纸已交 %(n)s", n=number(facts.counts[Measure.RETURNED]))
    return step | {"text": _("收到 %(n)s 人的照片", n=number(received)), "right": _("共 %(n)s", n=number(expected)),
                   "part": received, "whole": expected, "note": paper, "url": url_for("staff.returned")}  # fmt: skip


def _entry(facts: Facts) -> Step:
    entered, checked = facts.counts[Measure.ENTERED], facts.counts[Measure.CHECKED]
    step = {"title": _("录入"), "url": url_for("staff.entry"), "action": _("录入"), "may": Action.ENTER_CHANGES}
    if not checked:
        step.pop("url")
        return step | {"text": _("班主任检查、校领导同意以后，在这里录入")}
    right = _("已检查 %(n)s", n=number(checked))
    return step | {"text": _("录完 %(n)s 人的", n=number(entered)), "right": right, "part": entered, "whole": checked}


def _applications(facts: Facts) -> Step:
    found, url = facts.applications, url_for("staff.applications_list")
    step: Step = {"title": _("关键信息变更"), "url": url, "action": _("看一看"), "may": Action.APPLY}
    if found["refused"]:
        text = ngettext("%(num)d 件没有通过，要处理", "%(num)d 件没有通过，要处理", found["refused"])
        return step | {"text": text, "action": _("去处理"), "kind": "second"}
    mine = found["draft"] + found["waiting"]
    if mine:
        return step | {
            "text": ngettext("%(num)d 件还没有送出", "%(num)d 件还没有送出", mine),
            "action": _("去送"),
            "kind": "second",
        }
    away = found["leader"] + found["authority"]
    if away:
        values = {"leader": number(found["leader"]), "authority": number(found["authority"])}
        return step | {"text": _("等校领导 %(leader)s 件，等主管部门 %(authority)s 件", **values)}
    if found["ended"]:
        return step | {"text": ngettext("%(num)d 件都办完了", "%(num)d 件都办完了", found["ended"])}
    return step | {"text": _("姓名、证件号这些要改的，从这里带证明提申请"), "action": _("提申请")}


def _approval(facts: Facts) -> Step:
    before, after = facts.by_state[SheetState.CHECKED], facts.by_state[SheetState.ENTERED]
    step = {"title": _("审批"), "url": url_for("staff.queue"), "action": _("去看"), "may": Action.PASS_SHEETS}
    if not before and not after:
        return step | {"text": _("现在没有要领导看的")}
    text = _("录入前等领导看 %(before)s 张，录入后等核实 %(after)s 张", before=number(before), after=number(after))
    return step | {"text": text, "kind": "second"}


def _registry(facts: Facts) -> Step:
    due, waiting, taken = facts.registry
    step = {"title": _("交给学籍系统"), "url": url_for("staff.round_files"), "action": _("看一看")}
    step |= {"may": Action.MAKE_CHANGE_FILE}
    if due:
        text = ngettext("%(num)d 项改动还没有交", "%(num)d 项改动还没有交", due)
        return step | {"text": text, "action": _("去做文件"), "kind": "second"}
    if waiting:
        text = ngettext("%(num)d 份文件等学籍系统的回执", "%(num)d 份文件等学籍系统的回执", waiting)
        return step | {"text": text, "action": _("记回执"), "kind": "second"}
    if taken:
        return step | {"text": ngettext("都交了，学籍系统收了 %(num)d 份", "都交了，学籍系统收了 %(num)d 份", taken)}
    return step | {"text": _("核实过、批准了的改动从这里交")}


def _archive(facts: Facts) -> Step:
    ready, filed = facts.by_state[SheetState.VERIFIED], facts.by_state[SheetState.ARCHIVED]
    step = {"title": _("归档"), "url": url_for("staff.archive"), "action": _("看一看"), "may": Action.SEE_ROUND}
    if not ready and not filed:
        return step | {"text": _("%(day)s后可以做", day=day(facts.ends))}
    text = _("核实了 %(ready)s 张，已归档 %(filed)s 张", ready=number(ready), filed=number(filed))
    to_do = facts.states["archive"] in (NOW, OPEN)
    return step | {"text": text, "action": _("去归档") if to_do else _("看一看"), "kind": "second" if to_do else "link"}


_WORDS: dict[str, Callable[[Facts], Step]] = {
    "window": _window,
    "code": _code,
    "roster": _roster,
    "doubts": _doubts,
    "print": _print,
    "logins": _logins,
    "findings": _findings,
    "proofs": _proofs,
    "returned": _returned,
    "entry": _entry,
    "applications": _applications,
    "approval": _approval,
    "registry": _registry,
    "archive": _archive,
}
