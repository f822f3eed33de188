"""A reminder to copy: for all whose sheet is missing, or for one child; noted when it is copied."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import reminders
from portal.teachers import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/<uuid:class_id>/reminder")
@does(Action.SEE_CLASS)
def reminder(class_id: UUID) -> Response:
    """A reminder for the group chat; it names no child."""
    return page("teachers/reminder.html", found=reminders.reminding(guard.actor(), class_id), child=None)


@screens.post("/<uuid:class_id>/reminder")
@does(Action.REMIND)
def reminded(class_id: UUID) -> Response:
    """It was copied: each child it may concern today is noted."""
    reminders.mark(guard.actor(), class_id)
    return go("teachers.reminder", class_id=class_id)


@screens.get("/sheet/<uuid:sheet_id>/reminder")
@does(Action.REMIND)
def reminder_of_one(sheet_id: UUID) -> Response:
    """A reminder for one family; the name in it is masked."""
    who = guard.actor()
    found = reminders.reminding(who, reminders.class_of_sheet(who, sheet_id))
    return page("teachers/reminder.html", found=found, child=found.one(sheet_id))


@screens.post("/sheet/<uuid:sheet_id>/reminder")
@does(Action.REMIND)
def reminded_one(sheet_id: UUID) -> Response:
    """It was copied for this child."""
    who = guard.actor()
    class_id = reminders.class_of_sheet(who, sheet_id)
    reminders.mark(who, class_id, sheet_id)
    return go("teachers.reminder", class_id=class_id)
