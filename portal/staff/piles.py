"""A registrar's piles of photos: of one class or of the whole school, and the earlier ones."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.place_settings import Switch
from portal.rules.roles import Level
from portal.services import piles
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page
from portal.web.switched import off_page


@screens.get("/piles")
@does(Action.SEND_PILE)
def piles_page() -> Response:
    """Choose a class and begin; class teachers have a page of their own."""
    who = guard.actor()
    if who.level == Level.CLASS:
        return go("teachers.pile")
    if (off := off_page(who.path, Switch.PILES)) is not None:
        return off
    return page("staff/piles.html", classes=piles.classes(who), earlier=piles.earlier(who))


@screens.post("/piles")
@does(Action.SEND_PILE)
def open_pile() -> Response:
    """Open a pile and go on to choosing its photos."""
    chosen = request.form.get("class_id", type=UUID)
    return go("teachers.pile_more", pile_id=piles.open_pile(guard.actor(), chosen).id)
