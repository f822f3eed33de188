"""Returned papers at the school: classes with their counts, and one class ticked in at once (N2, X30)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import returned as service
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/returned")
@does(Action.TICK_RETURNED)
def returned() -> Response:
    """The classes: handed out, back on paper, received as photos."""
    return page("staff/returned.html", classes=service.by_class(guard.actor()))


@screens.get("/returned/<uuid:class_id>")
@does(Action.TICK_RETURNED)
def returned_class(class_id: UUID) -> Response:
    """The pupils of a class, one box each."""
    return page("staff/returned_class.html", found=service.of_class(guard.actor(), class_id))


@screens.post("/returned/<uuid:class_id>")
@does(Action.TICK_RETURNED)
def tick_returned(class_id: UUID) -> Response:
    """Note them all, then the next class."""
    shown, ticked = request.form.getlist("shown", UUID), request.form.getlist("returned", UUID)
    service.tick(guard.actor(), class_id, shown, shown if request.form.get("all") else ticked)
    return go("staff.returned")
