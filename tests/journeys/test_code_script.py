"""What code.js adds in a real browser: slips told at once, work done while typing, and the same without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from portal.models import Try, db
from portal.rules.numbers import grouped, with_check
from portal.rules.workflow import SheetState
from portal.services import printed_codes, slowing
from tests.make import Make

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
HERE = "127.0.0.1"
NEXT = "main form button[type=submit]"


@pytest.fixture
def code(make: Make) -> str:
    made = printed_codes.make_code(make.sheet(SheetState.ISSUED, make.pupil(name="林小试")))
    db.session.commit()
    text = made.code
    db.session.remove()
    return text


def heat(wrong: int = 60) -> None:
    """Somebody at this address guesses."""
    db.session.add_all([Try(kind="address", bucket=slowing._bucket("address", HERE)) for _ in range(wrong)])
    db.session.commit()
    db.session.remove()


def test_slips_are_told_before_anything_is_sent(opened: Opened, code: str) -> None:
    phone, sent = opened("phone"), []
    phone.goto("/r")
    phone.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    for typed, words in (
        (code[:-1], "15 位"),
        ("D" + code[1:9], "学校的下载码"),
        ("K" + code[1:], "以 R 开头"),
        (code[:-1] + "U", "没有“U”"),
        (code[:5] + code[6] + code[5] + code[7:] if code[5] != code[6] else code[:5] + "7" + code[6:], "抄错"),
    ):
        phone.locator("#code").fill(typed)
        phone.locator(NEXT).click()
        expect(phone.locator("#code-slip")).to_contain_text(words)
        expect(phone.locator("#code")).to_be_focused()
    assert sent == []
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in grouped(code).lower().replace("0", "o"))
    phone.locator("#code").fill(wide)
    phone.locator(NEXT).click()
    expect(phone.locator("h1")).to_have_text("林＊试")


def test_the_work_is_done_while_the_family_types(opened: Opened, code: str) -> None:
    heat()
    phone, posts = opened("phone"), list[Request]()
    phone.goto(f"/r#{code}")
    phone.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    expect(phone.locator("[name=work]")).not_to_have_value("", timeout=60_000)
    phone.locator(NEXT).click()
    expect(phone.locator("h1")).to_have_text("林＊试")
    assert len(posts) == 1


def test_who_is_faster_than_the_work_waits_in_words_and_goes_on(opened: Opened, code: str) -> None:
    phone = opened("phone")
    phone.goto("/r")
    heat(200)  # four times the work, and the page does not know yet
    phone.locator("#code").fill(code)
    phone.locator(NEXT).click()
    expect(phone.locator("h1")).to_have_text(re.compile("请等几秒|林＊试"))
    expect(phone.locator("h1")).to_have_text("林＊试", timeout=60_000)


def test_without_scripts_the_way_on_is_there_after_five_seconds(opened: Opened, code: str) -> None:
    phone = opened("phone", scripts=False)
    phone.goto("/r")
    heat()
    phone.locator("#code").fill(code)
    phone.locator(NEXT).click()
    expect(phone.get_by_text("数到 5")).to_be_visible()
    expect(phone.locator("#code")).to_have_value(code)
    expect(phone.locator(NEXT)).to_be_hidden()
    expect(phone.locator(NEXT)).to_be_visible(timeout=7_000)
    phone.locator(NEXT).click()
    expect(phone.locator("h1")).to_have_text("林＊试")


def test_a_whole_code_that_nobody_has_is_the_servers_to_judge(opened: Opened) -> None:
    phone = opened("phone")
    phone.goto("/r")
    phone.locator("#code").fill(with_check("R" + "0" * 14))
    phone.locator(NEXT).click()
    expect(phone.locator("#code-error")).to_contain_text("没有这个注册码")
