"""What happens to a question, whoever does it: words are added, it is answered, sent one level up, closed (O8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.models import Place, Ticket, TicketEntry, db
from portal.rules import tickets as rules
from portal.rules.clock import now
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level
from portal.rules.tickets import TicketMove, TicketState
from portal.rules.words import N_
from portal.services.history import record
from portal.services.refusals import TooLate

_AT_ONCE = 200
_TOP = (Level.PROVINCE, Level.MINISTRY)


def add_entry(ticket: Ticket, actor: Actor | None, text: str, from_asker: bool) -> None:
    """Put words under a question; they are sealed with the key of the place where it was asked."""
    entry = TicketEntry(
        ticket_id=ticket.id, home_id=ticket.home_id, from_asker=from_asker, by_id=actor.user_id if actor else None
    )
    entry.text = text
    ticket.entries.append(entry)


def above(place: Place) -> Place | None:
    """The authority above a place: for a class or school the school's own one; None at the top (O2)."""
    parent = place.parent
    if parent is not None and place.level == Level.CLASS:
        parent = parent.parent
    return parent if parent is not None and parent.level in AUTHORITY_LEVELS and place.level not in _TOP else None


def next_of(ticket: Ticket, actor: Actor | None = None) -> Place | None:
    """Where a question goes from here: a class teacher hands it to the school, everybody else to the authority."""
    if actor is not None and actor.level == Level.CLASS and ticket.place.level == Level.CLASS:
        return ticket.place.parent
    return above(ticket.place)


def change(
    actor: Actor | None, ticket: Ticket, move: TicketMove | None, by: str = "", at: datetime | None = None
) -> None:
    """Move a question and write the step; without a move it has just been asked. The caller commits.

    `by` says on whose account it goes up: due, asker or answerer. Raises `TooLate` for a move that does not exist now.
    """
    moment = at or now()
    before = None if move is None else ticket.state
    details: dict[str, str] = {"by": by} if by else {}
    if move is not None:
        state = rules.after(ticket.state, move)
        if state is None:
            raise TooLate(N_("这个问题已经结束了，请另问一个。"))
        if move == TicketMove.SEND_UP:
            details["to"] = _send_up(ticket, actor if by == "answerer" else None, moment)
        elif state == TicketState.OPEN and before == TicketState.ANSWERED:
            ticket.due_at = rules.due(ticket.place.level, moment)
        ticket.state = state
        ticket.answered_at = moment if move == TicketMove.ANSWER else ticket.answered_at
        ticket.closed_at = moment if move == TicketMove.CLOSE else None
    step = (before, str(ticket.state))
    record(actor, ticket, move.value if move else "ASK", ticket.home_id, states=step, **details)


def _send_up(ticket: Ticket, actor: Actor | None, moment: datetime) -> str:
    """Hand it to the next level, with that level's time; from a class to its school the time goes on."""
    target = next_of(ticket, actor)
    if target is None:
        raise TooLate(N_("已经在最上面一级，不能再往上转。"))
    ticket.place, ticket.path = target, target.path
    if target.level != Level.SCHOOL:
        ticket.due_at = rules.due(target.level, moment)
    return target.name


def raise_due(at: datetime | None = None) -> int:
    """Send up what nobody answered in time and close answers that nobody came back to; how many. Commits.

    At most 200 of each at once; the worker calls it again.
    """
    moment = at or now()
    waiting = (Ticket.state.in_(rules.WAITING), Ticket.due_at <= moment, Place.level.not_in(_TOP))
    late = select(Ticket).join(Place, Place.id == Ticket.place_id).where(*waiting).order_by(Ticket.due_at)
    answered = (Ticket.state == TicketState.ANSWERED, Ticket.answered_at <= moment - timedelta(days=rules.CLOSES_AFTER))
    quiet = select(Ticket).where(*answered).order_by(Ticket.answered_at)
    count = 0
    for ticket in db.session.scalars(late.limit(_AT_ONCE).with_for_update(of=Ticket, skip_locked=True)).all():
        if above(ticket.place) is not None:
            change(None, ticket, TicketMove.SEND_UP, by="due", at=moment)
            count += 1
    for ticket in db.session.scalars(quiet.limit(_AT_ONCE).with_for_update(skip_locked=True)).all():
        assert ticket.answered_at is not None
        if rules.closes(ticket.answered_at) <= moment:
            change(None, ticket, TicketMove.CLOSE, by="due", at=moment)
            count += 1
    db.session.commit()
    return count
