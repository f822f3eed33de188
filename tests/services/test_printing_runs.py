"""Print runs: allowed when unlocked and open, whole or not at all, leaves never reused (A4, D1-D6, R94-R96)."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.jobs import Worker
from portal.jobs.running import HANDLERS
from portal.models import Leaf, PrintRun, RegistrationCode, Step, Switch, Window, db
from portal.rules.clock import now
from portal.rules.numbers import LEAF_BITS, leaf_text
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import leaves, print_runs, printing
from portal.services.print_content import Selection
from portal.services.refusals import NotFound, Refusal, TooLate
from tests.make import Make
from tests.press import Press, unlock, work

WHOLE = Selection()


@pytest.fixture
def registrar(make: Make) -> Actor:
    """A registrar who may print now."""
    make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def run(app: Flask, actor: Actor, chosen: Selection = WHOLE) -> PrintRun:
    """A finished run."""
    made = printing.start_run(actor, chosen)
    assert work(app) == 1
    db.session.refresh(made)
    return made


def test_a_run_moves_its_sheets_and_keeps_its_file(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    """R94 good: unlocked and open -> file; D6: expected -> printed."""
    sheets = [make.sheet() for _ in range(3)]
    made = run(app, registrar)
    assert made.state == "done"
    assert {s.state for s in sheets} == {SheetState.PRINTED}
    name, content = print_runs.fetch_file(registrar, made.id)
    assert name == "2199000001-01.pdf"
    assert sorted(content.decode().split()[::2]) == sorted(leaf_text(s.leaf_number or 0) for s in sheets)
    step = db.session.scalars(select(Step).where(Step.thing_id == sheets[0].id)).one()
    assert (step.move, step.by_id) == ("PRINT", registrar.user_id)


def test_locked_or_closed_nothing_is_printed(make: Make, press: Press) -> None:
    """A4, B6, R94 bad, X28: locked + open, unlocked + closed; R95: the entry switch does not help."""
    make.sheet()
    window = make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    with pytest.raises(TooLate, match="还没有解锁"):
        printing.start_run(actor, WHOLE)
    unlock(make, actor.place_id, actor.user_id)
    make.window(switch=Switch.ENTRY)
    window.closes_at = now() - timedelta(seconds=1)
    db.session.commit()
    with pytest.raises(TooLate, match="窗口已经关了"):
        printing.start_run(actor, WHOLE)
    with pytest.raises(TooLate):
        printing.print_now(actor, WHOLE, io.BytesIO())
    window.closes_at = now() + timedelta(days=1)
    db.session.commit()
    assert printing.start_run(actor, WHOLE).sheets == 1
    assert db.session.scalar(select(func.count()).select_from(Leaf)) == 0


def test_the_file_is_bound_to_the_window_as_well(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    make.sheet()
    made = run(app, registrar)
    db.session.scalars(select(Window)).one().closes_at = now() - timedelta(seconds=1)
    db.session.commit()
    with pytest.raises(TooLate):
        print_runs.fetch_file(registrar, made.id)


def test_nothing_ticked_is_the_whole_class(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    """R96: class of 45, none ticked -> 45; 3 ticked -> 3."""
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    first = [make.sheet(pupil=make.pupil(one)) for _ in range(45)]
    make.sheet(pupil=make.pupil(two))
    assert run(app, registrar, Selection(class_ids=(one.id,))).sheets == 45
    assert {d.class_label for d in press.seen} == {one.name}
    ticked = tuple(s.id for s in first[:3])
    assert run(app, registrar, Selection(class_ids=(one.id,), sheet_ids=ticked)).sheets == 3
    assert run(app, registrar).sheets == 46


def test_printing_follows_class_and_seat(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    old, new = make.class_(code="2020101"), make.class_(code="2024101", name="二年级（1）班")
    for class_, seat in ((old, "2"), (new, "10"), (old, "1"), (new, "9")):
        make.sheet(pupil=make.pupil(class_, class_seat_number=seat))
    run(app, registrar)
    assert [(d.class_label, d.seat) for d in press.seen] == [
        (new.name, "9"),
        (new.name, "10"),
        (old.name, "1"),
        (old.name, "2"),
    ]


def test_out_of_scope_and_verified_are_not_printed(registrar: Actor, make: Make, press: Press) -> None:
    make.sheet(in_scope=False, exclusion="left")
    verified = make.sheet(SheetState.VERIFIED)
    with pytest.raises(Refusal, match="没有可以打印"):
        printing.start_run(registrar, WHOLE)
    good = make.sheet()
    with pytest.raises(Refusal, match="有不能打印的"):
        printing.start_run(registrar, Selection(sheet_ids=(good.id, verified.id)))


def test_another_schools_classes_do_not_exist(registrar: Actor, make: Make, press: Press) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    sheet = make.sheet(pupil=make.pupil(other))
    no_class = Selection((registrar.place_id,))
    for chosen in (Selection(class_ids=(other.id,)), Selection(sheet_ids=(sheet.id,)), no_class):
        with pytest.raises(NotFound):
            printing.start_run(registrar, chosen)


def test_a_reprint_supersedes_the_older_leaf_and_keeps_the_code(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    """E11: a reprint prints the same code; the older leaf stays and names its successor."""
    sheet = make.sheet()
    run(app, registrar)
    first = sheet.leaf_number
    run(app, registrar)
    db.session.refresh(sheet)
    old, new = press.seen
    assert (old.leaf, new.leaf) == (first, sheet.leaf_number)
    assert old.registration_code == new.registration_code
    row = db.session.get_one(Leaf, first)
    assert row.superseded_by == new.leaf
    assert row.revoked_at is None
    assert sheet.state == SheetState.PRINTED


def test_a_reprint_never_changes_a_later_state(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet(SheetState.CHECKED)
    run(app, registrar)
    assert (sheet.state, sheet.issued) == (SheetState.CHECKED, True)


def test_leaf_numbers_are_drawn_again_on_collision(registrar: Actor, make: Make, press: Press, app: Flask) -> None:
    """28 bits, never reused in a deployment."""

    class Stuck(random.Random):
        """Draws the same numbers first for everybody."""

        def randrange(self, stop: int, *_: int) -> int:  # type: ignore[override]
            assert stop == 1 << LEAF_BITS
            return next(draws)

    sheets = [make.sheet() for _ in range(3)]
    made = run(app, registrar)
    taken = db.session.scalars(select(Leaf.number)).all()
    draws = iter([taken[0], taken[1], 7, 7, 8, taken[2], 9])
    second = PrintRun(round_id=made.round_id, school_id=made.school_id, path=made.path, number=2)
    db.session.add(second)
    db.session.commit()
    numbers = leaves.leaves_for(second.id, [s.id for s in sheets], Stuck())
    assert sorted(numbers.values()) == [7, 8, 9]
    assert leaves.leaves_for(second.id, [s.id for s in sheets], Stuck()) == numbers, "the same leaves a second time"


def test_a_killed_worker_leaves_nothing_double(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    """The job is taken up again: one leaf a sheet, one move, one file."""
    sheets = [make.sheet() for _ in range(4)]
    made = printing.start_run(registrar, WHOLE)

    class Killed(BaseException):
        """What a kill looks like from inside."""

    def die(count: int) -> None:
        if count == 2:
            raise Killed

    press.before = die
    with pytest.raises(Killed):
        work(app)
    db.session.rollback()
    assert {s.state for s in sheets} == {SheetState.EXPECTED}
    db.session.rollback()
    press.before = None
    later = Worker(db.engine, context=app.app_context, clock=lambda: now() + timedelta(minutes=5))
    assert later.drain() == 1
    db.session.expire_all()
    assert {s.state for s in sheets} == {SheetState.PRINTED}
    assert made.state == "done"
    assert sorted(db.session.scalars(select(Leaf.number))) == sorted(s.leaf_number or 0 for s in sheets)
    assert db.session.scalar(select(func.count()).where(RegistrationCode.live)) == 4


def test_killed_after_the_file_was_stored(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet()
    made = printing.start_run(registrar, WHOLE)
    real = printing._complete

    def dies(*_: Any) -> None:
        raise SystemExit

    printing._complete = dies  # type: ignore[assignment]
    try:
        with pytest.raises(SystemExit):
            work(app)
    finally:
        printing._complete = real
    db.session.rollback()
    Worker(db.engine, context=app.app_context, clock=lambda: now() + timedelta(minutes=5)).drain()
    db.session.expire_all()
    assert sheet.state == SheetState.PRINTED
    assert made.address is not None
    assert db.session.scalar(select(func.count()).select_from(Leaf)) == 1


def test_stopping_a_running_print_leaves_nothing_half_done(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    sheets = [make.sheet() for _ in range(3)]
    made = printing.start_run(registrar, WHOLE)
    run_id = made.id
    db.session.rollback()

    def stop(count: int) -> None:
        if count == 1:
            print_runs.cancel_run(registrar, run_id)

    press.before = stop
    work(app)
    db.session.expire_all()
    assert made.state == "cancelled"
    assert {s.state for s in sheets} == {SheetState.EXPECTED}
    assert {s.leaf_number for s in sheets} == {None}
    assert db.session.scalar(select(func.count()).where(Leaf.revoked_at.is_(None))) == 0
    assert print_runs.run_view(registrar, made.id).state == print_runs.STOPPED
    press.before = None
    assert run(app, registrar).number == 2


def test_stopping_before_it_began_and_after_it_ended(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    make.sheet()
    waiting = printing.start_run(registrar, WHOLE)
    print_runs.cancel_run(registrar, waiting.id)
    assert work(app) == 0
    done = run(app, registrar)
    with pytest.raises(TooLate, match="已经印好"):
        print_runs.cancel_run(registrar, done.id)
    assert done.state == "done"


def test_a_run_that_fails_says_so(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    make.sheet()
    made = printing.start_run(registrar, WHOLE)

    def fail(_count: int) -> None:
        raise ValueError("broken")

    press.before = fail
    clock = iter(now() + timedelta(hours=n) for n in range(100))
    Worker(db.engine, context=app.app_context, clock=lambda: next(clock)).drain()
    view = print_runs.run_view(registrar, made.id)
    assert view.state == print_runs.FAILED
    assert view.note
    with pytest.raises(TooLate, match="没有印成"):
        print_runs.cancel_run(registrar, made.id)


def test_another_schools_run_does_not_exist(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    make.sheet()
    made = run(app, registrar)
    stranger = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    for act in (print_runs.run_view, print_runs.fetch_file, print_runs.hand_out_run, print_runs.cancel_run):
        with pytest.raises(NotFound):
            act(stranger, made.id)


def test_print_now_is_the_same_run_without_a_job(registrar: Actor, make: Make, press: Press) -> None:
    sheets = [make.sheet() for _ in range(2)]
    out = io.BytesIO()
    printed = printing.print_now(registrar, WHOLE, out)
    assert printed.run == 1
    assert [first for _, _, first in printed.sheets] == [1, 3]
    assert {number for number, _, _ in printed.sheets} == {s.pupil.record["student_number"] for s in sheets}
    assert {leaf for _, leaf, _ in printed.sheets} == {leaf_text(s.leaf_number or 0) for s in sheets}
    assert printed.peak_mb > 10
    assert out.getvalue()


def test_a_command_that_breaks_off_moves_nothing(registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet()

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    press.before = stop
    with pytest.raises(KeyboardInterrupt):
        printing.print_now(registrar, WHOLE, io.BytesIO())
    assert sheet.state == SheetState.EXPECTED
    assert print_runs.runs_of(registrar)[0].state == print_runs.STOPPED


def test_every_page_says_where_it_comes_from(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    """Run number, time, account and watermark; doubts are marked."""
    make.sheet(pupil=make.pupil(guardian1_phone="12"))
    made = run(app, registrar)
    texts = press.runs[0]
    assert texts.number == str(made.number)
    assert texts.printed_by == registrar.name
    assert registrar.place_name in texts.watermark
    assert "guardian1_phone" in press.seen[0].doubts
    assert press.seen[0].values["sex"] in ("男", "女")
    assert press.seen[0].registration_code.startswith("R")


def test_the_handler_is_known_to_every_worker() -> None:
    assert HANDLERS["print_sheets"] is printing.print_in_job
