""" "Something is wrong": asked from the footer of every page, answered on the same page (O1, O2, O8)."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import ticket_notices, tickets, transactions
from portal.services.refusals import NotFound, Refusal
from portal.services.ticket_threads import thread_of
from portal.web import asking, guard
from portal.web.account import screens
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/wrong")
@does(Action.SEE_PUBLIC_PAGE)
def wrong() -> Response:
    """Ask without a page, the telephones of who helps (O2), and what this asker has asked."""
    return _shown()


@screens.post("/wrong")
@does(Action.ASK)
def ask() -> Response:
    """Ask, and go back to the page that was asked about; a refusal keeps what was written."""
    form = request.form
    endpoint = form.get("page", "")
    about = asking.about_posted(form.get("about", ""))
    known = endpoint if endpoint in current_app.view_functions else ""
    try:
        code = tickets.ask(asking.asker(), form.get("wrong", ""), known, about, form.get("school", ""))
    except NotFound:
        raise
    except Refusal as refusal:
        transactions.undo()
        return _shown(words(refusal), refusal.status)
    asking.remember(code)
    session["sent_question"] = True
    return redirect(guard.safe_next(form.get("next")) or url_for("web.wrong"), 303)


@screens.post("/wrong/code")
@does(Action.ASK)
def open_question() -> Response:
    """Read a question here that was asked in another browser."""
    try:
        asking.remember(tickets.find_by_code(request.form.get("code", "")))
    except Refusal as refusal:
        transactions.undo()
        return _shown(code_error=words(refusal), status=refusal.status)
    return go("web.wrong")


@screens.post("/wrong/<uuid:ticket_id>")
@does(Action.ASK)
def ask_again(ticket_id: UUID) -> Response:
    """Say more, or after an answer ask the level above."""
    try:
        tickets.add(asking.asker(), ticket_id, request.form.get("more", ""), up="up" in request.form)
    except NotFound:
        raise
    except Refusal as refusal:
        transactions.undo()
        return _shown(status=refusal.status, more_error=(ticket_id, words(refusal)))
    return go("web.wrong")


@screens.post("/wrong/<uuid:ticket_id>/close")
@does(Action.ASK)
def close_question(ticket_id: UUID) -> Response:
    """The asker needs nothing more."""
    tickets.close(asking.asker(), ticket_id)
    return redirect(guard.safe_next(request.form.get("next")) or url_for("web.wrong"), 303)


def _shown(
    error: str | None = None,
    status: int = 200,
    code_error: str | None = None,
    more_error: tuple[UUID, str] | None = None,
) -> Response:
    """The page of the asker; `more_error` is a question's id and what was wrong with what was added to it."""
    who = asking.asker()
    threads = [thread_of(ticket, who.actor, who.code_of(ticket), own=True) for ticket in tickets.own(who)]
    return page(
        "wrong.html",
        helpers=ticket_notices.phones(who),
        threads=threads,
        error=error,
        code_error=code_error,
        more_error=more_error,
        typed=request.form,
        status=status,
    )
