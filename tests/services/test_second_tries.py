"""Codes of the second step: none twice, none from before, one step each side, and few tries (sec-A47)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pyotp
import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.models import RecoveryCode, Step, Try, User, db
from portal.rules import second_step as rules
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import accounts, second_step, second_tries
from portal.services.refusals import Refusal, Wait
from tests.make import NOON, PASSWORD, Make
from tests.services.test_decisions import at_once

#: RFC 6238, appendix B: the last six digits for SHA-1
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.fixture
def user(make: Make, clock: time_machine.Traveller) -> User:
    user = make.user(Role.REGISTRAR, make.county())
    actor = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert actor is not None
    secret = second_step.offer(actor).secret.replace(" ", "")
    second_step.turn_on(actor, pyotp.TOTP(secret).at(now()))
    clock.shift(120)
    return user


def code(user: User, steps: int = 0) -> str:
    return str(pyotp.TOTP(user.second).generate_otp(rules.step_at(now()) + steps))


def takes(user: User, typed: str) -> bool:
    try:
        second_tries.judge(user, typed)
    except Wait:
        raise
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(("second", "digits"), VECTORS)
def test_the_vectors_of_the_standard(app: Flask, second: int, digits: str) -> None:
    secret = rules.secret_text(b"12345678901234567890")
    with time_machine.travel(second, tick=False):
        assert second_tries.use_app_code(User(second_step=0), digits, secret, is_new=True)


def test_no_code_works_twice_nor_after_a_later_one(user: User, clock: time_machine.Traveller) -> None:
    """SecureDrop's three: the same twice, the same with blanks, a wrong one and then an old good one."""
    first = code(user)
    assert takes(user, first)
    assert not takes(user, first)
    assert not takes(user, f" {first[:3]} {first[3:]} ")
    clock.shift(30)
    second = code(user)
    assert takes(user, second)
    assert not takes(user, "000000")
    assert not takes(user, first)
    clock.shift(-30)
    assert not takes(user, code(user)), "a clock that is set back opens nothing again"


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_each_side(user: User, steps: int, good: bool) -> None:
    assert takes(user, code(user, steps)) is good


@pytest.mark.parametrize(("most", "minutes"), [(5, 5), (20, 60), (50, 24 * 60)])
def test_few_tries_in_each_time_even_with_the_right_code(
    user: User, clock: time_machine.Traveller, most: int, minutes: int
) -> None:
    """5 in 5 minutes, 20 an hour, 50 a day; another account is not touched."""
    gap = {5: 10, 20: 170, 50: 1700}[most]
    for _ in range(most):
        assert not takes(user, "000000")
        clock.shift(gap)
    last = now()
    with pytest.raises(Wait) as wait:
        second_tries.judge(user, code(user))
    assert 0 < wait.value.values["minutes"] <= minutes
    assert now() == last
    clock.shift(timedelta(minutes=wait.value.values["minutes"]))
    assert takes(user, code(user))


def test_waiting_is_not_counted_and_every_tenth_is_told_to_the_officers(
    user: User, clock: time_machine.Traveller
) -> None:
    for _ in range(10):
        assert not takes(user, "000000")
        clock.shift(61)
    told = db.session.scalars(select(Step).where(Step.move == "SECOND_WRONG")).all()
    assert [step.details for step in told] == [{"n": 10}]
    kept = len(wrong_ones())
    clock.shift(-100)  # five within five minutes again
    for _ in range(3):
        with pytest.raises(Wait):
            takes(user, "000000")
    assert len(wrong_ones()) == kept, "what was not judged is not counted"


def wrong_ones() -> list[Try]:
    return list(db.session.scalars(select(Try).where(Try.kind == "second", Try.failed)))


def test_recovery_codes_are_kept_as_hashes_bound_to_their_account(user: User, make: Make) -> None:
    other = make.user(Role.REGISTRAR, make.county())
    kept = db.session.scalars(select(RecoveryCode)).all()
    assert len(kept) == rules.RECOVERY_CODES
    assert second_tries.hash_of(user.id, "0" * 10) != second_tries.hash_of(other.id, "0" * 10)
    db.session.add(RecoveryCode(user_id=user.id, code_hash=second_tries.hash_of(other.id, "0" * 10)))
    db.session.commit()
    assert not takes(user, "0000000000")


def test_parallel_uses_of_one_code_open_once(user: User, app: Flask) -> None:
    """sec-C13 for the second step: four at once, with the app's code and with a recovery code."""
    db.session.add(RecoveryCode(user_id=user.id, code_hash=second_tries.hash_of(user.id, "ABCDEFGHJK")))
    db.session.commit()
    user_id, typed = user.id, (code(user), "ABCDE-FGHJK")

    def use(text: str) -> None:
        second_tries.judge(db.session.get_one(User, user_id), text)

    for text in typed:
        db.session.rollback()
        ends = at_once(app, [partial(use, text)] * 4)
        assert ends.count("done") == 1, ends
        second_tries.forget(db.session.get_one(User, user_id))
        db.session.commit()


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_is_none(text: str) -> None:
    plain = rules.plain(text)
    found = rules.recovery_code(plain)
    assert found is None or (len(found) == 10 and found.isascii())
    assert not (found and rules.is_app_code(plain))


@given(st.lists(st.integers(0, 90000), max_size=60))
def test_waiting_ends_when_it_says(seconds: list[int]) -> None:
    wrong = [NOON - timedelta(seconds=n) for n in seconds]
    minutes = rules.minutes_to_wait(wrong, NOON)
    assert 0 <= minutes <= 24 * 60
    assert rules.minutes_to_wait(wrong, NOON + timedelta(minutes=minutes)) == 0
    assert (minutes == 0) is all(sum(at > NOON - within for at in wrong) < most for most, within in rules.LIMITS)
