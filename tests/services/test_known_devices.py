"""Wrong passwords: nobody is locked out by others, limits are settings, an unknown account costs the same (sec 5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, insert, select

from portal.models import SignIn, Try, User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import accounts, appointing, known_devices, limits, password_hashes, second_step, sign_in_tries
from portal.services.refusals import Refusal, Wait
from tests.make import PASSWORD, Make


@pytest.fixture
def user(make: Make) -> User:
    return make.user(Role.REGISTRAR, make.school())


def guess(user: User, times: int, device: str = "") -> None:
    for _ in range(times):
        with pytest.raises(Refusal):
            accounts.sign_in(user.login, "no", device)


def test_a_thousand_wrong_passwords_from_elsewhere_leave_the_known_phone_alone(user: User) -> None:
    """sec-A39: twenty as they come, the others as their rows."""
    phone = known_devices.with_entry("", user.id)
    guess(user, 20)
    bucket = sign_in_tries.bucket_of(user.login)
    rows = [{"id": uuid4(), "kind": "sign_in", "bucket": bucket, "at": now(), "failed": True} for _ in range(980)]
    db.session.execute(insert(Try), rows)
    db.session.commit()
    with pytest.raises(Wait):
        accounts.sign_in(user.login, PASSWORD)
    assert accounts.sign_in(user.login, PASSWORD, phone)
    guess(user, 10, phone)
    with pytest.raises(Wait):
        accounts.sign_in(user.login, PASSWORD, phone)


def test_wrong_passwords_in_the_known_phone_make_nobody_else_wait(user: User) -> None:
    guess(user, 12, known_devices.with_entry("", user.id))
    assert accounts.sign_in(user.login, PASSWORD)
    assert accounts.sign_in(user.login, PASSWORD, known_devices.with_entry("", user.id)), (
        "another phone of the same owner"
    )


def test_a_cookie_is_of_one_account_cannot_be_made_up_and_ends(user: User, make: Make) -> None:
    other = make.user(Role.LEADER, make.school())
    cookie = known_devices.with_entry("", user.id)
    assert known_devices.nonce_of(cookie, user.id)
    assert known_devices.nonce_of(cookie, other.id) is None
    for bad in ("", "x", "~~~", "1.2", "99999999.x.y", cookie[:-1], cookie.replace(".", "~"), "x" * 5000, "١.a.b"):
        assert known_devices.nonce_of(bad, user.id) is None
        assert known_devices.nonce_of(known_devices.with_entry(bad, user.id), user.id)
    with time_machine.travel(now() + timedelta(days=181), tick=False):
        assert known_devices.nonce_of(cookie, user.id) is None
    assert user.id.hex not in cookie
    for person in [make.user(Role.LEADER, make.school()) for _ in range(5)]:
        cookie = known_devices.with_entry(cookie, person.id)
    assert cookie.count("~") == known_devices.MOST - 1


def test_the_profile_for_assessors_waits_fifteen_minutes_at_once(user: User, app: Flask) -> None:
    """GB/T 22239: five failures, at least ten minutes."""
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], profile="dengbao")
    guess(user, 5)
    with pytest.raises(Wait) as wait:
        accounts.sign_in(user.login, PASSWORD)
    assert wait.value.values["minutes"] == 15
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1), tick=False):
        assert accounts.sign_in(user.login, PASSWORD)


@contextmanager
def counted() -> Iterator[list[str]]:
    """What is asked of the database, and how often a password is hashed."""
    done: list[str] = []

    def statement(_c: Any, _cu: Any, text: str, *_: Any) -> None:
        done.append(text.split()[0])

    event.listen(db.engine, "before_cursor_execute", statement)
    verify = password_hashes._hasher.verify
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(password_hashes, "_hasher", Counting(verify, done))
            yield done
    finally:
        event.remove(db.engine, "before_cursor_execute", statement)


class Counting:
    """A hasher that notes its work."""

    def __init__(self, verify: Any, done: list[str]) -> None:
        self._verify, self._done = verify, done

    def verify(self, *values: str) -> bool:
        self._done.append("HASH")
        return bool(self._verify(*values))


def test_an_unknown_account_costs_the_same_work(user: User) -> None:
    """sec-A33: the same statements and one hash; `benchmarks/sign_in_time.py` measures the time."""
    login = user.login
    seen = []
    for name in (login, "nobody"):
        db.session.rollback()
        db.session.expunge_all()
        with counted() as done, pytest.raises(Refusal):
            accounts.sign_in(name, "no")
        seen.append(done)
    assert seen[0] == seen[1]
    assert seen[0].count("HASH") == 1


@pytest.mark.parametrize("what", ["password", "post", "reset", "second step", "own list"])
def test_everything_that_changes_who_one_is_ends_the_other_sign_ins_at_once(make: Make, what: str) -> None:
    """sec-A9: three live ones, and a fourth in flight whose actor was asked for before."""
    import pyotp

    registrar, user = make.actor(Role.REGISTRAR, make.school()), make.user(Role.LEADER, make.school())
    tokens = [accounts.sign_in(user.login, PASSWORD) for _ in range(3)]
    mine = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert mine is not None
    if what == "password":
        accounts.change_password(mine, PASSWORD, "three loud geese")
    elif what == "post":
        appointing.end_post(registrar, user.id, user.posts[0].id)
    elif what == "reset":
        appointing.reset(registrar, user.id)
    elif what == "second step":
        secret = second_step.offer(mine).secret.replace(" ", "")
        second_step.turn_on(mine, pyotp.TOTP(secret).at(now()))
    else:
        from portal.services import own_sign_ins

        assert own_sign_ins.end_others(mine) == 3
    accounts.seen(mine)  # a request in flight brings nothing back to life
    assert [accounts.actor_of(token) for token in tokens] == [None] * 3
    live = select(func.count()).select_from(SignIn).join(User, SignIn.user_id == User.id)
    live = live.where(
        User.id == user.id, SignIn.epoch == User.epoch, SignIn.ended_at.is_(None), User.ended_at.is_(None)
    )
    assert db.session.scalar(live) == (0 if what in ("post", "reset") else 1)


def test_limits_are_settings(user: User, app: Flask) -> None:
    """sec-A10: idle for staff and for families, and the age of every sign-in."""
    settings = replace(app.extensions["portal.settings"], idle_minutes=15, idle_family_minutes=45, absolute_hours=2)
    app.extensions["portal.settings"] = settings
    token, start = accounts.sign_in(user.login, PASSWORD), now()
    actor = accounts.actor_of(token)
    assert actor is not None
    for minutes in range(14, 120, 14):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert accounts.actor_of(token) is not None, minutes
            accounts.seen(actor)
    with time_machine.travel(start + timedelta(minutes=120), tick=False):
        assert accounts.actor_of(token) is None, "whoever is busy all day signs in anew"
    assert (limits.idle(Role.PARENT), limits.idle("TEACHER")) == (timedelta(minutes=45), timedelta(minutes=15))
