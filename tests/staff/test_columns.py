"""The screen of column entry: what each row shows, what each press does, and the same without JavaScript."""

from __future__ import annotations

import pytest

from portal.models import Change, Sheet, Switch, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import entry
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import arrive, leaf_of


@pytest.fixture
def school(make: Make, monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Make:
    """Open for entry and unlocked; an operator is signed in."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    make.user(Role.OPERATOR, make.school(), "operator")
    browser.sign_in("operator", PASSWORD)
    return make


def passed(make: Make, *items: str) -> Sheet:
    sheet = make.sheet(SheetState.PASSED, make.pupil(), written=len(items))
    for item in items:
        new_change(sheet, item)
    db.session.commit()
    return sheet


def change_of(sheet: Sheet, item: str) -> Change:
    db.session.expire_all()
    return db.session.query(Change).filter_by(sheet_id=sheet.id, item=item).one()


def opened(browser: Browser, item: str) -> None:
    location = browser.post("/staff/columns/open", {"item": item}, status=303).location or ""
    assert location.endswith(f"/staff/columns/{item}")


def row(sheet: Sheet, item: str) -> str:
    return f"/staff/columns/rows/{change_of(sheet, item).id}"


@pytest.mark.parametrize("english", [False, True])
def test_items_that_wait_and_their_rows_in_both_languages(browser: Browser, school: Make, english: bool) -> None:
    passed(school, "phone", "id_number", "ethnic_group", "birthplace_code")
    if english:
        browser.english()
    page = browser.get("/staff/columns")
    assert len(page.all("tbody tr")) == 4
    assert len(page.all("tbody form")) == 3, "key data go by application"
    for item in ("phone", "ethnic_group", "birthplace_code"):
        opened(browser, item)
        assert len(browser.get(f"/staff/columns/{item}").all("form[data-row]")) == 1


def test_row_is_saved_and_shown_without_scripts(browser: Browser, school: Make) -> None:
    sheet = passed(school, "phone")
    opened(browser, "phone")
    version = change_of(sheet, "phone").version
    answer = browser.post(row(sheet, "phone"), {"do": "save", "value": "15400001234", "version": version}, status=303)
    assert (answer.location or "").endswith(f"/staff/columns/phone#r{change_of(sheet, 'phone').id.hex}")
    page = browser.get("/staff/columns/phone")
    assert page.all("form[data-row][data-outcome=accepted] input[value='15400001234']")


def test_wrong_value_stays_in_its_row_with_one_sentence(browser: Browser, school: Make) -> None:
    first, second = passed(school, "postcode"), passed(school, "postcode")
    opened(browser, "postcode")
    page = browser.post(row(first, "postcode"), {"value": "12345", "version": 1}, status=400)
    assert "邮政编码要 6 位，这里只有 5 位。" in page.text
    assert page.all("form[data-outcome=wrong] input[data-value][value='12345'][aria-invalid=true]")
    assert len(page.all("form[data-row]")) == 2
    assert change_of(second, "postcode").outcome == "open"


def test_only_the_row_comes_back_to_the_script(browser: Browser, school: Make) -> None:
    sheet = passed(school, "phone")
    opened(browser, "phone")
    data = {"value": "15400001234", "version": 1}
    part = browser.post(row(sheet, "phone"), data, status=200, part=True)
    assert len(part.all("[data-row]")) == 1
    assert "<html" not in part.html


def test_row_somebody_else_has_keeps_what_was_typed(browser: Browser, school: Make) -> None:
    sheet = passed(school, "phone")
    opened(browser, "phone")
    school.user(Role.OPERATOR, school.school(), "second")
    browser.sign_in("second", PASSWORD)
    assert "面前有 1 处" in browser.get("/staff/columns/phone").text
    data = {"value": "15400001234", "version": 1}
    part = browser.post(row(sheet, "phone"), data, status=409, part=True)
    assert "正在录这一处" in part.text
    assert part.all("input[data-value][value='15400001234']")


def test_empty_speck_unclear_and_undo(browser: Browser, school: Make) -> None:
    sheet = passed(school, "phone", "postcode")
    opened(browser, "phone")
    gone = row(sheet, "phone")
    browser.post(gone, {"do": "nothing", "version": 1, "item": "phone"}, status=303)
    assert db.session.query(Change).filter_by(sheet_id=sheet.id, item="phone").count() == 0
    browser.post(gone, {"do": "undo", "item": "phone"}, status=303)
    assert change_of(sheet, "phone").outcome == "open"
    browser.post(row(sheet, "postcode"), {"do": "unclear", "version": 1}, status=303)
    assert change_of(sheet, "postcode").outcome == "unclear"
    assert "看不清，等家长回话" in browser.get("/staff/columns/postcode").text


def test_done_sheets_are_handed_on_with_one_press(browser: Browser, school: Make) -> None:
    sheet = school.sheet(SheetState.ISSUED, school.pupil())
    arrive(sheet, leaf_of(sheet), written=("phone",))
    sheet.state = SheetState.PASSED
    db.session.commit()
    opened(browser, "phone")
    version = change_of(sheet, "phone").version
    browser.post(row(sheet, "phone"), {"value": "15400001234", "version": version}, status=303)
    assert "1 张表录完了" in browser.get("/staff/columns/phone").text
    browser.post("/staff/columns/finish", {"item": "phone"}, status=303)
    assert db.session.get_one(Sheet, sheet.id).state == SheetState.ENTERED


@pytest.mark.parametrize(
    ("item", "typed", "stored"),
    [
        ("ethnic_group", "02", "02"),
        ("birthplace_code", "990101", "990101000000"),
        ("birthplace_code", "990101 试验省试验市试验一区", "990101000000"),
        ("id_valid_period", "2020.1.5-2030.1.5", "20200105-20300105"),
        ("id_valid_period", "2020010520300105", "20200105-20300105"),
    ],
)
def test_each_widget_means_what_is_stored(browser: Browser, school: Make, item: str, typed: str, stored: str) -> None:
    sheet = passed(school, item)
    opened(browser, item)
    browser.post(row(sheet, item), {"value": typed, "version": 1}, status=303)
    assert change_of(sheet, item).values["entered"] == stored


@pytest.mark.parametrize(("typed", "code"), [("990101", "990101"), ("试验一区", "990101"), ("syyq", "990101")])
def test_places_are_found_by_digits_names_and_letters(browser: Browser, school: Make, typed: str, code: str) -> None:
    page = browser.post("/staff/columns/places", {"q": typed}, status=200, part=True)
    assert f"<b>{code}</b>" in page.html


def test_letters_of_every_code_are_known(browser: Browser, school: Make) -> None:
    passed(school, "ethnic_group")
    opened(browser, "ethnic_group")
    page = browser.get("/staff/columns/ethnic_group")
    assert page.all("option[value='03'][data-keys^='huizu hz']")
