"""The photos of one sheet: the one the school works with and those behind it."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import versions as photos_of_sheet
from portal.teachers import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page


@screens.get("/sheet/<uuid:sheet_id>/photos")
@does(Action.SEE_SHEET)
def versions(sheet_id: UUID) -> Response:
    """Every photo that was sent for a sheet."""
    return page("teachers/versions.html", found=photos_of_sheet.versions_of(guard.actor(), sheet_id))
