"""What was written while the clock of the machine was ahead keeps nobody waiting once it is put right (sec-R19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.models import User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import audit_anchors, audit_results, second_tries, sign_in_tries, slowing, tries
from portal.services.history import record
from portal.services.slowing import DEVICE_TRIES, Asker
from tests.make import Make

AHEAD = timedelta(days=100)
DEVICE = Asker(device="d" * 22)


def _password(user: User) -> None:
    sign_in_tries.begin(user.login, user.id, "")


def _code(user: User) -> None:
    second_tries._begin(user)


def _paper(user: User) -> None:
    tries.begin("claim", user.login, "cooling", "ended")


def _device(user: User) -> None:
    slowing.begin("claim", f"{user.login} {now()}", DEVICE, "wait", works=False)


@pytest.mark.parametrize(
    ("attempt", "most"), [(_password, 5), (_code, 5), (_paper, tries.COOLS_AFTER), (_device, DEVICE_TRIES)]
)
def test_wrong_tries_of_a_day_that_never_was_slow_nobody(
    make: Make, attempt: Callable[[User], None], most: int
) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    with time_machine.travel(now() + AHEAD):
        for _ in range(most):
            attempt(user)
    attempt(user)


def test_an_anchor_of_a_month_to_come_makes_none_due_again_and_again(app: Flask, make: Make) -> None:
    school = make.school()
    record(None, school, "REFUSED", school.id, n=3)
    db.session.commit()
    with time_machine.travel(now() + AHEAD):
        assert audit_results.anchor_due() == 1
    assert [audit_results.anchor_due() for _ in range(4)] == [1, 0, 0, 0]
    newest = audit_anchors.last()
    assert newest is not None
    assert newest.time <= now()
    with time_machine.travel(now() + timedelta(hours=2)):
        assert audit_results.anchor_due() == 1
