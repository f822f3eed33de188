"""Accounts: first passwords, sign-ins that can be ended, slowing that touches nobody else (B4, C2, R98, sec-A33)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, update

from portal.models import Post, SignIn, Try, User, db, set_writing
from portal.rules.clock import now, today
from portal.rules.roles import Role
from portal.services import accounts, limits, password_hashes
from portal.services.refusals import Refusal, Wait
from tests.make import PASSWORD, Make


def test_signed_in_person_is_an_actor_of_their_post(make: Make) -> None:
    school = make.school()
    user = make.user(Role.REGISTRAR, school)
    actor = accounts.actor_of(accounts.sign_in(user.login.upper(), PASSWORD))
    assert actor is not None
    assert (actor.role, actor.path, actor.name) == (Role.REGISTRAR, school.path, "周试验")


def test_cookie_token_is_not_in_the_database(make: Make) -> None:
    token = accounts.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
    assert token.encode() not in db.session.query(SignIn).one().token_hash


@pytest.mark.parametrize("login", ["", "nobody", "x" * 5000])
def test_unknown_account_and_wrong_password_get_the_same_words(make: Make, login: str) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    with pytest.raises(Refusal) as unknown:
        accounts.sign_in(login, PASSWORD)
    with pytest.raises(Refusal) as wrong:
        accounts.sign_in(user.login, "not this one")
    assert str(unknown.value) == str(wrong.value)


def test_a_wrong_password_does_not_load_the_account(make: Make, request: pytest.FixtureRequest) -> None:
    """What an account that exists costs more can be measured from outside, be it a third of a millisecond (sec-A33)."""
    login = make.user(Role.REGISTRAR, make.school()).login
    db.session.expunge_all()
    loaded: list[str] = []

    def note(one: User, _context: object) -> None:
        loaded.append(one.login)

    event.listen(User, "load", note)
    request.addfinalizer(lambda: event.remove(User, "load", note))
    for password, count in (("not this one", 0), (PASSWORD, 1)):
        with suppress(Refusal):
            accounts.sign_in(login, password)
        assert loaded == [login] * count


def test_sixth_wrong_try_waits_even_with_the_right_password(make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    for _ in range(5):
        with pytest.raises(Refusal):
            accounts.sign_in(user.login, "wrong")
    with pytest.raises(Wait):
        accounts.sign_in(user.login, PASSWORD)
    with time_machine.travel(now() + timedelta(minutes=1, seconds=1), tick=False):
        assert accounts.sign_in(user.login, PASSWORD)


def test_slowing_one_account_does_not_touch_another(make: Make) -> None:
    one, other = make.user(Role.REGISTRAR, make.school()), make.user(Role.LEADER, make.school())
    for _ in range(6):
        with pytest.raises(Refusal):
            accounts.sign_in(one.login, "wrong")
    assert accounts.sign_in(other.login, PASSWORD)


def test_tries_hold_neither_login_nor_address(make: Make) -> None:
    with pytest.raises(Refusal):
        accounts.sign_in("somebody", "wrong")
    assert b"somebody" not in db.session.query(Try).one().bucket


def test_first_password_must_be_replaced_and_differ(make: Make) -> None:
    """R98: nothing but the password form before the change; the new password differs."""
    class_ = make.class_()
    user = accounts.make_user(class_, "t-1", "王班主", Role.TEACHER, class_)
    db.session.commit()
    first = user.first_password
    actor = accounts.actor_of(accounts.sign_in("t-1", first))
    assert actor is not None
    assert actor.must_change
    with pytest.raises(Refusal):
        accounts.change_password(actor, first, first)
    after = accounts.actor_of(accounts.change_password(actor, first, "four quiet horses"))
    assert after is not None
    assert not after.must_change
    assert db.session.get_one(User, user.id).first_password is None


@pytest.mark.parametrize("new", ["short", "t-1t-1t-1 and more", "aaaaaaaaaaaa", "password2026", "x" * 129])
def test_weak_new_password_is_refused(make: Make, new: str) -> None:
    user = make.user(Role.REGISTRAR, make.school(), login="t-1t-1t-1")
    actor = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert actor is not None
    with pytest.raises(Refusal):
        accounts.change_password(actor, PASSWORD, new)
    assert accounts.sign_in(user.login, PASSWORD)


def test_changing_the_password_ends_all_other_sign_ins(make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    other, mine = accounts.sign_in(user.login, PASSWORD), accounts.sign_in(user.login, PASSWORD)
    actor = accounts.actor_of(mine)
    assert actor is not None
    fresh = accounts.change_password(actor, PASSWORD, "three loud geese")
    assert accounts.actor_of(other) is None
    assert accounts.actor_of(mine) is None
    assert accounts.actor_of(fresh) is not None


def test_sign_in_ends_by_idling_and_by_age(make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    token = accounts.sign_in(user.login, PASSWORD)
    with time_machine.travel(now() + limits.idle(Role.REGISTRAR) + timedelta(seconds=1), tick=False):
        assert accounts.actor_of(token) is None
    with time_machine.travel(now() - timedelta(hours=1), tick=False):
        assert accounts.actor_of(token) is None, "a sign-in from the future is none"


def test_post_that_has_ended_lets_nobody_in(make: Make) -> None:
    """sec-A9: the end date of a post is asked on every request."""
    user = make.user(Role.REGISTRAR, make.school())
    token = accounts.sign_in(user.login, PASSWORD)
    db.session.query(Post).filter_by(user_id=user.id).one().ends = today() - timedelta(days=1)
    db.session.commit()
    assert accounts.actor_of(token) is None
    with pytest.raises(Refusal):
        accounts.sign_in(user.login, PASSWORD)


def test_signed_out_token_is_dead(make: Make) -> None:
    token = accounts.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
    actor = accounts.actor_of(token)
    assert actor is not None
    accounts.sign_out(actor)
    assert accounts.actor_of(token) is None


def test_page_read_while_somebody_writes_keeps_the_sign_in_alive(make: Make) -> None:
    """A transaction that has read cannot write on SQLite once another has written: the page must not fail for it."""
    token = accounts.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
    row = db.session.query(SignIn).one()
    row.seen_at = now() - timedelta(minutes=30)
    db.session.commit()
    set_writing(False)  # as in a GET
    try:
        actor = accounts.actor_of(token)
        assert actor is not None
        with db.engine.begin() as somebody:
            somebody.execute(update(User).values(last_in_at=now()))
        accounts.seen(actor)
    finally:
        db.session.rollback()
        set_writing(True)
    assert now() - row.seen_at < timedelta(minutes=1)


@pytest.mark.parametrize("typed", ["15400001234", "+86 154 0000 1234", "154-0000-1234", "１５４００００１２３４"])
def test_a_family_signs_in_with_its_mobile_number_however_it_is_typed(make: Make, typed: str) -> None:
    user = make.guardian(make.pupil(), phone="15400001234")
    found = accounts.actor_of(accounts.sign_in(typed, PASSWORD))
    assert found is not None
    assert found.user_id == user.id
    assert found.role == Role.PARENT
    assert "1540000" not in user.login


def test_a_familys_actor_is_above_no_place(make: Make) -> None:
    pupil = make.pupil()
    user = make.guardian(pupil, phone="15400001234")
    found = accounts.actor_of(accounts.sign_in("15400001234", PASSWORD))
    assert found is not None
    assert not found.covers(pupil.path)
    assert str(user.phone) not in found.name


def test_passwords_are_hashed_as_strongly_as_is_advised() -> None:
    """Tests hash quickly; what a module makes when it is loaded is the real thing (OWASP: 19 MiB, 2 rounds)."""
    kind, _version, cost = password_hashes.NOBODY.split("$")[1:4]
    assert (kind, cost) == ("argon2id", "m=19456,t=2,p=1")
