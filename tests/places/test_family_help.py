"""A family's account may speak for children of several places: whoever helps it opens only the own ones (E8, E11,
R129, R130)."""

from __future__ import annotations

import io

import pytest

from portal.models import Guardianship, Sheet, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, family_help
from portal.services.refusals import TooLate
from tests.make import Make


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, registered=True)


@pytest.fixture
def teacher(make: Make, sheet: Sheet) -> Actor:
    return make.actor(Role.TEACHER, sheet.class_)


def test_who_gives_a_password_opens_no_child_of_another_place(make: Make, sheet: Sheet, teacher: Actor) -> None:
    """sec-A46: the class teacher knows the one-time password, so a sister at another school waits for her teacher."""
    user = make.guardian(sheet.pupil)
    sister = make.pupil(make.class_(make.school("2199000002", "试验市第二小学")))
    own = {"school_id": sister.school_id, "path": sister.path}
    other = Guardianship(user_id=user.id, pupil_id=sister.id, relation="52", state="active", **own)
    db.session.add(other)
    db.session.commit()
    mine = db.session.query(Guardianship).filter_by(user_id=user.id, pupil_id=sheet.pupil_id).one()
    family_help.reset_password(teacher, mine.id)
    assert (mine.state, other.state) == ("active", "waiting")
    hers = make.actor(Role.TEACHER, make.class_(make.school("2199000002")))
    with pytest.raises(TooLate, match="先同意"):
        family_help.print_slip(hers, other.id, io.BytesIO())
    with pytest.raises(TooLate, match="换成自己的密码"):
        family_help.decide(hers, other.id, True, "")
    fresh = accounts.actor_of(accounts.sign_in(user.phone, user.first_password))
    assert fresh is not None
    accounts.change_password(fresh, user.first_password, "blue elephants 7")
    family_help.decide(hers, other.id, True, "")
    assert other.state == "active"


def test_the_slip_of_the_registrars_password_is_not_for_one_of_two_classes(
    make: Make, sheet: Sheet, teacher: Actor
) -> None:
    """The registrar answers for both sisters; the teacher of one must not get what opens the other."""
    user = make.guardian(sheet.pupil)
    sister = make.pupil(make.class_(code="2021107", name="五年级（7）班"))
    own = {"school_id": sister.school_id, "path": sister.path}
    db.session.add(Guardianship(user_id=user.id, pupil_id=sister.id, relation="52", state="active", **own))
    db.session.commit()
    mine = db.session.query(Guardianship).filter_by(user_id=user.id, pupil_id=sheet.pupil_id).one()
    registrar = make.actor(Role.REGISTRAR, make.school())
    family_help.reset_password(registrar, mine.id)
    with pytest.raises(TooLate, match="别处"):
        family_help.print_slip(teacher, mine.id, io.BytesIO())
    family_help.print_slip(registrar, mine.id, io.BytesIO())
    with pytest.raises(TooLate, match="只能印一次"):  # sec-A46
        family_help.print_slip(registrar, mine.id, io.BytesIO())
