"""The last step of the round: what was signed off is filed, with the warnings of the counts (R109)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.problems import Problem, message_of
from portal.services import archiving
from portal.staff import screens
from portal.staff.printing import posted_ids
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/archive")
@does(Action.SEE_ROUND)
def archive() -> Response:
    """What is filed now, class by class, and what stays open."""
    who = guard.actor()
    found = archiving.archive_of(who)
    warnings = {row.class_id: [_words(problem) for problem in row.problems] for row in found.classes}
    may_ = {"file": may(who, Action.ARCHIVE_SHEETS), "check": may(who, Action.CHECK_RECEIPT)}
    return page("staff/archive.html", found=found, warnings=warnings, may_=may_)


def _words(problem: Problem) -> str:
    text, values = message_of(problem, "en" if str(get_locale()) == "en" else "zh")
    return _(text) % values


@screens.post("/archive")
@does(Action.ARCHIVE_SHEETS)
def archive_classes() -> Response:
    """File the chosen classes for good."""
    archiving.archive(guard.actor(), posted_ids("class"))
    return go("staff.archive")
