"""A leader's decision: noted, taken back within ten minutes, carried out when due, or lapsed with a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.models import Decision, Sheet, User, db
from portal.models.people import Post
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import NotAllowedNow, SheetMove, SheetState
from portal.services import checking, decisions, entry, leader_queue, pending
from portal.services.history import steps_of
from portal.services.readings import new_change
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import Make

Later = Callable[[timedelta], None]


@pytest.fixture
def later() -> Iterator[Later]:
    """Moves the clock on, which otherwise stands still."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def leader(later: Later, make: Make) -> Actor:
    return make.actor(Role.LEADER, make.school())


def decide(leader: Actor, *sheets: Sheet, what: SheetMove = SheetMove.PASS, reason: str = "") -> int:
    return decisions.decide(leader, {sheet.id: sheet.version for sheet in sheets}, what, reason)


def only() -> Decision:
    return db.session.query(Decision).one()


def test_it_takes_effect_after_ten_minutes_and_not_before(make: Make, leader: Actor, later: Later) -> None:
    sheets = [make.sheet(SheetState.CHECKED), make.sheet(SheetState.CHECKED, written=1)]
    new_change(sheets[1], "phone")
    db.session.commit()
    assert decide(leader, *sheets) == 2
    later(UNDO_FOR - timedelta(seconds=1))
    assert decisions.carry_out_due() == 0
    assert {sheet.state for sheet in sheets} == {SheetState.CHECKED}
    assert entry.next_sheet(leader) is None
    later(timedelta(seconds=1))
    assert decisions.carry_out_due() == 2
    assert [sheet.state for sheet in sheets] == [SheetState.ENTERED, SheetState.PASSED]
    assert decisions.carry_out_due() == 0
    moves = [(step.move, who) for step, who in steps_of(sheets[1].id)]
    assert moves == [("DECIDE", "周试验"), ("PASS", "周试验")]


def test_a_sheet_waits_for_nobody_else_while_it_is_decided(make: Make, leader: Actor) -> None:
    sheet = make.sheet(SheetState.CHECKED)
    assert [row.sheet_id for row in leader_queue.to_pass(leader)] == [sheet.id]
    decide(leader, sheet)
    assert leader_queue.to_pass(leader) == []
    with pytest.raises(TooLate):
        decide(make.actor(Role.LEADER, make.school()), sheet)
    (row,) = leader_queue.last_decided(leader)
    assert (row.sheet_id, row.minutes, row.can_undo) == (sheet.id, 10, True)


def test_who_decided_takes_it_back_until_it_is_due(make: Make, leader: Actor, later: Later) -> None:
    sheet = make.sheet(SheetState.CHECKED)
    decide(leader, sheet)
    with pytest.raises(NotYours):
        decisions.undo(make.actor(Role.LEADER, make.school()), [sheet.id])
    db.session.rollback()
    later(timedelta(minutes=9))
    assert decisions.undo(leader, [sheet.id]) == 1
    assert [row.sheet_id for row in leader_queue.to_pass(leader)] == [sheet.id]
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 0
    decide(leader, sheet)
    later(UNDO_FOR)
    with pytest.raises(TooLate):
        decisions.undo(leader, [sheet.id])
    db.session.rollback()
    assert leader_queue.last_decided(leader) == []
    assert decisions.carry_out_due() == 1
    assert [step.move for step, _who in steps_of(sheet.id)][:2] == ["DECIDE", "UNDO_DECISION"]


def test_a_refusal_keeps_its_reason_sealed_and_reaches_the_family_when_due(
    make: Make, leader: Actor, later: Later
) -> None:
    sheet, entered = make.sheet(SheetState.CHECKED), make.sheet(SheetState.ENTERED)
    for empty in ("", " \n"):
        with pytest.raises(Refusal, match="原因"):
            decisions.refuse(leader, sheet.id, sheet.version, empty)
        db.session.rollback()
    with pytest.raises(Refusal, match="500"):
        decisions.refuse(leader, sheet.id, sheet.version, "长" * 501)
    db.session.rollback()
    decisions.refuse(leader, sheet.id, sheet.version, "请补签名")
    assert (sheet.state, sheet.note) == (SheetState.CHECKED, None)
    assert "请补签名".encode() not in (only().reason_sealed or b"")
    decisions.refuse(leader, entered.id, entered.version, "和纸上不一样")
    later(UNDO_FOR)
    decisions.carry_out_due()
    assert (sheet.state, sheet.note) == (SheetState.ISSUED, "请补签名")
    assert entered.state == SheetState.CHECKED


def test_what_changed_meanwhile_lapses_and_is_named_in_the_queue(make: Make, leader: Actor, later: Later) -> None:
    kept, touched, gone = (make.sheet(SheetState.CHECKED) for _ in range(3))
    decide(leader, kept, touched, gone)
    touched.cause = "away"
    db.session.commit()
    checking.send_back(make.actor(Role.TEACHER, make.class_()), gone.id, gone.version, "问清楚")
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 3
    assert [s.state for s in (kept, touched, gone)] == [SheetState.ENTERED, SheetState.CHECKED, SheetState.ISSUED]
    (row,) = leader_queue.lapsed(leader)
    assert (row.sheet_id, row.lapsed) == (touched.id, pending.CHANGED)
    assert leader_queue.to_pass(leader)[0].lapsed == pending.CHANGED
    decide(leader, touched)
    assert leader_queue.lapsed(leader) == []


@pytest.mark.parametrize("how", ["ended post", "ended person", "other role"])
def test_a_decision_falls_with_the_post_of_who_made_it(make: Make, leader: Actor, later: Later, how: str) -> None:
    sheet = make.sheet(SheetState.CHECKED)
    decide(leader, sheet)
    post, user = db.session.get_one(Post, only().post_id), db.session.get_one(User, leader.user_id)
    if how == "ended post":
        post.ends = today() - timedelta(days=1)
    elif how == "ended person":
        user.ended_at = now()
    else:
        post.role = Role.OPERATOR
    db.session.commit()
    later(UNDO_FOR)
    decisions.carry_out_due()
    assert (sheet.state, only().lapsed) == (SheetState.CHECKED, pending.NO_POST)


def test_nobody_decides_on_own_work_then_or_later(make: Make, leader: Actor, later: Later) -> None:
    """R88, at both ends: when it is decided and when it takes effect."""
    typed = make.sheet(SheetState.ENTERED, written=1)
    change = new_change(typed, "phone")
    change.entered_by_id, change.outcome = leader.user_id, "accepted"
    checked = make.sheet(SheetState.RECEIVED)
    db.session.commit()
    checking.check(leader, checked.id, checked.version, checking.Eyes(changed=False))
    for sheet, what in ((typed, SheetMove.VERIFY), (checked, SheetMove.PASS)):
        with pytest.raises(Refusal, match="另一位领导"):
            decide(leader, sheet, what=what)
        db.session.rollback()
    other = make.actor(Role.LEADER, make.school())
    decide(other, typed, what=SheetMove.VERIFY)
    change.entered_by_id = other.user_id
    db.session.commit()
    later(UNDO_FOR)
    decisions.carry_out_due()
    assert typed.state == SheetState.ENTERED
    assert "另一位领导" in (only().lapsed or "")


def test_one_that_cannot_be_carried_out_keeps_no_other_waiting(make: Make, leader: Actor, later: Later) -> None:
    spoilt, fine = make.sheet(SheetState.CHECKED), make.sheet(SheetState.CHECKED)
    decide(leader, spoilt, what=SheetMove.SEND_BACK, reason="请补签。")
    only().reason_sealed = b"no longer to be opened, whatever happened to it"
    db.session.commit()
    later(timedelta(seconds=1))
    decide(leader, fine)
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 1
    assert (spoilt.state, fine.state) == (SheetState.CHECKED, SheetState.ENTERED)


def test_all_or_none_and_only_what_was_on_the_screen(make: Make, leader: Actor) -> None:
    ready, not_ready = make.sheet(SheetState.CHECKED), make.sheet(SheetState.ISSUED)
    with pytest.raises(NotAllowedNow):
        decide(leader, ready, not_ready)
    db.session.rollback()
    with pytest.raises(TooLate):
        decisions.decide(leader, {ready.id: ready.version + 1}, SheetMove.PASS)
    db.session.rollback()
    stranger = make.actor(Role.LEADER, make.school("2199000002", "试验市第二小学"))
    for act in (lambda: decide(stranger, ready), lambda: decisions.undo(stranger, [ready.id])):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Refusal, match="勾选"):
        decide(leader)
    assert db.session.query(Decision).count() == 0


def at_once(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Do everything at the same moment; how each ended."""
    ends: list[str] = []
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
                ends.append("done")
            except Refusal as refusal:
                db.session.rollback()
                ends.append(type(refusal).__name__)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_two_leaders_at_once_leave_one_decision(app: Flask, make: Make, leader: Actor) -> None:
    sheet, other = make.sheet(SheetState.CHECKED), make.actor(Role.LEADER, make.school())
    versions = {sheet.id: sheet.version}
    db.session.rollback()  # this thread must not keep the others from writing
    ends = at_once(
        app,
        [
            lambda: decisions.decide(leader, versions, SheetMove.PASS),
            lambda: decisions.decide(other, versions, SheetMove.SEND_BACK, "请补签名"),
            lambda: decisions.decide(leader, versions, SheetMove.PASS),
        ],
    )
    assert ends == ["TooLate", "TooLate", "done"]
    assert db.session.query(Decision).count() == 1


def test_several_workers_at_once_carry_it_out_once(app: Flask, make: Make, leader: Actor, later: Later) -> None:
    sheet = make.sheet(SheetState.CHECKED, written=1)
    decide(leader, sheet)
    sheet_id = sheet.id
    later(UNDO_FOR)
    db.session.rollback()
    settled: list[int] = []
    at_once(app, [lambda: settled.append(decisions.carry_out_due()) for _ in range(4)])
    assert sum(settled) == 1
    assert [step.move for step, _who in steps_of(sheet_id)] == ["DECIDE", "PASS"]


def test_of_an_entered_sheet_only_the_wrong_items_go_back_with_the_reason(
    later: Later, leader: Actor, make: Make
) -> None:
    """G9: what was right stays entered; the reason stands at the item that is wrong."""
    sheet = make.sheet(SheetState.ENTERED)
    for item in ("phone", "postcode"):
        new_change(sheet, item).outcome = "accepted"
    db.session.commit()
    decisions.refuse(leader, sheet.id, sheet.version, "少一位数字", ["phone", "nothing"])
    later(UNDO_FOR)
    assert decisions.carry_out_due() == 1
    db.session.expire_all()
    found = {change.item: (change.outcome, change.reason) for change in sheet.changes}
    assert (sheet.state, found) == (
        SheetState.CHECKED,
        {"phone": ("open", "少一位数字"), "postcode": ("accepted", None)},
    )
