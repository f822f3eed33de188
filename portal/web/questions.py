"""The questions that wait for a class teacher, a school or an authority, and the answers (O2, O8)."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.roles import Role
from portal.rules.words import N_
from portal.services import ticket_answers, transactions
from portal.services.refusals import NotFound, Refusal
from portal.services.ticket_threads import thread_of
from portal.web import guard
from portal.web.account import screens
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

_DONE = {
    "answered": N_("回答已经送到：提问的人打开原来的页面就能看到。"),
    "up": N_("已经转到上一级，提问的人看得到问题到了哪里。"),
}


@screens.get("/questions")
@does(Action.SEE_QUESTIONS)
def questions() -> Response:
    """What waits for an answer from the actor's place, what was answered, what was passed on."""
    who = guard.actor()
    said = _DONE.get(request.args.get("done", ""))
    return page("staff/questions.html", listed=ticket_answers.questions(who), roomy=who.role == Role.TEACHER, said=said)


@screens.get("/questions/<uuid:ticket_id>")
@does(Action.SEE_QUESTIONS)
def questions_thread(ticket_id: UUID) -> Response:
    """One question with everything said."""
    return _shown(ticket_id)


@screens.post("/questions/<uuid:ticket_id>")
@does(Action.ANSWER_QUESTIONS)
def answer_question(ticket_id: UUID) -> Response:
    """Answer, or send it one level up with or without words."""
    act = ticket_answers.send_up if "up" in request.form else ticket_answers.answer
    try:
        act(guard.actor(), ticket_id, request.form.get("answer", ""))
    except NotFound:
        raise
    except Refusal as refusal:
        transactions.undo()
        return _shown(ticket_id, words(refusal), refusal.status)
    return go("web.questions", done="up" if "up" in request.form else "answered")


@screens.post("/questions/<uuid:ticket_id>/close")
@does(Action.ANSWER_QUESTIONS)
def end_question(ticket_id: UUID) -> Response:
    """Close a question that has been answered."""
    ticket_answers.close(guard.actor(), ticket_id)
    return go("web.questions")


def _shown(ticket_id: UUID, error: str | None = None, status: int = 200) -> Response:
    who = guard.actor()
    ticket, may_answer = ticket_answers.find(who, ticket_id)
    return page(
        "staff/question.html",
        thread=thread_of(ticket, who),
        may_answer=may_answer,
        error=error,
        typed=request.form.get("answer", ""),
        roomy=who.role == Role.TEACHER,
        status=status,
    )
