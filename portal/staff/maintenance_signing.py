"""The leader looks at what was changed outside the sheets: signed off together, or one sent back (G6, G9, X10)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import maintenance_journal, transactions
from portal.services.refusals import NotFound, Refusal
from portal.staff import screens
from portal.staff.printing import posted_ids
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import language
from portal.web.page import go, page


@screens.get("/queue/maintenance")
@does(Action.VERIFY_SHEETS)
def queue_maintenance() -> Response:
    """Everything that was changed outside the sheets and nobody has signed off."""
    return _show()


def _show(status: int = 200, wrong: str | None = None, wrong_id: UUID | None = None, given: str = "") -> Response:
    entries = maintenance_journal.waiting(guard.actor(), language())
    told: dict[str, Any] = {"entries": entries, "wrong": wrong, "wrong_id": wrong_id, "given": given}
    return page("staff/queue_maintenance.html", status=status, **told)


@screens.post("/queue/maintenance")
@does(Action.VERIFY_SHEETS)
def queue_sign_maintenance() -> Response:
    """Sign off what is ticked."""
    try:
        maintenance_journal.sign_off(guard.actor(), posted_ids("step"))
    except Refusal as refusal:
        return _refused(refusal)
    return go("staff.queue_maintenance")


@screens.post("/queue/maintenance/back")
@does(Action.VERIFY_SHEETS)
def queue_send_back_maintenance() -> Response:
    """Send one change back with the reason."""
    chosen, reason = posted_ids("step"), request.form.get("reason", "")
    if len(chosen) != 1:
        raise NotFound
    try:
        maintenance_journal.send_back(guard.actor(), chosen[0], reason)
    except Refusal as refusal:
        return _refused(refusal, chosen[0], reason)
    return go("staff.queue_maintenance")


def _refused(refusal: Refusal, step_id: UUID | None = None, given: str = "") -> Response:
    if refusal.status == 404:
        raise refusal
    transactions.undo()
    return _show(refusal.status, words(refusal), step_id, given)
