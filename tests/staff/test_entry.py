"""The screens of entry and of the leader: what is shown, what each press does, and what comes back when it is wrong."""

from __future__ import annotations

import pytest

from portal.models import Change, Sheet, Switch, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import entry
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def school(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Open for entry and unlocked, with an operator and a leader."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    make.user(Role.OPERATOR, make.school(), "operator")
    make.user(Role.LEADER, make.school(), "leader")
    return make


def passed(make: Make, *items: str, state: SheetState = SheetState.PASSED) -> Sheet:
    sheet = make.sheet(state, written=len(items))
    for item in items:
        new_change(sheet, item)
    db.session.commit()
    return sheet


def change_of(sheet: Sheet, item: str) -> Change:
    return db.session.query(Change).filter_by(sheet_id=sheet.id, item=item).one()


@pytest.mark.parametrize("english", [False, True])
def test_each_screen_is_whole_in_both_languages(browser: Browser, school: Make, english: bool) -> None:
    sheet = passed(school, "phone", "id_number", "ethnic_group")
    if english:
        browser.english()
    browser.sign_in("operator", PASSWORD)
    assert browser.get("/staff/entry").all("a.button.main")
    page = browser.get(f"/staff/entry/sheet/{sheet.id}")
    assert len(page.all("section.to-enter")) == 3
    assert browser.get("/staff/entry/next", status=303).location.endswith(str(sheet.id))


def test_nothing_to_enter_says_so(browser: Browser, school: Make) -> None:
    browser.sign_in("operator", PASSWORD)
    assert "现在没有要录入的表" in browser.get("/staff/entry").text


def test_value_is_saved_and_shown(browser: Browser, school: Make) -> None:
    sheet = passed(school, "phone")
    browser.sign_in("operator", PASSWORD)
    address = f"/staff/entry/change/{change_of(sheet, 'phone').id}"
    browser.post(address, {"do": "save", "value": "15400001234"})
    assert "15400001234" in browser.get(f"/staff/entry/sheet/{sheet.id}").text
    browser.post(f"/staff/entry/sheet/{sheet.id}/finish")
    assert db.session.get_one(Sheet, sheet.id).state == SheetState.ENTERED


def test_wrong_value_comes_back_with_its_reason_beside_it(browser: Browser, school: Make) -> None:
    sheet = passed(school, "postcode")
    browser.sign_in("operator", PASSWORD)
    page = browser.post(f"/staff/entry/change/{change_of(sheet, 'postcode').id}", {"value": "12345"}, status=400)
    assert "邮政编码要 6 位，这里只有 5 位。" in page.text
    assert page.all("input[name=value][value='12345'][aria-invalid=true]")


def test_key_data_offers_no_input(browser: Browser, school: Make) -> None:
    """R103"""
    sheet = passed(school, "id_number")
    browser.sign_in("operator", PASSWORD)
    assert not browser.get(f"/staff/entry/sheet/{sheet.id}").all("input[name=value]")
    browser.post(f"/staff/entry/change/{change_of(sheet, 'id_number').id}", {"do": "apply"})
    assert change_of(sheet, "id_number").outcome == "applied_for"


def test_closed_window_keeps_what_was_typed_on_the_page(browser: Browser, school: Make) -> None:
    """Architecture 4: later saves are refused with the text kept on screen."""
    sheet = passed(school, "phone")
    browser.sign_in("operator", PASSWORD)
    sheet.state = SheetState.ENTERED
    db.session.commit()
    page = browser.post(f"/staff/entry/change/{change_of(sheet, 'phone').id}", {"value": "15400001234"}, status=409)
    assert "这张表现在不能录入" in page.text or "不能改" in page.text


def test_item_the_machine_missed_is_added(browser: Browser, school: Make) -> None:
    sheet = passed(school)
    browser.sign_in("operator", PASSWORD)
    browser.post(f"/staff/entry/sheet/{sheet.id}/add", {"item": "email"})
    assert change_of(sheet, "email").source == "hand"
    browser.post(f"/staff/entry/sheet/{sheet.id}/add", {"item": "class_no"}, status=404)
