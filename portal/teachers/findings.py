"""The person-record check of a class on the phone: one tap a child, then the report (J2, R110)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.codes import table
from portal.rules.findings import FindingCode
from portal.rules.words import N_
from portal.services import findings, findings_report, findings_unlisted, lists
from portal.services.findings import ClassCheck, Row
from portal.services.refusals import Refusal
from portal.teachers import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import language
from portal.web.page import go, is_part, page

_C = FindingCode
#: what a teacher says instead of the registry's words; who is not expected is at home as the record has it
WORDS = {
    _C.MATCH: N_("在"),
    _C.LEFT_ON_ROLL: N_("离开了，学籍还在"),
    _C.FALSE_RECORD: N_("从来没有这个人"),
    _C.STATUS_OFF_ROLL: N_("在班里上课"),
    _C.STATUS_DEAD: N_("在班里上课，误标死亡"),
    _C.NO_RECORD: N_("哪里都没有学籍"),
    _C.RECORD_ELSEWHERE: N_("学籍在别的学校"),
}
AS_REGISTERED = N_("不在，和学籍一样")


def said(row: Row, code: FindingCode) -> str:
    """The words of a finding about this pupil, as a message id."""
    return AS_REGISTERED if code == _C.MATCH and not row.is_expected else WORDS[code]


def _status(row: Row) -> str:
    return table("student_status").label(row.status, language())


@screens.get("/findings", defaults={"class_id": None})
@screens.get("/<uuid:class_id>/findings")
@does(Action.CHECK_PERSONS)
def findings_list(class_id: UUID | None) -> Response:
    """The roster of the class; `open` is the pupil about whom something else is said, `rest` what can be taken back."""
    return _list(findings.class_check(guard.actor(), class_id))


def _list(check: ClassCheck, status: int = 200) -> Response:
    who, class_id = guard.actor(), check.facts.class_id
    rest = _moment(request.args.get("rest", ""))
    return page(
        "teachers/findings.html",
        status=status,
        check=check,
        children=findings_unlisted.of_class(who, class_id),
        opened=request.args.get("open", type=UUID),
        rest=rest if check.facts.state == "open" else None,
        may_take_back=check.facts.reported_at and findings_report.may_take_back(class_id, lists.round_of(who).id),
        said=said,
        status_of=_status,
        words=WORDS,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@screens.get("/<uuid:class_id>/findings/<uuid:pupil_id>")
@does(Action.CHECK_PERSONS)
def finding_row(class_id: UUID, pupil_id: UUID) -> Response:
    """One pupil with everything that can be said, inside the list."""
    row = findings.one_row(guard.actor(), class_id, pupil_id)
    if not is_part():
        return _to_row(class_id, pupil_id, opened=True)
    return _row(class_id, row, opened=row.is_open)


def _to_row(class_id: UUID, pupil_id: UUID, opened: bool) -> Response:
    more = {"open": pupil_id} if opened else {}
    return go("teachers.findings_list", class_id=class_id, _anchor=f"p-{pupil_id.hex}", **more)


def _row(class_id: UUID, row: Row, opened: bool = False, check: ClassCheck | None = None) -> Response:
    return page(
        "teachers/_finding_rows.html",
        rows=[row],
        class_id=class_id,
        opened=opened,
        check=check,
        said=said,
        status_of=_status,
    )


@screens.post("/<uuid:class_id>/findings/<uuid:pupil_id>")
@does(Action.CHECK_PERSONS)
def mark_finding(class_id: UUID, pupil_id: UUID) -> Response:
    """Say what was found about one pupil; the row answers, and with it the count."""
    who = guard.actor()
    findings.mark(who, class_id, pupil_id, request.form.get("code", ""), request.form.get("note", ""))
    if not is_part():
        return _to_row(class_id, pupil_id, opened=False)
    check = findings.class_check(who, class_id)
    row = next(row for row in (*check.rows, *check.left) if row.pupil_id == pupil_id)
    return _row(class_id, row, check=check)


@screens.post("/<uuid:class_id>/findings/rest")
@does(Action.CHECK_PERSONS)
def mark_rest(class_id: UUID) -> Response:
    """All the others are here."""
    moment = findings.mark_rest(guard.actor(), class_id)
    return go("teachers.findings_list", class_id=class_id, rest=moment.isoformat() if moment else None)


@screens.post("/<uuid:class_id>/findings/rest/undo")
@does(Action.CHECK_PERSONS)
def undo_rest(class_id: UUID) -> Response:
    """Not all the others, after all."""
    findings.class_of(guard.actor(), class_id)
    moment = _moment(request.form.get("moment", ""))
    if moment is not None:
        findings.undo_rest(guard.actor(), class_id, moment)
    return go("teachers.findings_list", class_id=class_id)


@screens.get("/<uuid:class_id>/findings/report")
@does(Action.CHECK_PERSONS)
def findings_summary(class_id: UUID) -> Response:
    """What will be reported, before it is."""
    return _summary(class_id)


def _summary(class_id: UUID, error: str | None = None, status: int = 200) -> Response:
    who = guard.actor()
    check = findings.class_check(who, class_id)
    children = findings_unlisted.of_class(who, class_id)
    return page(
        "teachers/findings_summary.html", status=status, check=check, children=children, said=said, words=WORDS,
        error=error,
    )  # fmt: skip


@screens.post("/<uuid:class_id>/findings/report")
@does(Action.CHECK_PERSONS)
def report_findings(class_id: UUID) -> Response:
    """Report the class."""
    try:
        findings_report.report(guard.actor(), class_id)
    except Refusal as refusal:
        if refusal.status in (404, 409):
            raise
        return _summary(class_id, words(refusal), refusal.status)
    return go("teachers.findings_list", class_id=class_id)


@screens.post("/<uuid:class_id>/findings/take-back")
@does(Action.CHECK_PERSONS)
def take_back_report(class_id: UUID) -> Response:
    """Open the class again."""
    findings_report.take_back(guard.actor(), class_id)
    return go("teachers.findings_list", class_id=class_id)
