"""Filing what was signed off: when a class may be filed, what stays open, and the warning of the counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from portal.models import db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import NotAllowedNow, SheetState
from portal.services import archiving, sheets
from portal.services.history import steps_of
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import SheetMove
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


def test_a_class_that_is_all_signed_off_is_filed_while_the_round_runs(make: Make, registrar: Actor) -> None:
    done = [make.sheet(SheetState.VERIFIED) for _ in range(2)]
    make.sheet(SheetState.EXPECTED, in_scope=False, exclusion="left")
    other = make.class_(code="2020107", name="六年级（7）班")
    waits = [make.sheet(state, make.pupil(other)) for state in (SheetState.VERIFIED, SheetState.ENTERED)]
    found = archiving.archive_of(registrar)
    assert {row.name: row.may_file for row in found.classes} == {"六年级（6）班": True, "六年级（7）班": False}
    assert (found.total("ready"), found.total("open"), found.is_over) == (2, 1, False)
    with pytest.raises(TooLate):
        archiving.archive(registrar, [done[0].class_id, other.id])
    db.session.rollback()
    assert archiving.archive(registrar, [done[0].class_id]) == 2
    assert {sheet.state for sheet in done} == {SheetState.ARCHIVED}
    assert [sheet.state for sheet in waits] == [SheetState.VERIFIED, SheetState.ENTERED]
    assert [step.details for step, _who in steps_of(done[0].class_id)] == [{"sheets": 2}]
    with pytest.raises(NotAllowedNow):
        sheets.move(registrar, done[0], SheetMove.SEND_BACK, "改一改")


def test_after_the_round_what_is_signed_off_is_filed_and_the_rest_stays(make: Make, registrar: Actor) -> None:
    verified, left = make.sheet(SheetState.VERIFIED), make.sheet(SheetState.ISSUED)
    with time_machine.travel(now() + timedelta(days=21), tick=False):
        assert archiving.archive(registrar, [verified.class_id]) == 1
        assert (verified.state, left.state) == (SheetState.ARCHIVED, SheetState.ISSUED)
        with pytest.raises(TooLate):
            archiving.archive(registrar, [verified.class_id])


def test_counts_that_contradict_each_other_warn(make: Make, registrar: Actor) -> None:
    """R109"""
    make.sheet(SheetState.VERIFIED, returned=True)
    make.sheet(SheetState.VERIFIED, returned=False)
    (row,) = archiving.archive_of(registrar).classes
    assert [problem.code for problem in row.problems] == ["R109.entered"]


def test_only_classes_of_the_own_school(make: Make, registrar: Actor) -> None:
    far = make.sheet(SheetState.VERIFIED, make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    with pytest.raises(NotFound):
        archiving.archive(registrar, [far.class_id])
    with pytest.raises(Refusal, match="勾选"):
        archiving.archive(registrar, [])
    with pytest.raises(NotFound):
        archiving.archive_of(make.actor(Role.REGISTRAR, make.county()))
    assert far.state == SheetState.VERIFIED
