"""A family asks about its own child, whatever its page names (O1, R129)."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Guardianship, Ticket, db
from portal.rules.workflow import SheetState
from portal.services import accounts, tickets
from portal.services.tickets import Asker
from tests.make import PASSWORD, Make


def test_the_child_of_another_family_is_as_good_as_none(make: Make) -> None:
    own = make.sheet(SheetState.ISSUED, make.pupil())
    far = make.class_(make.school("2199000002", "试验市第二小学"))
    other = make.sheet(SheetState.ISSUED, make.pupil(far))
    mine, theirs = make.guardian(own.pupil), make.guardian(other.pupil)
    foreign = db.session.scalars(select(Guardianship).where(Guardianship.user_id == theirs.id)).one()
    asker = Asker(accounts.actor_of(accounts.sign_in(mine.login, PASSWORD)))
    for n, about in enumerate((foreign.id, other.pupil_id, other.id)):
        tickets.ask(asker, f"第 {n} 个问题", "parents.child", about)
    found = db.session.scalars(select(Ticket)).all()
    assert [(ticket.sheet_id, ticket.path) for ticket in found] == [(own.id, own.path)] * 3
