"""Files for the registry on the screen: made, fetched, the receipt noted, refused and made again (12)."""

from __future__ import annotations

import pytest

from portal.models import Sheet, User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.readings import new_change
from tests.exported import by_browser
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page

ALL = "/staff/change-files"


@pytest.fixture
def registrar(browser: Browser, make: Make) -> User:
    make.round()
    user = make.user(Role.REGISTRAR, make.school())
    browser.sign_in(user.login, PASSWORD)
    return user


@pytest.fixture
def verified(make: Make) -> Sheet:
    return sheet_with(make, "15400001234", SheetState.VERIFIED)


def sheet_with(make: Make, phone: str, state: SheetState) -> Sheet:
    sheet = make.sheet(state)
    change = new_change(sheet, "phone")
    change.values, change.outcome, change.entered_at = change.values | {"entered": phone}, "accepted", now()
    db.session.commit()
    return sheet


def step_of(browser: Browser) -> str:
    found = [li for li in browser.get("/staff/round").all("ol.steps li") if "交给学籍系统" in li.get_text()]
    return f"{found[0]['class'][1]} {found[0].get_text(' ', strip=True)}"


def made(browser: Browser) -> tuple[str, Page]:
    address = browser.post(ALL).location or ""
    return address, browser.get(address)


def copy_of(browser: Browser, address: str) -> bytes:
    """A copy of the file, as its export hands it over."""
    return by_browser(browser, browser.post(f"{address}/content").location or "")


def test_the_whole_way_of_a_file(browser: Browser, registrar: User, verified: Sheet, make: Make) -> None:
    sheet_with(make, "15400005678", SheetState.ENTERED)
    assert "1 项改动还没有交" in step_of(browser)
    page = browser.get(ALL)
    assert "1 项改动可以交" in page.text
    assert "还有 1 项录好了，等校领导核实" in page.text
    assert "15400001234" in page.text
    assert verified.pupil.record["name"] not in page.text
    address, page = made(browser)
    assert page.h1 == "第 1 份文件"
    assert "等学籍系统的回执" in step_of(browser)
    assert copy_of(browser, address)[:2] == b"PK"
    version = page.all("input[name=version]")[0]["value"]
    browser.post(f"{address}/taken", {"receipt": "批次 0017", "version": version})
    page = browser.get(address)
    assert "批次 0017" in page.text
    assert not page.all("input[name=receipt]")
    assert step_of(browser).startswith("done")


def test_what_is_missing_or_too_late_is_said_and_what_was_typed_stays(
    browser: Browser, registrar: User, verified: Sheet
) -> None:
    address, page = made(browser)
    version = page.all("input[name=version]")[0]["value"]
    empty = browser.post(f"{address}/taken", {"receipt": " ", "version": version}, status=400)
    assert empty.all("#receipt-error")
    assert browser.post(f"{address}/refused", {"version": version}, status=400).all("#reason-error")
    for stale in ("0", "x", "9" * 30):
        late = browser.post(f"{address}/taken", {"receipt": "批次 0017", "version": stale}, status=409)
        assert late.all("#receipt")[0]["value"] == "批次 0017"
    assert "刚才有了变化" in late.text


def test_a_refused_file_is_kept_and_its_changes_come_again(browser: Browser, registrar: User, verified: Sheet) -> None:
    address, page = made(browser)
    version = page.all("input[name=version]")[0]["value"]
    browser.post(f"{address}/refused", {"reason": "第 1 行学籍号不对", "version": version})
    page = browser.get(ALL)
    assert "1 项改动可以交" in page.text
    assert "学籍系统没有收" in page.text
    assert made(browser)[1].h1 == "第 2 份文件"
    page = browser.get(address)
    assert "第 1 行学籍号不对" in page.text
    assert "已经进了后来的文件" in page.text
    assert copy_of(browser, address)[:2] == b"PK"


def test_with_nothing_due_there_is_no_button_and_no_file(browser: Browser, registrar: User) -> None:
    page = browser.get(ALL)
    assert not page.all("main .button.main")
    assert "都已经在文件里了" in browser.post(ALL, status=409).text


def test_in_english(browser: Browser, registrar: User, verified: Sheet) -> None:
    browser.english()
    browser.get(ALL)
    _, page = made(browser)
    assert page.h1 == "File 1"
