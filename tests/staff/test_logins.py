"""Logins of class teachers through the browser (C1-C4, R98)."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from sqlalchemy import select

from portal.models import User, db
from portal.rules.roles import Role
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.press import unlock


@pytest.fixture
def registrar(browser: Browser, make: Make) -> User:
    """Signed in at an unlocked school of two classes."""
    make.window()
    make.class_()
    make.class_(code="2020107", name="六年级（7）班")
    user = make.user(Role.REGISTRAR, make.school())
    browser.sign_in(user.login, PASSWORD)
    unlock(make, user.home_id, user.id)
    return user


def test_from_names_to_slips_to_the_first_sign_in(browser: Browser, registrar: User, make: Make) -> None:
    """R98: first login -> password form, after the change -> class page; never the class page first."""
    page = browser.get("/staff/logins")
    fields = [str(i["name"]) for i in page.all("input[name^=name-]")]
    assert len(fields) == 2
    browser.post("/staff/logins", {fields[0]: "王班主", fields[1]: ""})
    page = browser.get("/staff/logins")
    assert "000001-2020106" in page.text
    assert "1 个班还没有填班主任" in page.text
    pdf = browser.post("/staff/login-slips", status=200).answer
    assert pdf.content_type == "application/pdf"
    text = pypdfium2.PdfDocument(io.BytesIO(pdf.data))[0].get_textpage().get_text_range()
    teacher = db.session.scalars(select(User).where(User.login == "000001-2020106")).one()
    first = teacher.first_password
    assert "000001-2020106" in text
    assert first in text
    db.session.rollback()
    browser.post("/sign-out")
    assert browser.sign_in("000001-2020106", first).location == "/password"
    assert browser.get("/class", status=302).location == "/password"
    browser.post("/password", {"old": first, "new": first}, status=400)
    browser.post("/password", {"old": first, "new": "seven green lamps"})
    browser.get("/", status=302)


def test_resetting_gives_a_new_slip(browser: Browser, registrar: User, make: Make) -> None:
    class_id = make.class_().id
    browser.post("/staff/logins", {f"name-{class_id.hex}": "王班主"})
    before = db.session.scalars(select(User).where(User.login == "000001-2020106")).one().first_password
    browser.post(f"/staff/logins/{class_id}/reset")
    db.session.expire_all()
    after = db.session.scalars(select(User).where(User.login == "000001-2020106")).one().first_password
    assert after != before


def test_what_cannot_be_done_is_said_on_the_page(browser: Browser, registrar: User, make: Make) -> None:
    class_id = make.class_().id
    page = browser.post("/staff/logins", {f"name-{class_id.hex}": "长" * 41}, status=400)
    assert "最多 40 个字" in page.text
    assert page.all(f"#name-{class_id.hex}")[0]["value"] == "长" * 41, "what was typed stays"
    assert "没有要打印的登录条" in browser.post("/staff/login-slips", status=400).text
    browser.post(f"/staff/logins/{class_id}/reset", status=400)


def test_other_schools_and_garbage_do_not_exist(browser: Browser, registrar: User, make: Make) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    browser.post("/staff/logins", {f"name-{other.id.hex}": "王"}, status=404)
    browser.post(f"/staff/logins/{other.id}/reset", status=404)
    browser.post("/staff/login-slips", {"class": other.id.hex}, status=404)
    browser.post("/staff/logins", {"name-x": "王"})
    assert db.session.scalars(select(User).where(User.login.like("%-2020106"))).all() == []


def test_in_english(browser: Browser, registrar: User, make: Make) -> None:
    browser.english()
    browser.get("/staff/logins")
    browser.post("/staff/logins", {f"name-{make.class_().id.hex}": "王班主"})
    browser.get("/staff/logins")
    browser.post("/staff/logins", {f"name-{make.class_().id.hex}": "长" * 41}, status=400)
