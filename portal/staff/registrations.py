"""The supplementary registration list: children without any record, and what became of them (L10-L16, R122)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.findings import FindingCode, Registration, results
from portal.services import findings_actions, findings_files
from portal.services.findings_unlisted import Listed
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page

LOOKS = {
    Registration.UNPROCESSED: "waiting",
    Registration.PASSED: "checked",
    Registration.FAILED: "refused",
    Registration.ENTERED: "accepted",
}


@screens.get("/findings/registrations")
@does(Action.SEE_ROUND)
def registrations() -> Response:
    """The list of the school: who is on it, what the registry answered."""
    who = guard.actor()
    children = [one for one in findings_actions.school_check(who).children if one.code == FindingCode.NO_RECORD]
    return page(
        "staff/registrations.html",
        children=children,
        to_list=len(findings_files.to_list(who)),
        looks=LOOKS,
        results_of=lambda child: results(child.result, False, child.is_proved),
        is_known=findings_files.is_known,
        may_act=may(who, Action.ACT_ON_FINDINGS),
    )


@screens.post("/findings/registrations/<uuid:unlisted_id>")
@does(Action.ACT_ON_FINDINGS)
def registration_result(unlisted_id: UUID) -> Response:
    """What the registry answered."""
    findings_actions.set_result(guard.actor(), unlisted_id, request.form.get("result", ""))
    return go("staff.registrations")


@screens.post("/findings/registrations/<uuid:unlisted_id>/certificate")
@does(Action.ACT_ON_FINDINGS)
def registration_certificate(unlisted_id: UUID) -> Response:
    """The certificate that there is no number is there."""
    findings_actions.note_certificate(guard.actor(), unlisted_id)
    return go("staff.registrations")


@screens.get("/findings/entries")
@does(Action.ENTER_RECORDS)
def registrations_to_enter() -> Response:
    """The children whose registration has passed, at the responsible authority: masked."""
    return _to_enter(findings_actions.to_enter(guard.actor()))


def _to_enter(children: list[tuple[str, Listed]], full: bool = False) -> Response:
    may_see = may(guard.actor(), Action.SEE_FIGURES)
    return page("staff/registrations_to_enter.html", children=children, looks=LOOKS, may_see=may_see, full=full)


@screens.post("/findings/entries/full")
@does(Action.ENTER_RECORDS)
def registrations_in_full() -> Response:
    """The same with names and numbers, to be typed into the registry; a post, because each look is written down."""
    return _to_enter(findings_actions.to_enter_in_full(guard.actor()), full=True)


@screens.post("/findings/entries/<uuid:unlisted_id>")
@does(Action.ENTER_RECORDS)
def registration_entered(unlisted_id: UUID) -> Response:
    """The authority has entered the record."""
    findings_actions.set_result(guard.actor(), unlisted_id, Registration.ENTERED)
    return go("staff.registrations_to_enter")
