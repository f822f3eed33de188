"""What somebody at an open browser of another person does not get: a proof that was never shown, a sign-in without end
(sec-A10, A11)."""

from __future__ import annotations

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from portal.models import SignIn, User, db
from portal.rules.clock import now
from portal.rules.exports import State
from portal.rules.roles import Actor, Role
from portal.services import accounts, exports, second_step
from portal.services.refusals import Refusal
from portal.web.guard import TOKEN_NAME
from tests import exported
from tests.make import NOON, PASSWORD, Make
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("clock")
LATE = 11 * 60


@pytest.fixture
def user(make: Make) -> User:
    make.round()
    return make.user(Role.REGISTRAR, make.school())


def actor_in(browser: Browser) -> Actor:
    with browser.client.session_transaction() as cookie:
        found = accounts.actor_of(cookie[TOKEN_NAME])
    assert found is not None
    return found


def second_of(browser: Browser) -> str:
    """The secret of a second step that was set up at once."""
    secret = browser.get("/security/second").all("#secret")[0].get_text().replace(" ", "")
    browser.post("/security/second", {"code": pyotp.TOTP(secret).at(now())}, status=200)
    return secret


def test_a_second_step_is_not_set_up_by_who_does_not_know_the_password(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    browser.sign_in(user.login, PASSWORD)
    offered = second_step.offer(actor_in(browser)).secret.replace(" ", "")
    clock.shift(LATE)
    assert browser.get("/security/second", status=302).location == "/prove?next=/security/second"
    page = browser.post("/security/second", {"code": pyotp.TOTP(offered).at(now())}, status=302)
    assert (page.location or "").startswith("/prove")
    db.session.expire_all()
    assert user.second_on_at is None
    assert not second_step.recent(actor_in(browser))


def test_choosing_a_post_proves_nothing_and_makes_nobody_younger(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    """Not even the post one works in already."""
    browser.sign_in(user.login, PASSWORD)
    post = {"post": user.posts[0].id.hex}
    for _ in range(12 * 60 // 11):
        clock.shift(LATE)
        browser.post("/post", post, status=303)
    assert not second_step.recent(actor_in(browser))
    assert set(db.session.scalars(select(SignIn.begun_at))) == {NOON}
    clock.shift(LATE)
    assert (browser.post("/post", post, status=302).location or "").startswith("/sign-in")


def test_a_changed_password_is_no_second_step(browser: Browser, user: User, clock: time_machine.Traveller) -> None:
    browser.sign_in(user.login, PASSWORD)
    second_of(browser)
    clock.shift(LATE)
    browser.post("/password", {"old": PASSWORD, "new": "another long sentence 7"}, status=303)
    assert not second_step.recent(actor_in(browser))


def test_a_changed_password_is_the_proof_of_who_has_no_second_step(
    browser: Browser, user: User, clock: time_machine.Traveller
) -> None:
    browser.sign_in(user.login, PASSWORD)
    clock.shift(LATE)
    browser.post("/password", {"old": PASSWORD, "new": "another long sentence 7"}, status=303)
    assert second_step.recent(actor_in(browser))


def test_passwords_and_posts_are_given_after_a_proof_only(
    browser: Browser, user: User, make: Make, clock: time_machine.Traveller
) -> None:
    """sec-A10, sec-A46: they stay when the sign-in of an open browser has long ended."""
    leader, seat = make.user(Role.LEADER, make.school()), make.user(Role.OPERATOR, make.school())
    teacher = make.user(Role.TEACHER, make.class_())
    browser.sign_in(user.login, PASSWORD)
    before = {one.id: (one.password_hash, one.epoch) for one in (leader, seat, teacher)}
    clock.shift(LATE)
    one = f"/staff/accounts/{leader.id}"
    post = {"role": "OPERATOR", "place": make.school().id.hex}
    assert browser.get("/staff/accounts/new", status=302).location == "/prove?next=/staff/accounts/new"
    for address, data in {
        "/staff/accounts/new": {"name": "王试验"} | post,
        f"{one}/reset": {"back": one},
        f"{one}/slip": {"back": one},
        f"{one}/posts": {"back": one} | post,
        "/staff/seats": {"name": "王试验"},
        f"/staff/seats/{seat.id}/password": {},
        f"/staff/logins/{make.class_().id}/reset": {},
        "/staff/login-slips": {},
    }.items():
        back = f"?next={one}" if "back" in data else ""
        assert browser.post(address, data, status=302).location == f"/prove{back}", address
    people = db.session.scalars(select(User)).all()
    assert {one.id: (one.password_hash, one.epoch) for one in people if one.id in before} == before
    assert len(people) == 4
    assert sum(len(one.posts) for one in people) == 4
    browser.post(f"/prove?next={one}", {"code": PASSWORD})
    assert "首次密码" in browser.post(f"{one}/reset", status=200).text


def test_the_second_person_of_an_export_proves_who_it_is(
    browser: Browser, user: User, make: Make, clock: time_machine.Traveller
) -> None:
    make.pupil()
    registrar = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert registrar is not None
    asked = exports.ask(registrar, exported.roster())
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    clock.shift(LATE)
    address = f"/staff/exports/{asked.id}"
    inputs = browser.get(address).all(f"form[action='{address}/release'] input")
    form = {str(one["name"]): one["value"] for one in inputs}
    assert browser.post(f"{address}/release", form, status=302).location == f"/prove?next={address}"
    db.session.expire_all()
    assert asked.state == State.ASKED
    browser.post(f"/prove?next={address}", {"code": PASSWORD})
    browser.post(f"{address}/release", form)


def test_strangers_keep_nobody_from_proving_or_from_a_new_password(browser: Browser, user: User) -> None:
    """sec-A39; whoever guesses at an open browser waits all the same."""
    browser.sign_in(user.login, PASSWORD)
    for _ in range(6):
        with pytest.raises(Refusal):
            accounts.sign_in(user.login, "no")
    browser.post("/prove", {"code": PASSWORD})
    browser.post("/password", {"old": PASSWORD, "new": "another long sentence 7"})
    for _ in range(10):
        browser.post("/prove", {"code": "no"}, status=400)
    browser.post("/prove", {"code": "another long sentence 7"}, status=429)
    other = Browser(browser.client.application)
    assert "请过" in other.post("/sign-in", {"login": user.login, "password": "no"}, status=429).text
