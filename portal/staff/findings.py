"""The person-record check at a school: its classes and what follows; at an authority: how far its schools are (J3)."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file, url_for
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.codes import table
from portal.rules.findings import Act, CheckState, FindingCode
from portal.rules.roles import Level
from portal.rules.words import N_
from portal.services import findings_actions, findings_figures, findings_files
from portal.services.findings_actions import SchoolCheck, Todo
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.item_inputs import language
from portal.web.page import go, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: the shape of a state's chip
LOOKS = {
    CheckState.OPEN: "not_yet",
    CheckState.REPORTED: "received",
    CheckState.ACTIONS_RUNNING: "waiting",
    CheckState.CONSISTENT: "accepted",
}
#: where an action is done: its button
WAYS = {
    Act.RESTORE: N_("去登记回来"),
    Act.RECORD_LEAVING: N_("去登记离校"),
    Act.DELETE: N_("去申请删除"),
    Act.REPORT_UP: N_("写给上级"),
    Act.TREAT: N_("写给上级"),
}


@screens.get("/findings")
@does(Action.SEE_FIGURES)
def findings() -> Response:
    """A school sees its classes and what is to be done, an authority the counts of the places below."""
    who = guard.actor()
    return _school(findings_actions.school_check(who)) if who.level == Level.SCHOOL else _places(who.place_id)


@screens.get("/findings/<uuid:place_id>")
@does(Action.SEE_FIGURES)
def findings_of(place_id: UUID) -> Response:
    """The counts of an authority further down."""
    return _places(place_id)


def _places(place_id: UUID) -> Response:
    who = guard.actor()
    found = findings_figures.table_of(who, place_id)
    enters = may(who, Action.ENTER_RECORDS)
    waiting = sum(child.is_open for _school_name, child in findings_actions.to_enter(who)) if enters else 0
    return page("staff/findings_places.html", found=found, states=list(CheckState), waiting=waiting, enters=enters)


def _school(check: SchoolCheck) -> Response:
    who = guard.actor()
    todos, children = check.todos, check.children
    open_todos = [todo for todo in todos if not todo.is_done]
    to_register = [one for one in children if one.code == FindingCode.NO_RECORD]
    elsewhere = [one for one in children if one.code == FindingCode.RECORD_ELSEWHERE]
    return page(
        "staff/findings.html",
        check=check,
        todos=open_todos,
        elsewhere=[one for one in elsewhere if not one.is_settled],
        to_register=[one for one in to_register if not one.is_settled],
        finished=[todo for todo in todos if todo.is_done],
        finished_children=[one for one in children if one.is_settled],
        looks=LOOKS,
        way_of=way_of,
        ways=WAYS,
        status_of=lambda todo: table("student_status").label(todo.status, language()),
        may_act=may(who, Action.ACT_ON_FINDINGS),
        may_check=may(who, Action.CHECK_PERSONS),
    )


def way_of(todo: Todo) -> str | None:
    """Where the action is done; None for what is asked of the level above."""
    if todo.act in (Act.RESTORE, Act.RECORD_LEAVING):
        return url_for("staff.manage_movement", pupil_id=todo.pupil_id, finding=todo.code.value)
    if todo.act == Act.DELETE:
        return _deletion(todo.pupil_id)
    return None


def _deletion(pupil_id: UUID) -> str:
    return url_for("staff.deletion_new", pupil_id=pupil_id)


@screens.post("/findings/<uuid:finding_id>/done")
@does(Action.ACT_ON_FINDINGS)
def finding_done(finding_id: UUID) -> Response:
    """Nothing is left to do about a finding, or there is after all."""
    findings_actions.set_done(guard.actor(), finding_id, request.form.get("done") == "yes")
    return go("staff.findings")


@screens.post("/findings/<uuid:finding_id>/report-up")
@does(Action.ACT_ON_FINDINGS)
def finding_report_up(finding_id: UUID) -> Response:
    """Write to the level above."""
    findings_actions.report_up(guard.actor(), finding_id)
    return go("staff.findings")


@screens.post("/findings/children/<uuid:unlisted_id>/done")
@does(Action.ACT_ON_FINDINGS)
def unlisted_done(unlisted_id: UUID) -> Response:
    """A child has been transferred in, or has gone back to its school."""
    findings_actions.set_child_done(guard.actor(), unlisted_id, request.form.get("done") == "yes")
    return go("staff.findings")


@screens.post("/findings/roster")
@does(Action.EXPORT_ROSTER)
def findings_roster() -> Response:
    """The lists to tick on paper, one page a class."""
    return send(findings_files.roster(guard.actor()))


@screens.post("/findings/roster/<uuid:class_id>")
@does(Action.EXPORT_ROSTER)
def findings_roster_class(class_id: UUID) -> Response:
    """The list of one class."""
    return send(findings_files.roster(guard.actor(), class_id))


def send(made: tuple[str, bytes]) -> Response:
    """A workbook to take along."""
    name, content = made
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)
