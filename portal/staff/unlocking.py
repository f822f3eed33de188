"""The download code: seen on one sign-in, typed in another (B5-B8)."""

from __future__ import annotations

from flask import request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from portal.rules.access import Action
from portal.rules.roles import Actor
from portal.services import unlocking
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


class CodeForm(FlaskForm):
    """The code as read from the other sign-in."""

    code = StringField()


@screens.route("/download-code", methods=["GET", "POST"])
@does(Action.SHOW_DOWNLOAD_CODE)
def download_code() -> Response:
    """What the code is for; pressed, a new one, shown this once."""
    who = guard.actor()
    code = unlocking.show_code(who) if request.method == "POST" else None
    return page(
        "staff/download_code.html",
        code=code,
        log=unlocking.log_of(who),
        unlocked=unlocking.unlocked_now(who),
        wrong_codes=_wrong(who),
    )


@screens.route("/unlock", methods=["GET", "POST"])
@does(Action.UNLOCK_SCHOOL)
def unlock() -> Response:
    """Type the code; the right one opens printing and entering."""
    who, form, error, status = guard.actor(), CodeForm(), None, 200
    if form.validate_on_submit():
        try:
            unlocking.enter_code(who, form.code.data or "")
            return go("staff.round")
        except Refusal as refusal:
            error, status = words(refusal), refusal.status
    return page(
        "staff/unlock.html",
        form=form,
        error=error,
        shown_here=unlocking.has_shown(who),
        unlocked=unlocking.unlocked_now(who),
        wrong_codes=_wrong(who),
        status=status,
    )


def _wrong(who: Actor) -> int:
    """How many wrong codes to tell of; 0 while there are few."""
    wrong = unlocking.wrong_since_shown(who)
    return wrong if wrong >= unlocking.TELL_AFTER else 0
