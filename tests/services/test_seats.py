"""Verification accounts at sign-in: only inside the entry window of their school, 20 at once (R100, R101)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal.models import Place, Post, SignIn, Switch, Try, User, Window, db
from portal.rules.checks_round import SEATS
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import accounts, limits
from portal.services.refusals import Refusal, TooLate
from tests.make import PASSWORD, Make


@pytest.fixture
def window(make: Make) -> Window:
    return make.window(switch=Switch.ENTRY, closes=now() + timedelta(hours=1))


@pytest.fixture
def operator(make: Make) -> User:
    return make.user(Role.OPERATOR, make.school())


def enter(user: User) -> Actor | None:
    return accounts.actor_of(accounts.sign_in(user.login, PASSWORD))


def inside(make: Make, people: int, place: Place | None = None) -> list[SignIn]:
    """So many live sign-ins of one verification account, without the cost of a password each."""
    user = make.user(Role.OPERATOR, place or make.school())
    post = db.session.scalars(select(Post).where(Post.user_id == user.id)).one()
    rows = [SignIn(token_hash=b"%d %s" % (n, user.id.bytes), user_id=user.id, post_id=post.id) for n in range(people)]
    for row in rows:
        row.epoch = user.epoch
    db.session.add_all(rows)
    db.session.commit()
    return rows


def test_one_minute_before_the_end_they_come_in(window: Window, operator: User) -> None:
    """R101"""
    with time_machine.travel(window.closes_at - timedelta(minutes=1), tick=False):
        assert enter(operator) is not None


def test_one_second_after_the_end_they_are_told_why(window: Window, operator: User) -> None:
    """R101: the right password is no wrong try."""
    with (
        time_machine.travel(window.closes_at + timedelta(seconds=1), tick=False),
        pytest.raises(TooLate, match="核查时间已过"),
    ):
        accounts.sign_in(operator.login, PASSWORD)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Try).where(Try.failed)) == 0


def test_before_the_window_and_without_one_they_are_told_to_come_later(make: Make, operator: User) -> None:
    make.round()
    with pytest.raises(TooLate, match="还没有到"):
        accounts.sign_in(operator.login, PASSWORD)
    make.window(switch=Switch.ENTRY, opens=now() + timedelta(days=1))
    with pytest.raises(TooLate, match="还没有到"):
        accounts.sign_in(operator.login, PASSWORD)


def test_an_open_sign_in_ends_with_the_window(window: Window, operator: User) -> None:
    """R101: the next request is signed out; others of the school stay."""
    token = accounts.sign_in(operator.login, PASSWORD)
    assert accounts.actor_of(token) is not None
    with time_machine.travel(window.closes_at + timedelta(seconds=1), tick=False):
        assert accounts.actor_of(token) is None


def test_other_posts_need_no_window(make: Make) -> None:
    assert enter(make.user(Role.REGISTRAR, make.school())) is not None


def test_the_twentieth_comes_in_and_the_next_does_not(make: Make, window: Window, operator: User) -> None:
    """R100: one of 20 leaves, the next comes in; people are counted over all such accounts of the school."""
    rows = inside(make, SEATS - 1)
    assert enter(operator) is not None
    with pytest.raises(Refusal, match="已经有 20 个人"):
        accounts.sign_in(operator.login, PASSWORD)
    db.session.rollback()
    rows[0].ended_at = now()
    db.session.commit()
    assert enter(operator) is not None


def test_only_live_sign_ins_of_the_own_school_take_a_seat(make: Make, window: Window, operator: User) -> None:
    """R100: signed out by a new password or idle for two hours is not inside."""
    elsewhere = make.school("2199000002", "试验市第二小学")
    idle, ended = inside(make, SEATS), inside(make, SEATS)
    inside(make, SEATS, elsewhere)
    for row in idle:
        row.seen_at = now() - limits.idle(Role.OPERATOR)
    ended[0].user.epoch += 1
    db.session.commit()
    assert enter(operator) is not None
