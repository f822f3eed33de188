"""Doubts before printing, class by class."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.items import ITEMS
from portal.rules.problems import sentence
from portal.services import doubts as service
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/doubts")
@does(Action.PRINT_SHEETS)
def doubts() -> Response:
    """Counts by class, and with `class` each doubt of one."""
    who, class_id = guard.actor(), request.args.get("class", type=UUID)
    found = service.doubts_at(who)
    chosen = next((c for c in found.classes if c.class_id == class_id), None)
    if chosen is None and class_id is None:
        chosen = next((c for c in found.classes if not c.seen), None)
    pupils = service.doubts_before_printing(who, [chosen.class_id]) if chosen else []
    lang = "en" if str(get_locale()) == "en" else "zh"
    listed = [
        (pupil, [(ITEMS[p.item].name(lang), sentence(p, gettext, lang)) for p in pupil.problems if p.item])
        for pupil in pupils
    ]
    return page("staff/doubts.html", found=found, chosen=chosen, listed=listed)


@screens.post("/doubts/<uuid:class_id>/seen")
@does(Action.PRINT_SHEETS)
def doubts_seen(class_id: UUID) -> Response:
    """The registrar has looked at this class; on to the next."""
    service.mark_seen(guard.actor(), class_id)
    return go("staff.doubts")
