"""A claimed family at the kitchen table: from home through the check of its data, with and without scripts."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from portal.models import Change, Evidence, GroupCheck, db
from portal.rules.check_groups import GROUPS
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make

pytestmark = pytest.mark.journey

MOST_TAPS = 8
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


class Thumb:
    """Taps and counts."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()


@pytest.fixture
def at_home(make: Make, opened: Callable[..., Page]) -> Callable[[bool], Page]:
    """The home of a family that has signed in, on a phone 360 px wide."""
    user = make.guardian(make.sheet(SheetState.ISSUED, make.pupil(name="林小试")).pupil)
    phone = user.phone or ""
    db.session.remove()  # nothing of the test keeps the server from writing

    def open_(scripts: bool) -> Page:
        page = opened("phone", scripts=scripts)
        page.goto("/sign-in")
        page.locator("#login").fill(phone)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/home*")
        return page

    return open_


def typed() -> dict[str, str]:
    found = {change.item: change.values["typed"] for change in db.session.scalars(select(Change))}
    db.session.remove()
    return found


def count(model: type) -> int:
    found = len(list(db.session.scalars(select(model))))
    db.session.remove()
    return found


@SCRIPTS
def test_an_unchanged_child_takes_no_more_than_eight_taps(
    at_home: Callable[[bool], Page], shot: Callable[[Page, str], None], scripts: bool
) -> None:
    page, thumb = at_home(scripts), Thumb()
    thumb.tap(page.locator("a[href$='/check']").first)
    for number, one in enumerate(GROUPS, 1):
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"第 {number} 组")
        if number == 3:
            shot(page, f"p2-check-{'scripts' if scripts else 'plain'}")
        thumb.tap(page.get_by_role("button", name="都没错"))
        page.wait_for_url(lambda address, code=one.code: not address.endswith(f"/{code}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("核对完了")
    thumb.tap(page.get_by_role("link", name="好了"))
    page.wait_for_url("**/home/*")
    assert thumb.taps <= MOST_TAPS
    assert count(GroupCheck) == len(GROUPS)
    assert typed() == {}


def change(page: Page, item: str, fill: Callable[[Locator], None]) -> None:
    """Open an item, fill its input, save."""
    row = page.locator(f"#row-{item}")
    row.get_by_text("改", exact=False).first.click()
    expect(page.locator(f"#in-{item}")).to_be_visible()
    fill(row)
    row.get_by_role("button", name="保存").click()


@SCRIPTS
def test_three_changes_one_wrong_first_and_a_document(
    at_home: Callable[[bool], Page], shot: Callable[[Page, str], None], tmp_path: Path, scripts: bool
) -> None:
    page = at_home(scripts)
    page.locator("a[href$='/check']").first.click()
    change(page, "name", lambda row: row.locator("input[name='name.value']").fill("林小验"))
    expect(page.locator("#row-name .chip")).to_have_text("您改的")
    _photograph(page, tmp_path, scripts)
    page.get_by_role("button", name="其余都没错").click()
    page.wait_for_url("**/check/auxiliary")
    page.get_by_role("button", name="都没错").click()
    page.wait_for_url("**/check/contact")
    change(page, "phone", lambda row: row.locator("input[name='phone.value']").fill("1540000"))
    expect(page.locator("#row-phone .error")).to_contain_text("11 位")
    shot(page, f"p2-check-wrong-{'scripts' if scripts else 'plain'}")
    page.locator("#f-phone").fill("154 0000 1234")
    page.locator("#row-phone").get_by_role("button", name="保存").click()
    expect(page.locator("#row-phone .chip")).to_be_visible()
    change(page, "attendance_way", lambda row: row.get_by_label("住校").check())
    expect(page.locator("#row-attendance_way .chip")).to_be_visible()
    assert typed() == {"name": "林小验", "phone": "15400001234", "attendance_way": "2"}
    page.get_by_role("link", name="看改了哪些").click()
    page.wait_for_url("**/check/done")
    assert page.locator(".copy-out").all_inner_texts() == ["林小验", "住校", "15400001234"]
    shot(page, f"p2-check-done-{'scripts' if scripts else 'plain'}")


def _photograph(page: Page, folder: Path, scripts: bool) -> None:
    """The photo of the household booklet that the new name needs."""
    picture, out = folder / "booklet.jpg", io.BytesIO()
    Image.new("RGB", (1600, 1100), (200, 190, 170)).save(out, "JPEG")
    picture.write_bytes(out.getvalue())
    page.locator("#row-name").get_by_role("link", name="拍证件").click()
    page.locator("input[type=file]").set_input_files(picture)
    if not scripts:
        page.get_by_role("button", name="送出").click()
    expect(page.get_by_role("heading", name="已经收到")).to_be_visible(timeout=20_000)
    assert count(Evidence) == 1
    page.get_by_role("link", name="接着核对").click()
    page.wait_for_url("**/check/basic*")
