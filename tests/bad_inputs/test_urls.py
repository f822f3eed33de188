"""Addresses, cookies and heads that no page makes end in an answer in words (sec 4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from portal import create_app
from portal.models import db
from portal.rules import divisions
from portal.rules.roles import Role
from portal.settings import Settings
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.standing import COMPILED

HOST = "xueji.example"
ADDRESSES = {
    "a slash twice": "//sign-in",
    "a dot": "/./sign-in",
    "a zero byte": "/s/%00",
    "upwards": "/%2e%2e/%2e%2e/etc/passwd",
    "upwards in a file": "/static/..%2f..%2fkeys.json",
    "a backslash": "/static/..%5c..%5ckeys.json",
    "no unicode": "/s/%ff%fe",
    "half a character": "/guide/%ed%a0%80",
    "100 kB": "/" + "a" * 100_000,
    "a line end": "/s/x%0d%0aSet-Cookie:%20a=b",
    "an absolute address": "http://evil.example/",
    "a query of 100 kB": "/sign-in?next=/" + "a" * 100_000,
    "ten thousand values": "/sign-in?" + "&".join(f"a{n}=1" for n in range(10_000)),
    "no unicode in the query": "/sign-in?next=%ff%fe&login=%00",
}


def asked(app: Flask, address: str, method: str = "GET", **heads: str) -> Response:
    """An answer to an address as it stands on the wire."""
    path, _, query = address.partition("?")
    builder = EnvironBuilder(path="/", method=method, query_string=query, headers=Headers(heads))
    environ = builder.get_environ()
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    environ["REQUEST_URI"] = environ["RAW_URI"] = address
    body, status, headers = run_wsgi_app(app.wsgi_app, environ)
    return Response(b"".join(body), status, headers)


@pytest.mark.parametrize("name", ADDRESSES)
def test_odd_addresses_are_answered_in_words(app: Flask, name: str) -> None:
    """sec-F4, sec-F5, sec-F17"""
    answer = asked(app, ADDRESSES[name])
    assert answer.status_code in (200, 308, 400, 404, 414)
    assert "Set-Cookie: a=b" not in str(answer.headers)
    assert "evil.example" not in answer.headers.get("Location", "")
    assert b"root:" not in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


COOKIES = {
    "16 kB": "portal=" + "a" * 16_000,
    "two hundred": "; ".join(f"c{n}=1" for n in range(200)),
    "signed by nobody": "portal=eyJ0b2tlbiI6ImEifQ.ZZZZZZ.AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "packed and broken": "portal=.eJwrSS0uAQAFwAHB",
    "twice": "portal=a; portal=b",
    "control characters": "portal=\x01\x02\x7f; \x03=\x04",
    "no unicode": "portal=\xff\xfe",
    "no value": "portal",
}


@pytest.mark.parametrize("name", COOKIES)
def test_broken_cookies_are_nobodys(app: Flask, name: str) -> None:
    """sec-F16"""
    page = asked(app, "/sign-in", Cookie=COOKIES[name])
    assert page.status_code == 200
    inside = asked(app, "/staff/round", Cookie=COOKIES[name])
    assert inside.status_code in (302, 303)
    assert "/sign-in" in inside.headers["Location"]


@pytest.fixture
def real(settings: Settings, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """As in production, behind a proxy, over the same database."""
    monkeypatch.setattr(divisions, "use", lambda _: None)
    made = create_app(replace(settings, https=True, trial=False, base_url=f"https://{HOST}"))
    made.jinja_env.bytecode_cache = COMPILED
    yield made
    ended(made)


def ended(made: Flask) -> None:
    """Nothing of an application of one's own is left open."""
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
    made.extensions["portal.readers"].close()


NAMED: tuple[tuple[dict[str, str], int], ...] = (
    ({"Host": HOST}, 200),
    ({"Host": f"{HOST}:443"}, 200),
    ({"Host": "evil.example"}, 400),
    ({"Host": f"{HOST}.evil.example"}, 400),
    ({"Host": f"{HOST}@evil.example"}, 400),
    ({"Host": HOST, "X-Forwarded-Host": "evil.example"}, 400),
    ({"Host": HOST, "X-Forwarded-Host": f"evil.example, {HOST}"}, 200),
    ({"Host": HOST, "X-Forwarded-Prefix": "//evil.example", "Forwarded": "host=evil.example"}, 200),
    ({"Host": HOST, "X-Original-URL": "/staff/round", "X-Rewrite-URL": "/staff/round"}, 200),
)


def test_only_the_own_name_is_answered(real: Flask) -> None:
    """sec-F14, sec-A19"""
    with real.app_context():
        for heads, status in NAMED:
            answer = asked(real, "/sign-in", **heads)
            assert answer.status_code == status, heads
            assert b"evil.example" not in answer.data, heads
            assert status == 200 or "网址" in answer.get_data(as_text=True)
            assert "max-age" in answer.headers["Strict-Transport-Security"], heads
            again = asked(real, "/staff/round", **heads)
            assert "evil.example" not in again.headers.get("Location", ""), heads


def test_a_forged_name_of_a_method_changes_nothing(app: Flask, make: Make) -> None:
    """sec-F15: what says to be another method is the method it is."""
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert asked(app, "/sign-in", "GET", **{name: "POST"}).status_code == 200
        assert asked(app, "/sign-out", "GET", **{name: "POST"}).status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "x" * 40):
        assert asked(app, "/sign-in", method).status_code in (400, 405)


def test_a_page_from_before_a_restart_can_still_be_sent(
    app: Flask, settings: Settings, browser: Browser, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sec-F7: the token hangs on the key file, so a restart of the server throws nothing away; a foreign one does."""
    user = make.user(Role.REGISTRAR, make.county())
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    token = browser.get("/sign-in").all("[name=csrf_token]")[0]["value"]
    typed = {"login": user.login, "password": PASSWORD}
    for wrong in ("", "x", str(token)[:-1] + "?", "a" * 10_000):
        browser.post("/sign-in", typed | {"csrf_token": wrong}, status=400)
    monkeypatch.setattr(divisions, "use", lambda _: None)
    again = create_app(settings)
    again.jinja_env.bytecode_cache = COMPILED
    browser.client.application = again
    with again.app_context():
        browser.post("/sign-in", typed | {"csrf_token": str(token)})
    ended(again)
