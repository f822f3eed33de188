"""Returned papers at the school and filing at the end of the round, as they are seen."""

from __future__ import annotations

import pytest

from portal.models import Sheet
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture(params=["zh", "en"])
def registrar(browser: Browser, make: Make, request: pytest.FixtureRequest) -> Browser:
    make.round()
    browser.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
    return browser.english() if request.param == "en" else browser


def test_nothing_is_handed_out_or_signed_off_yet(registrar: Browser, make: Make) -> None:
    assert registrar.get("/staff/returned").all(".empty")
    assert registrar.get("/staff/archive").all(".empty")
    assert registrar.get(f"/staff/returned/{make.class_().id}").all(".empty")


def test_a_class_is_ticked_in_with_masked_names(registrar: Browser, make: Make) -> None:
    sheets = [make.sheet(SheetState.ISSUED, make.pupil(name="林小试")), make.sheet(SheetState.RECEIVED)]
    address = f"/staff/returned/{make.class_().id}"
    assert address in registrar.get("/staff/returned").links()
    page = registrar.get(address)
    assert "林＊试" in page.text
    assert "林小试" not in page.text
    shown = [field["value"] for field in page.all("input[name=shown]")]
    assert registrar.post(address, {"shown": shown, "returned": shown}).location.endswith("/staff/returned")
    assert [sheet.returned for sheet in sheets] == [True, True]
    assert len(registrar.get(address).all("input[name=returned][checked]")) == 2


def test_the_end_of_a_round_says_what_is_filed_and_warns(registrar: Browser, make: Make) -> None:
    """R109 on screen."""
    done = [make.sheet(SheetState.VERIFIED, returned=n > 0) for n in range(2)]
    other = make.class_(code="2020107", name="六年级（7）班")
    waits = make.sheet(SheetState.ENTERED, make.pupil(other))
    page = registrar.get("/staff/archive")
    assert [field["value"] for field in page.all("input[name=class]")] == [make.class_().id.hex]
    assert len(page.all("p.warn")) == 2
    registrar.post("/staff/archive", {"class": other.id.hex}, status=409)
    registrar.post("/staff/archive", status=400)
    registrar.post("/staff/archive", {"class": make.class_().id.hex})
    assert {sheet.state for sheet in done} == {SheetState.ARCHIVED}
    assert waits.state == SheetState.ENTERED
    assert not registrar.get("/staff/archive").all("main form .button.main")


def test_the_leader_sees_the_archive_and_files_nothing(browser: Browser, make: Make) -> None:
    sheet: Sheet = make.sheet(SheetState.VERIFIED)
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    assert not browser.get("/staff/archive").all("input[name=class]")
    browser.post("/staff/archive", {"class": sheet.class_id.hex}, status=403)
    assert sheet.state == SheetState.VERIFIED
