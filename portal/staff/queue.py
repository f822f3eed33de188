"""The leader's queue: pass sheets before entry, sign off what was entered, send back with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import entry, leading
from portal.services.history import steps_of
from portal.staff import screens
from portal.staff.printing import posted_ids
from portal.web import guard, pictures
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/queue")
@does(Action.PASS_SHEETS)
def queue() -> Response:
    """What waits for the leader, and one of them open."""
    who = guard.actor()
    passing, verifying = leading.to_pass(who), leading.to_verify(who)
    return page(
        "staff/queue.html", passing=passing, verifying=verifying, names=leading.names_of([*passing, *verifying])
    )


@screens.get("/queue/<uuid:sheet_id>")
@does(Action.PASS_SHEETS)
def queue_sheet(sheet_id: UUID) -> Response:
    """One sheet: the page, what was written, what was entered, and the decision."""
    sheet = leading.sheet_in_queue(guard.actor(), sheet_id)
    lang = "en" if str(get_locale()) == "en" else "zh"
    return page(
        "staff/queue_sheet.html", sheet=sheet, lines=entry.lines_of(sheet, lang), steps=steps_of(sheet.id), lang=lang
    )


@screens.post("/queue/pass")
@does(Action.PASS_SHEETS)
def queue_pass() -> Response:
    """Let the chosen sheets go to entry."""
    leading.pass_sheets(guard.actor(), posted_ids("sheet"))
    return go("staff.queue")


@screens.post("/queue/verify")
@does(Action.VERIFY_SHEETS)
def queue_verify() -> Response:
    """Sign off the chosen sheets."""
    leading.verify_sheets(guard.actor(), posted_ids("sheet"))
    return go("staff.queue")


@screens.post("/queue/<uuid:sheet_id>/send-back")
@does(Action.PASS_SHEETS)
def queue_send_back(sheet_id: UUID) -> Response:
    """Send one sheet back with a reason."""
    leading.send_back(guard.actor(), sheet_id, request.form.get("reason", ""))
    return go("staff.queue")


@screens.get("/queue/change/<uuid:change_id>/crop.jpg")
@does(Action.PASS_SHEETS)
def sheet_crop(change_id: UUID) -> Response:
    """The handwriting of one item, for the leader."""
    return pictures.jpeg(entry.crop_of(guard.actor(), change_id))
