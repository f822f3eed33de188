"""One page from which everything about people and settings of a place is one press away."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.roles import Level
from portal.services import export_views, reviewing
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page


@screens.get("/manage")
@does(Action.SEE_SETTINGS)
def manage() -> Response:
    """The ways to accounts, lists of pupils, the ledger and the settings."""
    who = guard.actor()
    allowed = {action.value: may(who, action) for action in Action}
    at_school = who.level == Level.SCHOOL
    reviews = at_school and reviewing.may_review_at_school(who)
    values: dict[str, Any] = {"reviews": reviews, "exports": export_views.waiting_count(who), "place_id": who.place_id}
    return page("staff/manage.html", may_=allowed, at_school=at_school, **values)
