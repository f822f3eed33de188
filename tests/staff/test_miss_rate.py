"""How much the machine misses: on the leader's queue and the registrar's round, per round, also when nobody looked."""

from __future__ import annotations

import pytest

from portal.models import SampleLook, Sheet, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import arrive, leaf_of

PAGES = pytest.mark.parametrize(("role", "address"), [(Role.LEADER, "/staff/queue"), (Role.REGISTRAR, "/staff/round")])


def looked(make: Make, times: int, misses: int) -> None:
    teacher = make.user(Role.TEACHER, make.class_())
    for n in range(times):
        sheet: Sheet = make.sheet(SheetState.ISSUED)
        photo = arrive(sheet, leaf_of(sheet))
        own = {"round_id": sheet.round_id, "school_id": sheet.school_id, "by_id": teacher.id}
        db.session.add(SampleLook(sheet_id=sheet.id, photo_id=photo.id, written=n < misses, **own))
    db.session.commit()


@PAGES
def test_nobody_looked_is_said(browser: Browser, make: Make, role: Role, address: str) -> None:
    make.round()
    browser.sign_in(make.user(role, make.school()).login, PASSWORD)
    told = browser.get(address).all("[aria-labelledby=missed-title]")[0].get_text()
    assert "还没有人看过" in told
    assert "%" not in told


@PAGES
def test_the_rate_has_its_number_and_its_interval(browser: Browser, make: Make, role: Role, address: str) -> None:
    looked(make, 8, 1)
    browser.sign_in(make.user(role, make.school()).login, PASSWORD)
    told = browser.get(address).all("[aria-labelledby=missed-title]")[0].get_text()
    for words in ("8 张", "1 张", "12.5%", "95%", "2.2%", "47.1%"):
        assert words in told, told
    browser.english().get(address)
