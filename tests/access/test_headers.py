"""The heads of every answer: pages, parts, refusals, redirects, pictures, files, static files (sec 2.7, sec-A13)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal.settings import Settings
from tests.access.door import Answer
from tests.access.rows import HOMES, NEVER, NOTHING, Matrix
from tests.standing import own

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
STATIC = {name: ALWAYS[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")}
#: types an answer may have, and whether it is only ever a file to keep
TYPES = {
    "text/html; charset=utf-8": False,
    "image/jpeg": False,
    "application/json": False,
    "text/plain; charset=utf-8": False,
    "application/pdf": True,
    "application/octet-stream": True,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": True,
}


def faults(answer: Answer) -> list[str]:
    """What is wrong with the heads of an answer of the application."""
    heads, kind = answer.headers, answer.headers.get("Content-Type", "")
    wrong = [f"{name}: {heads.get(name)}" for name, value in ALWAYS.items() if heads.get(name) != value]
    policy = heads.get("Content-Security-Policy")
    if policy != ("sandbox; default-src 'none'" if kind.startswith("image/") else POLICY):
        wrong.append(f"policy: {policy}")
    if "no-store" not in heads.get("Cache-Control", ""):
        wrong.append(f"kept: {heads.get('Cache-Control')}")
    wrong += [f"tells {name}" for name in ("Server", "X-Powered-By", "Via") if name in heads]
    if answer.body and kind not in TYPES:
        wrong.append(f"type: {kind}")
    if TYPES.get(kind) and not heads.get("Content-Disposition", "").startswith("attachment"):
        wrong.append("a file that is shown inside the page")
    if re.search(r"[\r\n]", "".join(heads.values())):
        wrong.append("a line end")
    return wrong


def test_every_answer_has_its_heads_and_every_form_its_token(matrix: Matrix) -> None:
    """All routes: for who may, with an own thing and as htmx with one that never existed, and for nobody."""
    wrong, statuses, asked = [], set(), set()
    for actor in ("registrar", "teacher", "leader", "family", "province", "security officer", "auditor"):
        for row in matrix.rows(actor):
            known = row.endpoint, row.method, row.extra
            if known in asked or row.at not in (HOMES[0], NOTHING) or not matrix.is_allowed(row):
                continue
            asked.add(known)
            matrix.app.config["WTF_CSRF_ENABLED"] = row.method == "GET"  # forms have their tokens, posts need none
            answer = matrix.ask(row)
            statuses.add(answer.status)
            wrong += [f"{row}: {answer.status} {fault}" for fault in faults(answer)]
            if row.method == "GET":
                wrong += [f"{row}: {fault}" for fault in bare_forms(answer)]
            other = replace(row, at=NEVER, htmx=True) if row.at != NOTHING else replace(row, htmx=True)
            for another in (other, replace(row, actor="anonymous")):
                wrong += [f"{another}: {fault}" for fault in faults(matrix.ask(another))]
    matrix.app.config["WTF_CSRF_ENABLED"] = False
    assert wrong == []
    assert {200, 303, 400, 404} <= statuses
    assert {(endpoint, method) for endpoint, method, _n in asked} >= {
        pair for pair in matrix.rules if pair[0].startswith("staff.") and not pair[0].startswith("staff.review_at_")
    }


def bare_forms(answer: Answer) -> list[str]:
    """Forms of a page that are sent without a token, or to another site (sec-A12)."""
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", answer.body, re.DOTALL)
    bare = [f"no token: {form[:90]}" for form in forms if 'name="csrf_token"' not in form]
    return bare + re.findall(r"<form[^>]*action=\"(?!/(?!/))[^\"]*\"", answer.body)


def test_refusals_before_any_view_have_them_too(matrix: Matrix) -> None:
    token, large = matrix.world.tokens["registrar"], "x" * (matrix.app.config["MAX_CONTENT_LENGTH"] + 10)
    asked = {
        404: matrix.door.ask(None, "GET", "/nothing-here"),
        405: matrix.door.ask(token, "DELETE", "/staff/round"),
        413: matrix.door.ask(token, "POST", "/staff/piles", {"photo": large}),
        400: matrix.door.ask(None, "POST", "/sign-in", {"login": "a", "password": "b", "csrf_token": "x"}),
    }
    for status, answer in asked.items():
        assert (answer.status, faults(answer)) == (status, [])


def test_static_files_are_typed_and_nothing_else_is_there(matrix: Matrix) -> None:
    page = matrix.door.ask(None, "GET", "/sign-in").body
    for address in set(re.findall(r"/static/[\w.-]+", page)):
        answer = matrix.door.ask(None, "GET", address)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert {name: answer.headers.get(name) for name in STATIC} == STATIC
        assert answer.headers["Content-Type"].split(";")[0] in ("text/css", "text/javascript", "image/svg+xml")
    for address in ("/static/", "/static/portal.css", "/static/../settings.py", "/static/vendor/icons.json"):
        assert matrix.door.ask(None, "GET", address).status in (301, 404), address


@pytest.fixture
def secure(matrix: Matrix, _standing: object) -> Flask:
    """The application as it is behind an HTTPS proxy."""
    settings: Settings = matrix.app.extensions["portal.settings"]
    made = own(replace(settings, https=True, trial=False, base_url="https://xueji.example"))
    made.extensions["portal.readers"].close()
    return made


def test_behind_https_the_cookie_is_bound_to_the_host(secure: Flask) -> None:
    """sec-A11, 2.7: and everything says for a year that there is no other way."""
    client = secure.test_client()
    heads = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "xueji.example"}
    for address, status in (("/", 200), ("/nothing-here", 404), ("/staff/round", 302)):
        answer = client.get(address, headers=heads)
        assert answer.status_code == status
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    answer = client.post("/language", data={"to": "en"}, headers=heads)
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        parts = [part.strip() for part in cookie.split(";")]
        assert parts[0].startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(parts)
        assert any(part in ("SameSite=Lax", "SameSite=Strict") for part in parts)
        assert not any(part.startswith("Domain") for part in parts)


def test_leaving_empties_the_browser(matrix: Matrix) -> None:
    """sec-A10"""
    answer = matrix.door.ask(matrix.world.tokens["teacher"], "POST", "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
