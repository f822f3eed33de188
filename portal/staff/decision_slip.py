"""The decision slip of an application as PDF, for the school and its authorities (H5)."""

from __future__ import annotations

import io
from uuid import UUID

from flask import send_file
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.items import ITEMS
from portal.services import decision_slips
from portal.services.decision_slips import Facts, Opinion, Review, Row, Slip
from portal.staff import screens
from portal.web import guard
from portal.web.filters import moment
from portal.web.guard import does
from portal.web.item_inputs import language, words_of


@screens.post("/applications/<uuid:application_id>/slip")
@does(Action.SEE_APPLICATIONS)
def application_slip(application_id: UUID) -> Response:
    """The slip in the reader's language; a post, because each time is written down."""
    out, who = io.BytesIO(), guard.actor()
    facts = decision_slips.facts_of(who, application_id)
    decision_slips.print_for(who, facts, _content(facts), out)
    out.seek(0)
    name = _("核办单") + f" {facts.number}.pdf"
    return send_file(out, "application/pdf", as_attachment=True, download_name=name)


def _content(facts: Facts) -> Slip:
    return Slip(
        lang="en" if language() == "en" else "zh-Hans",
        title=_("%(what)s核办单", what=_(facts.kind.label)),
        number=_("编号 %(number)s", number=facts.number),
        school=f"{facts.school} {facts.school_code}",
        at=_("打印于 %(moment)s", moment=moment(now())),
        result=_result(facts),
        facts=_facts(facts),
        heads=(_("项目"), _("提申请时登记的"), _("申请改成")),
        rows=_rows(facts),
        reason_label=_("理由"),
        reason=facts.reason,
        files=ngettext(
            "上传的证明材料 %(num)d 份，纸质复印件由学校留存。",
            "上传的证明材料 %(num)d 份，纸质复印件由学校留存。",
            facts.files,
        ),
        opinions=[_opinion(review) for review in facts.reviews],
        signatures=[_("经办人签名"), _("负责人签名"), _("日期")],
        stamp=_("盖章"),
        how=_("这张单子照系统里的记录打印。全国学籍号不因这次变更改动。")
        if facts.kind == ApplicationKind.CHANGE
        else "",
    )


def _result(facts: Facts) -> str:
    if facts.state == ApplicationState.GRANTED:
        return _("结果：通过，%(moment)s生效", moment=moment(facts.decided_at))
    return _("结果：没有通过，%(moment)s", moment=moment(facts.decided_at))


def _facts(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_("学生"), facts.name),
        (_("班级"), facts.class_name),
        (_("全国学籍号"), facts.student_number),
        (_("学校提出"), f"{facts.made_by} {moment(facts.made_at)}"),
    ]


def _rows(facts: Facts) -> list[Row]:
    lang, none = language(), _("没有登记")
    items = [item for code, item in ITEMS.items() if code in facts.values]
    pairs = [(item, facts.values[item.code]) for item in items]
    return [
        Row(item.name(lang), words_of(item, both["old"]) or none, words_of(item, both["new"]) or none)
        for item, both in pairs
    ]


def _opinion(review: Review) -> Opinion:
    whose = (
        _("学校意见（%(place)s）", place=review.place)
        if review.at_school
        else _("主管部门意见（%(place)s）", place=review.place)
    )
    result = _("同意") if review.agreed else _("不同意")
    who = f"{_(review.post)} {review.name}" if review.post else review.name
    return Opinion(whose, result, review.opinion, who, moment(review.at))
