"""A paper leads each guardian to the own guardianship of its child (R129)."""

from __future__ import annotations

from portal.models import Guardianship, User, db
from portal.rules.roles import Actor
from portal.services import accounts, guardians
from portal.services.doors import Opened
from tests.make import PASSWORD, Make


def family_of(user: User) -> Actor:
    found = accounts.actor_of(accounts.sign_in(user.phone, PASSWORD))
    assert found is not None
    return found


def test_behind_a_paper_stands_the_own_guardianship_and_no_others(make: Make) -> None:
    """Another guardian's would open that one's consent and messages; who is none of the child finds none."""
    sheet = make.sheet()
    opened = Opened(sheet.id, None)
    stranger = make.guardian(make.pupil())
    first, second = make.guardian(sheet.pupil), make.guardian(sheet.pupil)
    own = {one.user_id: one.id for one in db.session.query(Guardianship).filter_by(pupil_id=sheet.pupil_id)}
    for user in (first, second):
        assert guardians.child_behind(family_of(user), opened) == own[user.id]
    assert guardians.child_behind(family_of(stranger), opened) is None
