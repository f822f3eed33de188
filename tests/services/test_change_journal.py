"""What the leader signed off in pupils' own journals goes to the registry like every accepted change (G6, X10, 12)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from portal.models import ChangeFile, FiledStep, Pupil, Sheet, Step, Switch, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import (
    change_file_views,
    change_files,
    change_lines,
    maintenance,
    maintenance_journal,
    maintenance_states,
    pupils,
)
from portal.services.history import record
from portal.services.maintenance import MAINTAIN
from portal.services.refusals import TooLate
from tests.make import Make
from tests.services.test_change_files import accepted, cells, content

OLD, NEW, LAST = "15400091001", "15400091002", "15400091003"


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    """A clock that stands; tests move it on."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def changed(who: Actor, pupil: Pupil, **new: str) -> Step:
    """Saved without a sheet, as maintenance does; nobody has signed it off."""
    known = pupil.record
    pupils.keep_record(pupil, known | new)
    text = json.dumps({item: [known[item], value] for item, value in new.items()}, ensure_ascii=False)
    step = record(who, pupil, MAINTAIN, pupil.school_id, reason=text, items=list(new))
    db.session.commit()
    return step


def sign(make: Make, *steps: Step) -> None:
    maintenance_journal.sign_off(make.actor(Role.LEADER, make.school()), [step.id for step in steps])


def phones(actor: Actor, file: ChangeFile) -> list[str]:
    return [row["联系电话"] for row in cells(content(actor, file))]


def due(actor: Actor) -> int:
    """The count on the list of steps, which is that of the lines of the next file."""
    count = change_file_views.counts_of(actor)[0]
    assert count == len(change_lines.due(actor, now()).lines)
    return count


def file_of(step: Step) -> ChangeFile:
    (bound,) = db.session.query(FiledStep).filter_by(step_id=step.id)
    return db.session.get_one(ChangeFile, bound.file_id)


def test_it_is_due_once_the_leader_has_signed_it_off(registrar: Actor, make: Make) -> None:
    step = changed(registrar, make.pupil(), phone=NEW, talent="围棋")
    assert (due(registrar), change_lines.not_yet(registrar)) == (0, (2, 0))
    with pytest.raises(TooLate):
        change_files.make(registrar)
    db.session.rollback()
    sign(make, step)
    assert (due(registrar), change_lines.not_yet(registrar)) == (2, (0, 0))
    file = change_files.make(registrar)
    assert (file.rows, file.items, phones(registrar, file)) == (1, 2, [NEW])
    assert {line["依据"] for line in cells(content(registrar, file), "说明")} == {"改学生资料"}
    shown = change_file_views.lines_of(registrar, file.id)
    assert [line.basis for line in shown] == ["journal", "journal"]
    assert due(registrar) == 0
    with pytest.raises(TooLate):
        change_files.make(registrar)


def test_what_is_saved_after_the_sign_off_of_a_sheet_goes_along(
    registrar: Actor, make: Make, monkeypatch: pytest.MonkeyPatch, later: time_machine.Traveller
) -> None:
    """The whole way, from typing it to the file."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(maintenance_states, "require_unlocked", lambda *_: None)
    pupil = accepted(make, phone=OLD).pupil
    later.shift(timedelta(minutes=1))
    assert maintenance.save(registrar, pupil.id, pupil.version, {"phone": NEW}).saved == ["phone"]
    (entry,) = maintenance_journal.waiting(make.actor(Role.LEADER, make.school()))
    maintenance_journal.sign_off(make.actor(Role.LEADER, make.school()), [entry.step_id])
    assert due(registrar) == 2
    assert phones(registrar, change_files.make(registrar)) == [NEW]


def test_what_the_leader_sent_back_is_never_due(registrar: Actor, make: Make) -> None:
    step = changed(registrar, make.pupil(), phone=NEW)
    maintenance_journal.send_back(make.actor(Role.LEADER, make.school()), step.id, "号码少一位")
    assert (due(registrar), change_lines.not_yet(registrar)) == (0, (0, 0))


def test_a_pupil_who_has_left_is_for_another_school(registrar: Actor, make: Make) -> None:
    gone, waiting = (changed(registrar, make.pupil(), phone=NEW) for _ in range(2))
    sign(make, gone)
    for step in (gone, waiting):
        db.session.get_one(Pupil, step.thing_id).left_at = now()
    db.session.commit()
    assert (due(registrar), change_lines.not_yet(registrar)) == (0, (0, 0))


def sheet_then_journal(make: Make, who: Actor, later: time_machine.Traveller) -> tuple[Sheet, Step]:
    sheet = accepted(make, phone=OLD)
    later.shift(timedelta(hours=1))
    return sheet, changed(who, sheet.pupil, phone=NEW)


def test_the_newer_value_holds_and_the_older_one_goes_along_as_overtaken(
    registrar: Actor, make: Make, later: time_machine.Traveller
) -> None:
    sheet, step = sheet_then_journal(make, registrar, later)
    sign(make, step)
    file = change_files.make(registrar)
    assert phones(registrar, file) == [NEW]
    assert [line["现在"] for line in cells(content(registrar, file), "说明")] == [OLD, NEW]
    assert (sheet.changes[0].file_id, file_of(step).id) == (file.id, file.id)
    assert due(registrar) == 0


def test_until_it_is_signed_off_the_sheet_holds(registrar: Actor, make: Make, later: time_machine.Traveller) -> None:
    _, step = sheet_then_journal(make, registrar, later)
    assert phones(registrar, change_files.make(registrar)) == [OLD]
    sign(make, step)
    second = change_files.make(registrar)
    assert (second.number, phones(registrar, second)) == (2, [NEW])


def test_what_was_entered_on_a_sheet_afterwards_is_newer(
    registrar: Actor, make: Make, later: time_machine.Traveller
) -> None:
    pupil = make.pupil()
    step = changed(registrar, pupil, phone=OLD)
    later.shift(timedelta(hours=1))
    accepted(make, pupil=pupil, phone=NEW)
    sign(make, step)
    file = change_files.make(registrar)
    assert (phones(registrar, file), file_of(step).id) == ([NEW], file.id)


def test_signed_off_after_a_newer_value_of_a_sheet_has_gone_it_does_not_follow(
    registrar: Actor, make: Make, later: time_machine.Traveller
) -> None:
    pupil = make.pupil()
    step = changed(registrar, pupil, phone=OLD, postcode="990001")
    later.shift(timedelta(hours=1))
    accepted(make, pupil=pupil, phone=NEW)
    change_files.make(registrar)
    sign(make, step)
    assert due(registrar) == 1
    assert [line.item for line in change_lines.due(registrar, now()).lines] == ["postcode"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_signed_off_in_any_order_the_newest_value_stays(
    registrar: Actor, make: Make, later: time_machine.Traveller, newest_first: bool
) -> None:
    pupil = make.pupil()
    first = changed(registrar, pupil, phone=OLD, postcode="990001")
    later.shift(timedelta(hours=1))
    second = changed(registrar, pupil, phone=NEW)
    sign(make, second if newest_first else first)
    assert phones(registrar, change_files.make(registrar)) == [NEW if newest_first else OLD]
    later.shift(timedelta(hours=1))
    sign(make, first if newest_first else second)
    assert due(registrar) == 1
    told = cells(content(registrar, change_files.make(registrar)), "说明")
    assert [line["现在"] for line in told] == ["990001" if newest_first else NEW]


def test_a_sheet_taken_up_again_does_not_bring_back_an_older_value(
    registrar: Actor, make: Make, later: time_machine.Traveller
) -> None:
    sheet, step = sheet_then_journal(make, registrar, later)
    sign(make, step)
    sheet.state = SheetState.ENTERED
    db.session.commit()
    assert phones(registrar, change_files.make(registrar)) == [NEW]
    sheet.state = SheetState.VERIFIED
    db.session.commit()
    assert due(registrar) == 0
    with pytest.raises(TooLate):
        change_files.make(registrar)


def test_a_dropped_file_gives_them_back(registrar: Actor, make: Make, later: time_machine.Traveller) -> None:
    step = changed(registrar, make.pupil(), phone=NEW)
    sign(make, step)
    first = change_files.make(registrar)
    change_files.drop(registrar, first.id, first.version, "第 1 行学籍号不对")
    assert due(registrar) == 1
    second = change_files.make(registrar)
    assert (phones(registrar, second), file_of(step).id) == ([NEW], second.id)
    assert change_lines.lines_of_file(registrar, first) == []
    change_files.taken(registrar, second.id, second.version, "批次 1")
    assert due(registrar) == 0


def test_a_dropped_file_does_not_bring_back_what_a_journal_has_overtaken(
    registrar: Actor, make: Make, later: time_machine.Traveller
) -> None:
    sheet, step = sheet_then_journal(make, registrar, later)
    first = change_files.make(registrar)
    sign(make, step)
    change_files.make(registrar)
    later.shift(timedelta(hours=1))
    change_files.drop(registrar, first.id, first.version, "格式不对")
    assert due(registrar) == 0
    changed_again = changed(registrar, sheet.pupil, phone=LAST)
    sign(make, changed_again)
    assert phones(registrar, change_files.make(registrar)) == [LAST]


def test_the_step_stays_as_it_was(registrar: Actor, make: Make) -> None:
    step = changed(registrar, make.pupil(), phone=NEW)
    sign(make, step)
    before = {column.key: getattr(step, column.key) for column in Step.__table__.columns}
    change_files.make(registrar)
    db.session.expire_all()
    assert {column: getattr(step, column) for column in before} == before


def test_many_entries_take_no_more_questions_than_few(registrar: Actor, make: Make) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def questions() -> int:
        db.session.expire_all()
        asked.clear()
        change_file_views.counts_of(registrar)
        change_lines.due(registrar, now())
        return len(asked)

    def more(count: int) -> None:
        sign(make, *[changed(registrar, make.pupil(), phone=f"1540009{n:04d}") for n in range(count)])

    more(2)
    few = questions()
    more(30)
    assert questions() == few
    assert due(registrar) == 32


def test_of_many_registrars_at_once_no_entry_is_in_two_files(app: Flask, make: Make, registrar: Actor) -> None:
    steps = [changed(registrar, make.pupil(), phone=f"1540009{n:04d}") for n in range(20)]
    sign(make, *steps)
    accepted(make)
    ids = {step.id for step in steps}
    db.session.rollback()
    ready, made = threading.Barrier(6), []

    def press() -> None:
        with app.app_context():
            ready.wait()
            try:
                made.append(change_files.make(registrar).items)
            except TooLate:
                db.session.rollback()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [21]
    db.session.expire_all()
    assert sorted(one.step_id for one in db.session.query(FiledStep)) == sorted(ids)
    assert db.session.query(ChangeFile).count() == 1
