"""The security officer: counts that are true, names masked, one thing to do, and no pupil's data (sec-A39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.models import SignIn, User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import accounts, place_settings, security_watch
from portal.services.refusals import Refusal
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def officer(browser: Browser, make: Make) -> User:
    user = make.user(Role.SECURITY, make.county(), name="孙看护")
    assert browser.sign_in(user.login, PASSWORD).location == "/staff/officer"
    return user


def test_what_is_counted_and_listed(browser: Browser, officer: User, make: Make, app: Flask) -> None:
    leader, teacher = make.user(Role.LEADER, make.school(), name="李校长"), make.user(Role.TEACHER, make.class_())
    stranger = make.user(Role.LEADER, make.school("2199000009", "试验二市小学", make.prefecture()), name="外边人")
    leader.last_in_at = now() - timedelta(days=100)
    teacher.made_at = now() - timedelta(days=31)
    db.session.commit()
    for _ in range(3):
        for login in (leader.login, stranger.login, "nobody"):
            with pytest.raises(Refusal):
                accounts.sign_in(login, "no")
    page = browser.get("/staff/officer")
    assert [tile.get_text() for tile in page.all(".tile b")] == ["1", "0", "1", "1", "1", "3"]
    assert "李＊长" in page.text
    assert "李校长" not in page.html
    assert "外边人" not in page.html
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], second_step="authorities")
    actor = accounts.actor_of(accounts.sign_in(officer.login, PASSWORD))
    assert actor is not None
    counts, rows = security_watch.watch(actor, "no_second")
    assert (counts["no_second"], [row.facts.login for row in rows]) == (1, [officer.login])
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {"second_step": "schools"})
    counts, rows = security_watch.watch(actor, "no_second")
    assert leader.login in [row.facts.login for row in rows]
    assert teacher.login not in [row.facts.login for row in rows]


def test_ending_sign_ins_is_all_there_is_to_do(browser: Browser, officer: User, make: Make) -> None:
    registrar = make.user(Role.REGISTRAR, make.school())
    token = accounts.sign_in(registrar.login, PASSWORD)
    page = browser.get("/staff/officer?show=inside")
    assert [box["value"] for box in page.all("input[name=user]")] == [registrar.id.hex], "never the own"
    browser.post("/staff/officer", {"show": "inside"}, status=400)
    browser.post("/staff/officer", {"show": "inside", "user": registrar.id.hex})
    assert accounts.actor_of(token) is None
    assert db.session.query(SignIn).filter_by(ended_at=None).count() == 1
    outside = make.user(Role.REGISTRAR, make.prefecture())
    browser.post("/staff/officer", {"user": outside.id.hex}, status=404)
    for address in ("/staff/accounts", "/staff/figures", "/staff/settings", "/staff/round"):
        browser.get(address, status=403)


def test_in_english(browser: Browser, officer: User, make: Make) -> None:
    make.user(Role.LEADER, make.school())
    browser.english()
    for show in security_watch.SHOWS:
        browser.get(f"/staff/officer?show={show}")
    browser.get("/staff/officer?show=x&page=99999999999999999999")
