"""What photo.js adds in a real browser: camera at once, a smaller picture, nothing lost in a cut, no code left."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from portal.models import Photo, Sheet, db
from portal.rules.workflow import SheetState
from portal.services import photos, printed_codes
from tests.make import Make
from tests.photographs import leaf_of, link_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
FIRST_PAGE, LATER_PAGE = 60_000, 15_000


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


@pytest.fixture
def door(sheet: Sheet) -> str:
    link = link_of(leaf_of(sheet))
    db.session.remove()
    return f"/s/{link}"


@pytest.fixture
def big_photo(tmp_path: Path) -> Path:
    """A photo of 12 megapixels that shows no sheet."""
    path = tmp_path / "big.jpg"
    Image.effect_noise((1000, 750), 40).resize((4000, 3000)).save(path, quality=85)
    return path


def choose(page: Page, photo: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("a.button.main").click()
    chooser.value.set_files(photo)


def test_a_cut_loses_nothing_and_sends_it_once(opened: Opened, door: str, big_photo: Path) -> None:
    phone = opened("phone")
    phone.goto(door)
    phone.context.set_offline(True)
    choose(phone, big_photo)
    expect(phone.get_by_text("还没有送到")).to_be_visible()
    expect(phone.get_by_role("button", name="再送一次")).to_be_visible()
    assert phone.locator("a.button.main:visible").count() == 0
    phone.context.set_offline(False)
    phone.wait_for_url("**/photo/*")
    stored = db.session.query(Photo).one()
    data = photos.content_of(stored.address, stored.school_id, stored.round_id)
    assert max(Image.open(io.BytesIO(data)).size) == 2400
    assert len(data) < big_photo.stat().st_size
    assert kept(phone) == 0, "nothing stays in the browser once there is a receipt"


def test_a_photo_outlives_its_page_and_a_busy_server(opened: Opened, door: str, big_photo: Path) -> None:
    phone, answers = opened("phone"), iter([503, 429])

    def busy(route: Route) -> None:
        status = next(answers, None)
        if route.request.method != "POST" or status is None:
            route.continue_()
        else:
            route.fulfill(status=status, body="<p class=notice>busy</p>")

    phone.goto(door)
    phone.route("**/photo", busy)
    choose(phone, big_photo)
    expect(phone.get_by_text("还没有送到")).to_be_visible()
    assert kept(phone) == 1
    phone.goto("about:blank")
    phone.goto(door)
    expect(phone.get_by_text("还没有送到")).to_be_visible()
    phone.get_by_role("button", name="再送一次").click()
    phone.wait_for_url("**/photo/*")
    assert db.session.query(Photo).count() == 1
    assert kept(phone) == 0


def kept(phone: Page) -> int:
    """How many photos the browser keeps for itself."""
    return phone.evaluate(
        """() => new Promise((done) => {
          const asked = indexedDB.open("unsent", 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
          asked.onsuccess = () => {
            const counted = asked.result.transaction("photos").objectStore("photos").count();
            counted.onsuccess = () => { asked.result.close(); done(counted.result); };
          };
        })"""
    )


def test_a_refusal_is_told_beside_the_button(opened: Opened, door: str, tmp_path: Path) -> None:
    pdf = tmp_path / "a.jpg"
    pdf.write_bytes(b"%PDF-1.7\n")
    phone = opened("phone")
    phone.goto(door)
    choose(phone, pdf)
    expect(phone.locator("[data-words]")).to_contain_text("PDF")
    expect(phone.get_by_role("button", name="再拍一张")).to_be_visible()


def test_the_code_fills_its_field_and_leaves_the_address_bar(opened: Opened, sheet: Sheet) -> None:
    code = printed_codes.make_code(sheet).code
    db.session.commit()
    phone = opened("phone")
    phone.goto(f"/r#{code}")
    expect(phone.get_by_label("注册码", exact=True)).to_have_value(code)
    assert "#" not in phone.url
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator("h1")).to_have_text("林＊试")
    assert code not in phone.url


def test_the_familys_pages_are_light(opened: Opened, door: str, big_photo: Path) -> None:
    phone, weight = opened("phone"), []
    phone.on("response", lambda answer: weight.append(sum(_sizes(answer))))
    phone.goto(door, wait_until="networkidle")
    assert 0 < sum(weight) <= FIRST_PAGE
    weight.clear()
    choose(phone, big_photo)
    phone.wait_for_url("**/photo/*", wait_until="networkidle")
    assert 0 < sum(weight) <= LATER_PAGE


def _sizes(answer: object) -> tuple[int, int]:
    sizes = answer.request.sizes()  # type: ignore[attr-defined]
    return sizes["responseHeadersSize"], sizes["responseBodySize"]
