"""A family reads who was shown the record of its child, without names; nobody else's."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Guardianship, db
from portal.rules.roles import Role
from portal.services import viewing
from tests.make import PASSWORD, Make
from tests.pages import Browser


def test_a_family_sees_role_place_and_time_of_each_look(make: Make, browser: Browser) -> None:
    mine, other = make.pupil(), make.pupil()
    make.sheet(pupil=mine)
    phone = "15400000077"
    make.guardian(mine, phone)
    make.guardian(other)
    registrar = make.actor(Role.REGISTRAR, make.school())
    child = db.session.scalars(select(Guardianship).where(Guardianship.pupil_id == mine.id)).one().id
    foreign = db.session.scalars(select(Guardianship).where(Guardianship.pupil_id == other.id)).one().id
    browser.sign_in(phone, PASSWORD)
    assert "还没有别人看过" in browser.get(f"/home/{child}/looks").text
    viewing.look(registrar, mine, viewing.RECORD)
    page = browser.get(f"/home/{child}/looks").text
    assert "学籍管理员 试验市第一小学" in page
    assert "看了完整的学籍资料" in page
    assert "周试验" not in page
    browser.get(f"/home/{foreign}/looks", status=404)
    assert f"/home/{child}/looks" in browser.get(f"/home/{child}").links()
