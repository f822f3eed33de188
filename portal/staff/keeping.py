"""How well everything is kept: the nightly look, backups, and the end of a round's data."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import keeping
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page


@screens.get("/manage/keeping")
@does(Action.SEE_KEEPING)
def manage_keeping() -> Response:
    """Whether files and rows belong together, when the last backup was made, and which rounds are destroyed."""
    return page("staff/keeping.html", kept=keeping.seen_by(guard.actor()))
