"""The classes of a school: teacher, counts, and the way into each."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.figures import Measure
from portal.services import class_rows, place_settings
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page

SHOWN = (Measure.EXPECTED, Measure.ISSUED, Measure.RETURNED, Measure.RECEIVED, Measure.CHECKED, Measure.ENTERED)


@screens.get("/classes")
@does(Action.SEE_ROUND)
def classes() -> Response:
    """Every class with its teacher and its counts."""
    who = guard.actor()
    rows, large = class_rows.class_rows(who), place_settings.large_classes(who)
    return page("staff/classes.html", classes=rows, measures=SHOWN, large=large, may_=may(who, Action.RECORD_MOVEMENT))
