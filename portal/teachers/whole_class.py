"""What a teacher notes for many children of the class in one go: why nothing comes, and which papers are back."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.standing import Group
from portal.services import classes, returned
from portal.services.refusals import NotFound
from portal.services.sheets import CAUSES
from portal.teachers import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page

#: the field of one child's cause is called so, followed by the id of its sheet
CAUSE = "cause-"


@screens.get("/<uuid:class_id>/causes")
@does(Action.SET_CAUSE)
def causes(class_id: UUID) -> Response:
    """One choice a child, one press for all."""
    listed = classes.class_list(guard.actor(), class_id)
    rows = listed.of(Group.MISSING) + listed.of(Group.REDO)
    return page("teachers/causes.html", listed=listed, rows=rows, causes=CAUSES)


@screens.post("/<uuid:class_id>/causes")
@does(Action.SET_CAUSE)
def set_causes(class_id: UUID) -> Response:
    """Note them all."""
    try:
        chosen = {UUID(name.removeprefix(CAUSE)): v for name, v in request.form.items() if name.startswith(CAUSE)}
    except ValueError:
        raise NotFound from None
    classes.set_causes(guard.actor(), class_id, chosen)
    return go("teachers.class_list", class_id=class_id, show=Group.MISSING.value)


@screens.get("/<uuid:class_id>/returned")
@does(Action.TICK_RETURNED)
def returned_papers(class_id: UUID) -> Response:
    """The papers that lie on the desk, one box a child."""
    return page("teachers/returned.html", found=returned.of_class(guard.actor(), class_id))


@screens.post("/<uuid:class_id>/returned")
@does(Action.TICK_RETURNED)
def tick_returned_papers(class_id: UUID) -> Response:
    """Note them all."""
    shown, ticked = request.form.getlist("shown", UUID), request.form.getlist("returned", UUID)
    returned.tick(guard.actor(), class_id, shown, shown if request.form.get("all") else ticked)
    return go("teachers.class_list", class_id=class_id, show="all")
