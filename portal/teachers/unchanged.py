""" "Nothing written and signed": a sample is opened and looked at, then the rest is confirmed in one press."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import checking, looking
from portal.teachers import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/<uuid:class_id>/unchanged")
@does(Action.CHECK_SHEET)
def unchanged(class_id: UUID) -> Response:
    """What can be confirmed together, and the opened sample."""
    found = looking.sample(guard.actor(), class_id)
    return page("teachers/unchanged.html", found=found)


@screens.post("/<uuid:class_id>/unchanged/sample")
@does(Action.CHECK_SHEET)
def open_sample(class_id: UUID) -> Response:
    """Draw the sheets that must be looked at."""
    checking.open_sample(guard.actor(), class_id)
    return go("teachers.unchanged", class_id=class_id)


@screens.post("/<uuid:class_id>/unchanged")
@does(Action.CHECK_SHEET)
def confirm_unchanged(class_id: UUID) -> Response:
    """Confirm all, unless one of the sample has writing after all."""
    wrong = request.form.getlist("wrong", type=UUID)
    checking.check_all_unchanged(guard.actor(), class_id, wrong)
    return go("teachers.unchanged" if wrong else "teachers.class_list", class_id=class_id)
