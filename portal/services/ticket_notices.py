"""What an asker is told on every page: that a question waits, or that there is an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Ticket, TicketEntry, db
from portal.rules import tickets as rules
from portal.rules.tickets import TicketState
from portal.services.strips import Support, helpers_of
from portal.services.ticket_threads import office
from portal.services.tickets import Asker

_MOST_TOLD = 10


@dataclass(frozen=True)
class Told:
    """What an asker is told on every page: how many questions wait, who answers the newest until when, and one
    answer; its words only on the page that was asked about."""

    waiting: int = 0
    answers: str = ""
    last_day: date | None = None
    answered_id: UUID | None = None
    answered_by: str = ""
    text: str = ""
    code: str | None = None


def told(asker: Asker, page: str) -> Told:
    """What to tell this asker on the page named `page`; without questions this asks the database nothing."""
    if asker.actor is None and not asker.codes:
        return Told()
    live = select(Ticket).where(asker.mine, Ticket.state != TicketState.CLOSED)
    found = db.session.scalars(live.order_by(Ticket.made_at.desc()).limit(_MOST_TOLD)).all()
    waiting = [ticket for ticket in found if ticket.state in rules.WAITING]
    answered = [ticket for ticket in found if ticket.state == TicketState.ANSWERED]
    first = next((ticket for ticket in answered if ticket.page == page), answered[0] if answered else None)
    newest = waiting[0] if waiting else None
    entry = _last_answer(first) if first is not None and first.page == page else None
    return Told(
        waiting=len(waiting),
        answers=office(newest.place) if newest else "",
        last_day=rules.last_day(newest.due_at) if newest else None,
        answered_id=first.id if first else None,
        answered_by=office(first.place) if first else "",
        text=(entry.text or "") if entry else "",
        code=_shown(asker.code_of(newest)) if newest else None,
    )


def _shown(code: str | None) -> str | None:
    return rules.shown_code(code) if code else None


def phones(asker: Asker) -> list[Support]:
    """Who helps by telephone: the schools this asker has asked, then the levels above (O2)."""
    asked = select(Ticket.home_id).where(asker.mine)
    homes = db.session.scalars(select(Place).where(Place.id.in_(asked), Place.phone != "").order_by(Place.path)).all()
    own = asker.actor.place_id if asker.actor else None
    known = [Support(place.name, place.phone) for place in homes if place.id != own]
    return list(dict.fromkeys([*known, *helpers_of(asker.actor)]))


def _last_answer(ticket: Ticket) -> TicketEntry | None:
    """The newest answer of a question."""
    return next((entry for entry in reversed(ticket.entries) if not entry.from_asker), None)
