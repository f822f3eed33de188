"""The budget of full views of a day is used up: a fresh proof and a reason, then on (sec-A34)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from portal.rules.access import Action
from portal.services import second_step, transactions, viewing
from portal.services.refusals import Refusal
from portal.web import guard
from portal.web.account import screens
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import page


class MoreForm(FlaskForm):
    """Why so many are looked at."""

    reason = TextAreaField(_l("为什么还要看"))


@screens.route("/more", methods=["GET", "POST"])
@does(Action.SEE_MORE)
def see_more() -> Response:
    """Ask for the proof first, so that no reason is typed in vain; then the reason; then back."""
    who, form, status = guard.actor(), MoreForm(), 200
    target = guard.safe_next(request.args.get("next")) or url_for("web.home")
    second_step.require_recent(who)
    if form.validate_on_submit():
        try:
            viewing.ask_for_more(who, form.reason.data or "")
            return guard.to(target)
        except second_step.Unproven:
            raise
        except Refusal as refusal:
            transactions.undo()
            form.reason.errors, status = [words(refusal)], refusal.status
    values: dict[str, Any] = {
        "seen": viewing.seen_today(who),
        "budget": viewing.budget_of(who),
        "longest": viewing.LONGEST,
    }
    return page("see_more.html", form=form, next=target, status=status, **values)
