"""Of the questions that are above a school now it follows its own, not its neighbours' (O2, O8, R129, R130)."""

from __future__ import annotations

from uuid import UUID

import pytest

from portal.models import Ticket, db
from portal.rules.roles import Actor, Role
from portal.services import ticket_answers, tickets
from portal.services.refusals import NotFound
from tests.make import Make


def asked_by(actor: Actor) -> UUID:
    """A question that went to the county."""
    tickets.ask(tickets.Asker(actor), f"{actor.place_name}想问一件事", "staff.findings")
    return db.session.query(Ticket.id).filter_by(by_id=actor.user_id).one()[0]


def test_a_school_follows_only_its_own_questions_up(make: Make) -> None:
    """R130: what another school asked the same county is neither listed nor found."""
    schools = make.school(), make.school("2199000002", "试验市第二小学")
    registrars = [make.actor(Role.REGISTRAR, school) for school in schools]
    own, foreign = (asked_by(registrar) for registrar in registrars)
    assert [row.id for row in ticket_answers.questions(registrars[0]).passed] == [own]
    assert ticket_answers.find(registrars[0], own)[0].id == own
    with pytest.raises(NotFound):
        ticket_answers.find(registrars[0], foreign)
