"""Reminding: who is meant, how often, never at night, and each noted once however often it is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from portal.models import Place, Sheet, db
from portal.rules.clock import SHANGHAI, today
from portal.rules.reminding import NotNow
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import reminders
from portal.services.history import steps_of
from portal.services.refusals import NotFound, TooLate
from tests.make import Make

Later = Callable[[timedelta], None]


@pytest.fixture
def later() -> Iterator[Later]:
    """Noon in Shanghai; moves on when asked."""
    noon = datetime.combine(today(), datetime.min.time(), SHANGHAI) + timedelta(hours=12)
    with time_machine.travel(noon, tick=False) as clock:
        yield clock.shift


@pytest.fixture
def class_(make: Make) -> Place:
    make.round()
    return make.class_()


@pytest.fixture
def teacher(later: Later, make: Make, class_: Place) -> Actor:
    return make.actor(Role.TEACHER, class_)


def missing(make: Make, **columns: object) -> Sheet:
    return make.sheet(SheetState.ISSUED, **columns)


def test_only_those_are_meant_who_have_the_paper_and_have_sent_nothing_good(make: Make, teacher: Actor) -> None:
    wanted = [missing(make), missing(make, registered=True), missing(make, sent_back=True)]
    wanted.append(make.sheet(SheetState.RECEIVED, readable=False))
    for state in (SheetState.PRINTED, SheetState.RECEIVED, SheetState.CHECKED, SheetState.ENTERED):
        make.sheet(state)
    make.sheet(SheetState.ISSUED, in_scope=False, exclusion="left")
    found = reminders.reminding(teacher, teacher.place_id)
    assert {child.sheet_id for child in found.children} == {sheet.id for sheet in wanted}
    assert [child.again for child in found.children].count(True) == 2
    assert reminders.mark(teacher, teacher.place_id) == 4


def test_each_child_once_a_day_and_three_times_a_round(make: Make, teacher: Actor, later: Later) -> None:
    first = missing(make)
    for times in (1, 2, 3):
        assert reminders.mark(teacher, teacher.place_id) == 1
        with pytest.raises(TooLate):
            reminders.mark(teacher, teacher.place_id)
        db.session.rollback()
        assert first.reminded == times
        later(timedelta(days=1))
    assert reminders.reminding(teacher, teacher.place_id).children[0].why == NotNow.ENOUGH
    second = missing(make)
    assert reminders.mark(teacher, teacher.place_id) == 1
    assert (first.reminded, second.reminded) == (3, 1)
    assert [step.move for step, _who in steps_of(first.id)] == ["REMIND"] * 3


def test_one_child_counts_for_itself(make: Make, teacher: Actor) -> None:
    one, other = missing(make), missing(make)
    reminders.mark(teacher, teacher.place_id, one.id)
    assert (one.reminded, other.reminded) == (1, 0)
    assert reminders.mark(teacher, teacher.place_id) == 1, "the other one is still due today"
    with pytest.raises(NotFound):
        reminders.mark(teacher, teacher.place_id, make.sheet(SheetState.CHECKED).id)


def test_nobody_is_reminded_at_night(make: Make, teacher: Actor, later: Later) -> None:
    sheet = missing(make)
    later(timedelta(hours=9))
    found = reminders.reminding(teacher, teacher.place_id)
    assert found.quiet_until is not None
    assert (found.quiet_until.hour, found.due) == (8, list(found.children))
    with pytest.raises(TooLate, match="8 点"):
        reminders.mark(teacher, teacher.place_id)
    db.session.rollback()
    later(timedelta(hours=11))
    assert reminders.mark(teacher, teacher.place_id) == 1
    assert sheet.reminded == 1


def test_another_class_does_not_exist(make: Make, teacher: Actor) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    sheet = make.sheet(SheetState.ISSUED, make.pupil(other))
    for act in (
        lambda: reminders.reminding(teacher, other.id),
        lambda: reminders.mark(teacher, other.id),
        lambda: reminders.class_of_sheet(teacher, sheet.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert sheet.reminded == 0
