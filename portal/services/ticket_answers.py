"""Answering: what waits for a class teacher, a school or an authority, and what they do with it (O2, O8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.models import Place, Ticket, db
from portal.rules import tickets as rules
from portal.rules.clock import now
from portal.rules.places import ancestors
from portal.rules.roles import AUTHORITY_LEVELS, Actor
from portal.rules.tickets import TicketMove, TicketState
from portal.rules.words import N_
from portal.services.lists import inside
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.ticket_moves import add_entry, change
from portal.services.ticket_threads import Row, rows_of

_MOST = 100
_MOST_DONE = 30


@dataclass(frozen=True)
class Questions:
    """What a place has to do with questions: rows waiting for it (`count` in all), answered by it, passed on by it,
    and for authorities how many wait below and how many of those are overdue."""

    waiting: list[Row]
    count: int
    answered: list[Row]
    passed: list[Row]
    below: int = 0
    below_late: int = 0


def _answered_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor's place answers now. A school sees its classes'; an authority only what came up to
    itself, so that nobody above a school reads what the school still has to answer."""
    return Ticket.path == actor.path if actor.level in AUTHORITY_LEVELS else inside(Ticket.path, actor)


def _passed(actor: Actor) -> ColumnElement[bool]:
    """The condition that a question was asked at or below the actor's place and is above it now."""
    homes = select(Place.id).where(inside(Place.path, actor))
    return and_(Ticket.path.in_(ancestors(actor.path)[:-1]), Ticket.home_id.in_(homes))


def waiting_count(actor: Actor) -> int:
    """How many questions wait for an answer from the actor's place."""
    query = select(func.count()).select_from(Ticket).where(_answered_by(actor), Ticket.state.in_(rules.WAITING))
    return db.session.scalar(query) or 0


def questions(actor: Actor) -> Questions:
    """The list of a place: what is due first comes first."""
    mine, waits = _answered_by(actor), Ticket.state.in_(rules.WAITING)
    done = Ticket.state.in_((TicketState.ANSWERED, TicketState.CLOSED))
    below, late = _below(actor) if actor.level in AUTHORITY_LEVELS else (0, 0)
    return Questions(
        waiting=_rows(and_(mine, waits), Ticket.due_at, _MOST),
        count=waiting_count(actor),
        answered=_rows(and_(mine, done), Ticket.answered_at.desc(), _MOST_DONE),
        passed=_rows(and_(_passed(actor), Ticket.state != TicketState.CLOSED), Ticket.made_at.desc(), _MOST_DONE),
        below=below,
        below_late=late,
    )


def _rows(condition: ColumnElement[bool], order: Any, most: int) -> list[Row]:
    found: Sequence[Ticket] = db.session.scalars(select(Ticket).where(condition).order_by(order).limit(most)).all()
    return rows_of(found)


def _below(actor: Actor) -> tuple[int, int]:
    late = func.count().filter(Ticket.due_at <= now())
    lower = (inside(Ticket.path, actor), Ticket.path != actor.path, Ticket.state.in_(rules.WAITING))
    count, overdue = db.session.execute(select(func.count(), late).select_from(Ticket).where(*lower)).one()
    return count, overdue


def find(actor: Actor, ticket_id: UUID) -> tuple[Ticket, bool]:
    """A question that the actor's place answers, or has passed on; True when it may answer now.

    Raises `NotFound` for every other one (R130).
    """
    ticket = db.session.scalar(select(Ticket).where(Ticket.id == ticket_id, or_(_answered_by(actor), _passed(actor))))
    if ticket is None:
        raise NotFound
    may_answer = db.session.scalar(select(Ticket.id).where(Ticket.id == ticket_id, _answered_by(actor))) is not None
    return ticket, may_answer and ticket.state != TicketState.CLOSED


def _to_answer(actor: Actor, ticket_id: UUID) -> Ticket:
    query = select(Ticket).where(Ticket.id == ticket_id, _answered_by(actor)).with_for_update()
    ticket = db.session.scalar(query)
    if ticket is None:
        raise NotFound
    return ticket


def answer(actor: Actor, ticket_id: UUID, text: str) -> None:
    """Answer a question of the own place. Commits."""
    ticket, words = _to_answer(actor, ticket_id), _short(text)
    if not words:
        raise Refusal(N_("请先写回答。"))
    add_entry(ticket, actor, words, from_asker=False)
    change(actor, ticket, TicketMove.ANSWER)
    db.session.commit()


def send_up(actor: Actor, ticket_id: UUID, text: str = "") -> None:
    """Hand a question to the next level, with or without words of the own. Commits."""
    ticket, words = _to_answer(actor, ticket_id), _short(text)
    if ticket.state not in rules.WAITING:
        raise TooLate(N_("这个问题已经有回答了，不用再转。"))
    if words:
        add_entry(ticket, actor, words, from_asker=False)
    change(actor, ticket, TicketMove.SEND_UP, by="answerer")
    db.session.commit()


def close(actor: Actor, ticket_id: UUID) -> None:
    """Close a question that has been answered; one that waits can only be answered. Commits."""
    ticket = _to_answer(actor, ticket_id)
    if ticket.state not in rules.ANSWERER_CLOSES:
        raise TooLate(N_("先回答，再结束。"))
    change(actor, ticket, TicketMove.CLOSE)
    db.session.commit()


def _short(text: str) -> str:
    words = rules.tidy(text)
    if len(words) > rules.LONGEST:
        raise Refusal(N_("最多写 %(most)s 个字，现在有 %(found)s 个。"), most=rules.LONGEST, found=len(words))
    return words
