"""Handing out and taking back: only then do codes live, and the file goes (D5, D6, R94, sec-A3)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Leaf, PrintRun, db
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import figures, photos, print_choices, print_runs, printing, round_checklist
from portal.services.print_content import Selection
from portal.services.refusals import Refusal, TooLate
from tests.make import Make
from tests.press import Press, unlock, work


@pytest.fixture
def registrar(make: Make) -> Actor:
    """A registrar who may print now."""
    make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def run(app: Flask, actor: Actor) -> PrintRun:
    """A finished run of the whole school."""
    made = printing.start_run(actor, Selection())
    assert work(app) == 1
    db.session.refresh(made)
    return made


def test_handing_out_makes_sheets_issued_and_removes_the_file(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    """D5, D6: issued = "handed out" was pressed; only then codes live and the figure counts."""
    sheets = [make.sheet() for _ in range(3)]
    made = run(app, registrar)
    address = made.address
    assert address is not None
    print_runs.fetch_file(registrar, made.id)
    print_runs.fetch_file(registrar, made.id)
    assert print_runs.hand_out_run(registrar, made.id) == 3
    db.session.expire_all()
    assert {s.state for s in sheets} == {SheetState.ISSUED}
    assert all(s.issued for s in sheets)
    figures.fold_all()
    assert figures.counts_below(made.round_id, registrar.path)[Measure.ISSUED] == 3
    assert made.address is None
    assert not photos.store().exists(address)
    with pytest.raises(TooLate, match="下发以后就删掉"):
        print_runs.fetch_file(registrar, made.id)
    with pytest.raises(TooLate, match="已经下发过"):
        print_runs.hand_out_run(registrar, made.id)


def test_handing_out_class_by_class(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    for class_ in (one, one, two):
        make.sheet(pupil=make.pupil(class_))
    made = run(app, registrar)
    assert print_runs.hand_out_classes(registrar, [one.id]) == 2
    assert print_runs.run_view(registrar, made.id).to_hand_out == 1
    assert made.address is not None, "the other class's paper is still wanted"
    with pytest.raises(Refusal, match="没有印好"):
        print_runs.hand_out_classes(registrar, [one.id])
    assert print_runs.hand_out_classes(registrar, [two.id]) == 1
    db.session.refresh(made)
    assert made.address is None


def test_hand_out_concerns_only_the_newest_leaf(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    sheet = make.sheet()
    old = run(app, registrar)
    new = run(app, registrar)
    with pytest.raises(TooLate, match="没有要下发的表"):
        print_runs.hand_out_run(registrar, old.id)
    assert sheet.state == SheetState.PRINTED
    assert print_runs.hand_out_run(registrar, new.id) == 1


def test_a_stolen_batch_is_taken_out_of_use(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    """sec-A3: leaves void, codes dead, the same sheets can be printed anew with other codes."""
    sheet = make.sheet()
    made = run(app, registrar)
    with pytest.raises(Refusal, match="为什么作废"):
        print_runs.revoke_run(registrar, made.id, "  ")
    assert print_runs.revoke_run(registrar, made.id, "路上丢了一包") == 1
    assert db.session.get_one(Leaf, sheet.leaf_number).revoked_at is not None
    with pytest.raises(TooLate, match="已经作废"):
        print_runs.revoke_run(registrar, made.id, "再来一次")
    with pytest.raises(TooLate, match="没有要下发的表"):
        print_runs.hand_out_run(registrar, made.id)
    db.session.rollback()
    assert sheet.state == SheetState.PRINTED
    facts = round_checklist.facts_of(registrar)
    assert (facts.to_hand_out, facts.to_print, facts.next_step) == (0, 1, "print")
    offered = print_choices.classes_to_print(registrar)[0]
    assert (offered.waiting, offered.printed, offered.total) == (1, 0, 1)
    run(app, registrar)
    facts = round_checklist.facts_of(registrar)
    assert (facts.to_hand_out, facts.to_print) == (1, 0)
    first, second = press.seen
    assert first.registration_code != second.registration_code
    assert print_runs.hand_out_run(registrar, db.session.scalars(select(PrintRun).where(PrintRun.number == 2)).one().id)
