"""Typed X, wrote Y: the family is told on the page after the photo, writes it, photographs again, leaves the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.models import Change, Sheet, db
from portal.rules.workflow import SheetState
from portal.services import photos
from tests.journeys import people
from tests.make import PASSWORD, Make
from tests.paper.photographed import scan
from tests.paper.workshop import press, write_on
from tests.photographs import leaf_of

pytestmark = pytest.mark.journey

NEW_PHONE, NEW_POSTCODE = "15400001234", "999000"


def papers(sheet: Sheet, folder: Path) -> list[Path]:
    """The signed sheet with a postcode on it, and again with the telephone number too."""
    front, _back = next(iter(press.pages([leaf_of(sheet).number], photos.paper_key(), people.DPI)))
    paths = []
    for n, writing in enumerate(({"postcode": NEW_POSTCODE}, {"postcode": NEW_POSTCODE, "phone": NEW_PHONE})):
        paths.append(folder / f"{n}.jpg")
        paths[-1].write_bytes(scan(write_on(front.copy(), 3 + n, writing, True)))
    return paths


def type_the_telephone(page: Page) -> None:
    """On the phone: a new number, and the rest of its group is right."""
    page.goto(page.url.split("/home")[0] + "/home")
    page.locator("a[href$='/check']").first.click()
    for following in ("auxiliary", "contact"):
        page.get_by_role("button", name="都没错").click()
        page.wait_for_url(f"**/check/{following}")
    page.locator("#row-phone").get_by_text("改", exact=False).first.click()
    page.locator("#f-phone").fill(NEW_PHONE)
    page.locator("#row-phone").get_by_role("button", name="保存").click()
    expect(page.locator("#row-phone .chip")).to_be_visible()
    page.get_by_role("button", name="其余都没错").click()
    page.wait_for_url("**/check/extended")


def test_typed_but_not_written_is_told_at_once_and_put_right(
    make: Make, opened: Callable[..., Page], shot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
    first, second = papers(sheet, tmp_path)
    login = make.guardian(sheet.pupil).phone or ""
    db.session.remove()  # nothing of the test keeps the server from writing
    page = opened("phone")
    people.sign_in(page, login, PASSWORD)
    page.wait_for_url("**/home*")
    type_the_telephone(page)
    page.goto("/home")
    page.get_by_role("link", name="拍照交表").click()
    people.send_photo(page, first)
    expect(page.get_by_role("heading", name="纸上和手机上有 2 处不一样")).to_be_visible(timeout=20_000)
    expect(page.locator("[aria-labelledby=differs]")).to_contain_text(NEW_PHONE)
    expect(page.get_by_text("纸上写了，手机上说没有错")).to_be_visible()
    shot(page, "agreeing-answer-360")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="写到纸上，再拍一张").click()
    chooser.value.set_files(second)
    expect(page.get_by_role("heading", name="纸上和手机上有 1 处不一样")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="就按纸上的").click()
    page.wait_for_url("**/home/*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[aria-labelledby=differs]")).to_have_count(0)
    kept = {change.item: change.values for change in db.session.query(Change)}
    assert (kept["phone"]["typed"], bool(kept["postcode"].get("typed"))) == (NEW_PHONE, False)
    assert kept["postcode"]["left"].startswith("said_right:")
    db.session.remove()
