"""The way in, the forced first change, language and large type, and what an error looks like."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.models import SignIn, db
from portal.rules.roles import Role
from portal.services import accounts
from portal.web.guard import safe_next
from tests.make import PASSWORD, Make
from tests.pages import Browser


def test_home_leads_families_and_staff(browser: Browser) -> None:
    links = browser.get("/").links()
    assert "/r" in links
    assert "/sign-in" in links


def test_signing_in_leads_to_the_own_first_page(browser: Browser, make: Make) -> None:
    make.round()
    user = make.user(Role.REGISTRAR, make.county())
    assert browser.sign_in(user.login, PASSWORD).location == "/staff/figures"
    assert browser.get("/staff/figures").h1


def test_wrong_password_is_told_and_the_login_kept(browser: Browser, make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.county())
    page = browser.post("/sign-in", {"login": user.login, "password": "no"}, status=400)
    assert "账号或密码不对" in page.text
    assert page.all(f"input[name=login][value='{user.login}']")


def test_zero_byte_is_no_failure(browser: Browser) -> None:
    """PostgreSQL takes none in a text; the answer is an answer all the same."""
    assert browser.post("/sign-in", {"login": "a\0b", "password": "x"}, status=400).h1


def test_page_behind_the_sign_in_comes_after_it(browser: Browser, make: Make) -> None:
    make.round()
    user = make.user(Role.REGISTRAR, make.county())
    page = browser.get("/staff/windows", status=302)
    assert page.location == "/sign-in?next=/staff/windows"
    assert browser.post(page.location, {"login": user.login, "password": PASSWORD}).location == "/staff/windows"


def test_htmx_is_sent_to_the_sign_in_as_a_page(browser: Browser) -> None:
    page = browser.get("/staff/figures", part=True)
    assert page.location.startswith("/sign-in")


def test_nothing_but_the_password_form_before_the_first_change(browser: Browser, make: Make) -> None:
    """R98"""
    make.round()
    county = make.county()
    user = accounts.make_user(county, "new", "新来的", Role.REGISTRAR, county)
    db.session.commit()
    first = user.first_password
    assert browser.sign_in("new", first).location == "/password"
    assert browser.get("/staff/figures", status=302).location == "/password"
    assert browser.post("/password", {"old": first, "new": "four loud geese"}).location == "/"
    assert browser.get("/staff/figures").status == 200


def test_signing_out_ends_the_sign_in(browser: Browser, make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.county())
    browser.sign_in(user.login, PASSWORD)
    page = browser.post("/sign-out")
    assert "storage" in page.answer.headers["Clear-Site-Data"]
    assert browser.get("/staff/figures", status=302).location.startswith("/sign-in")


def test_language_stays_on_the_page(browser: Browser) -> None:
    assert browser.post("/language", {"to": "en", "next": "/sign-in"}).location == "/sign-in"
    assert "Sign in" in browser.get("/sign-in").text


def test_large_type_is_remembered(browser: Browser) -> None:
    browser.post("/large", {"to": "large", "next": "/"})
    assert browser.get("/").all("html.large")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
     "http:evil.example",
     "javascript:alert(1)", "/ok\r\nSet-Cookie: a=b", "", "x" * 600, "/" + "x" * 600],
)  # fmt: skip
def test_next_never_leaves_the_site(target: str) -> None:
    """sec-A20"""
    assert safe_next(target) is None


@pytest.mark.parametrize("address", ["/", "/sign-in", "/wrong", "/health", "/nothing-here", "/r"])
def test_security_headers_are_on_every_answer(app: Flask, address: str) -> None:
    """sec 2.7"""
    headers = app.test_client().get(address).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "data:" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_unknown_page_says_what_to_do(browser: Browser) -> None:
    page = browser.get("/nothing-here", status=404)
    assert "没有找到这一页" in page.h1


def test_every_change_needs_its_token(app: Flask, make: Make) -> None:
    """sec-A12: no state changes without the token of the page."""
    app.config["WTF_CSRF_ENABLED"] = True
    user = make.user(Role.REGISTRAR, make.school())
    answer = app.test_client().post("/sign-in", data={"login": user.login, "password": PASSWORD})
    assert answer.status_code == 400
    assert db.session.query(SignIn).count() == 0


def test_slow_account_is_told_for_how_long(browser: Browser, make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.county())
    for _ in range(5):
        browser.post("/sign-in", {"login": user.login, "password": "no"}, status=400)
    assert "请过 1 分钟" in browser.post("/sign-in", {"login": user.login, "password": PASSWORD}, status=429).text
