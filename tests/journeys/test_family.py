"""Both ways of a family in a real browser: just the photo in three taps, or a claimed account; also without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.models import Photo, RegistrationCode, Sheet, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import printed_codes
from tests.journeys import people
from tests.make import PASSWORD, Make
from tests.photographs import leaf_of, link_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
LATER_PAGE = 15_000


class Taps:
    """A family's thumb: counts what it touches."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, name: str, role: str = "link") -> None:
        self.count += 1
        self.page.get_by_role(role, name=re.compile(name)).first.tap()  # type: ignore[arg-type]

    def choose(self, name: str, photo: Path) -> None:
        """Press what opens the camera and take the picture: two taps."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(name)
        self.count += 1
        chooser.value.set_files(photo)


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


@pytest.fixture
def code(sheet: Sheet) -> str:
    made = printed_codes.make_code(sheet)
    db.session.commit()
    return made.code


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.effect_noise((900, 1200), 40).save(path, quality=80)
    return path


def test_without_an_account_three_taps_from_the_code_to_the_receipt(
    opened: Opened, sheet: Sheet, photo: Path, shot: Shot
) -> None:
    door = f"/S/{link_of(leaf_of(sheet))}"
    db.session.remove()
    phone = opened("phone")
    phone.goto(door)
    shot(phone, "family-landing-360")
    thumb = Taps(phone)
    thumb.choose("拍下签好字的纸表", photo)
    expect(phone.get_by_text("回执号")).to_be_visible(timeout=20_000)
    assert thumb.count <= 3
    plain = opened("phone", scripts=False)
    plain.goto(door)
    thumb = Taps(plain)
    thumb.tap("拍下签好字的纸表")
    plain.locator("input[type=file]").set_input_files(photo)
    thumb.count += 1
    thumb.tap("送出", "button")
    expect(plain.get_by_text("回执号")).to_be_visible(timeout=20_000)
    assert thumb.count <= 3


def claim(page: Page, last: str, phone: str) -> None:
    page.get_by_label("孩子身份证号的后 4 位").fill(last)
    page.get_by_label("您是孩子的").select_option("母亲")
    page.get_by_label("您的手机号").fill(phone)
    page.get_by_label("定一个密码").fill(PASSWORD)
    page.get_by_label(re.compile("我是孩子的监护人")).check()
    page.get_by_role("button", name="注册").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_code_of_page_2_to_the_own_home(
    opened: Opened, sheet: Sheet, code: str, photo: Path, shot: Shot, scripts: bool
) -> None:
    last = sheet.pupil.record["id_number"][-4:]
    db.session.remove()
    phone, weight = opened("phone", scripts=scripts), []
    phone.goto(f"/r#{code}")
    if not scripts:
        phone.get_by_label("注册码", exact=True).fill(code)
    phone.get_by_role("button", name="下一步").click()
    shot(phone, "family-two-ways-360")
    phone.on("response", lambda answer: weight.append(_size(answer)))
    phone.get_by_role("link", name=re.compile("先在手机上核对资料")).click()
    expect(phone.get_by_label("您的手机号")).to_be_visible()
    assert 0 < sum(weight) <= LATER_PAGE
    shot(phone, "family-claim-360")
    claim(phone, "zzzz", "15400000055")
    expect(phone.locator("#answer-error")).to_be_visible(timeout=20_000)
    shot(phone, "family-claim-wrong-360")
    weight.clear()
    claim(phone, last, "15400000055")
    expect(phone.locator("h1")).to_have_text("林＊试", timeout=20_000)
    assert 0 < sum(weight) <= LATER_PAGE
    shot(phone, "family-home-360")
    assert code not in phone.url
    phone.get_by_role("link", name="拍照交表").click()
    people.send_photo(phone, photo)
    sent = db.session.query(Photo).one()
    assert (sent.source, sent.by_id is not None) == ("parent", True)
    db.session.remove()  # this thread must not keep the server from writing
    phone.goto("/home")
    phone.get_by_role("button", name="退出").click()
    people.sign_in(phone, "154 0000 0055")
    expect(phone.locator("h1")).to_have_text("林＊试", timeout=20_000)


def _size(answer: object) -> int:
    sizes = answer.request.sizes()  # type: ignore[attr-defined]
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def test_the_second_guardian_waits_for_the_teacher_who_also_helps_with_a_password(
    make: Make, opened: Opened, sheet: Sheet, code: str, shot: Shot
) -> None:
    first, last, sheet_id = make.guardian(sheet.pupil), sheet.pupil.record["id_number"][-4:], sheet.id
    teacher_login, first_phone = make.user(Role.TEACHER, sheet.class_).login, first.phone
    db.session.query(RegistrationCode).one().claimed_at = sheet.updated_at
    db.session.commit()
    db.session.remove()
    father = opened("phone")
    father.goto(f"/r#{code}")
    father.get_by_role("button", name="下一步").click()
    father.get_by_role("link", name=re.compile("先在手机上核对资料")).click()
    claim(father, last, "15400000066")
    expect(father.locator("main")).to_contain_text("等班主任同意", timeout=20_000)
    shot(father, "family-waiting-360")
    teacher = opened("phone")
    people.sign_in(teacher, teacher_login)
    teacher.get_by_role("link", name=re.compile("等您同意")).click()
    shot(teacher, "teacher-requests-360")
    teacher.get_by_role("button", name="同意", exact=True).click()
    expect(teacher.locator("main")).to_contain_text("现在没有人在等", timeout=20_000)
    father.reload()
    expect(father.locator("ol.steps")).to_be_visible(timeout=20_000)
    teacher.goto(f"/class/sheet/{sheet_id}/family")
    shot(teacher, "teacher-family-360")
    teacher.get_by_text("忘了密码，帮一下").first.click()
    teacher.get_by_role("button", name="给一个临时密码").first.click()
    password = teacher.locator(".receipt").inner_text()
    shot(teacher, "teacher-family-password-360")
    mother = opened("phone")
    people.sign_in(mother, first_phone, password)
    people.choose_password(mother, password, "blue elephant 7")
    expect(mother.locator("h1")).to_have_text("林＊试", timeout=20_000)
