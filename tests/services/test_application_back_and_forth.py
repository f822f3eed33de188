"""A sheet with an application that goes back and forth: nothing is stuck, nothing applied for is asked twice (G2, G9,
H5), and what is taken back leaves the record as it was before."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Application, Change, Evidence, Pupil, Sheet, Switch, db
from portal.paper.ink import InkBox
from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import (
    application_drafts,
    applications,
    column_undo,
    entry,
    family_outcomes,
    granting,
    leading,
    pupils,
    readings,
)
from portal.services.change_lines import lines_of
from portal.services.readings import new_change
from portal.services.refusals import TooLate
from tests.make import Make
from tests.press import unlock

PHONE = "15400001234"


@pytest.fixture
def sheet(make: Make) -> Sheet:
    make.window(switch=Switch.ENTRY)
    return make.sheet(SheetState.PASSED)


@pytest.fixture
def registrar(make: Make, sheet: Sheet) -> Actor:
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def change(sheet: Sheet, item: str, typed: str | None = None) -> Change:
    made = new_change(sheet, item)
    if typed is not None:
        made.values = made.values | {"typed": typed}
    db.session.commit()
    return made


def applied(registrar: Actor, sheet: Sheet) -> tuple[Change, Application]:
    """The name of a sheet in a draft with its document."""
    made = change(sheet, "name", "林拭")
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path, "item": "name", "size": 1}
    db.session.add(Evidence(sheet_id=sheet.id, kind="HUKOU_SCAN", address="-" * 40, **own))
    db.session.commit()
    entry.apply_for(registrar, made.id)
    return made, db.session.scalars(select(Application)).one()


def granted(make: Make, registrar: Actor, found: Application) -> None:
    applications.send(registrar, found.id, found.version)
    found.state = ApplicationState.WITH_AUTHORITY
    db.session.commit()
    granting.carry_out(make.actor(Role.REGISTRAR, make.county()), found, ApplicationMove.GRANT, "与户口簿一致")
    db.session.commit()


def sent_back(make: Make, sheet: Sheet, what: SheetMove) -> None:
    leading.carry_out(make.actor(Role.LEADER, make.school()), sheet, what, "请再看一遍")
    db.session.commit()


def record_of(sheet: Sheet) -> dict[str, str]:
    db.session.expire_all()
    return db.session.get_one(Pupil, sheet.pupil_id).record


@pytest.mark.parametrize("is_granted", [False, True])
@pytest.mark.parametrize("what", [SheetMove.SEND_BACK, SheetMove.RETURN_TO_CHECKED])
def test_a_sheet_that_comes_back_can_be_finished_while_an_item_is_in_an_application(
    make: Make, registrar: Actor, sheet: Sheet, what: SheetMove, is_granted: bool
) -> None:
    """G9: what the authority decides, or has decided, is not opened beside it: nobody could give it a verdict there."""
    made, found = applied(registrar, sheet)
    if is_granted:
        granted(make, registrar, found)
    if what == SheetMove.RETURN_TO_CHECKED:
        entry.finish(registrar, sheet.id)
    sent_back(make, sheet, what)
    sheet.state = SheetState.PASSED
    db.session.commit()
    assert made.outcome == ("accepted" if is_granted else "applied_for")
    assert entry.finish(registrar, sheet.id).state == SheetState.ENTERED


def test_given_up_while_the_family_has_the_paper_again_the_item_is_open(
    make: Make, registrar: Actor, sheet: Sheet
) -> None:
    """G2: the new paper says what is wanted."""
    made, found = applied(registrar, sheet)
    sent_back(make, sheet, SheetMove.SEND_BACK)
    applications.withdraw(registrar, found.id, found.version)
    assert (made.outcome, made.application_id) == ("open", None)


def test_what_is_in_an_application_is_not_opened_by_undo(registrar: Actor, sheet: Sheet) -> None:
    made, found = applied(registrar, sheet)
    with pytest.raises(TooLate):
        column_undo.undo(registrar, made.id)
    db.session.rollback()
    assert (made.outcome, made.application_id) == ("applied_for", found.id)


@pytest.mark.parametrize("act", ["undo", "refuse"])
def test_what_is_taken_back_leaves_what_stood_there_before_it(registrar: Actor, sheet: Sheet, act: str) -> None:
    """The roster was imported anew after the paper was printed: that value is back, not the one on the paper."""
    made = change(sheet, "phone")
    pupils.keep_record(sheet.pupil, sheet.pupil.record | {"phone": "15400005678"})
    db.session.commit()
    entry.enter_value(registrar, made.id, PHONE)
    entry.enter_value(registrar, made.id, "15400004321")
    if act == "undo":
        column_undo.undo(registrar, made.id)
    else:
        entry.refuse_value(registrar, made.id, "看不清")
    assert record_of(sheet)["phone"] == "15400005678"


def photo_with(sheet: Sheet, *items: str) -> None:
    """A new paper with writing in the boxes of these items."""
    boxes = {item: InkBox("written", 0.9) for item in items}
    written = {item: {"state": box.state, "ticked": [], "crop": None} for item, box in boxes.items()}
    readings._list_changes(sheet, written)
    db.session.commit()
    db.session.expire_all()


def test_what_was_entered_before_a_new_paper_came_still_goes_to_the_registry(
    make: Make, registrar: Actor, sheet: Sheet
) -> None:
    """Otherwise what was printed and what was entered would be the same, and no file would have the change."""
    made = change(sheet, "phone")
    before = record_of(sheet)["phone"]
    entry.enter_value(registrar, made.id, PHONE)
    sent_back(make, sheet, SheetMove.SEND_BACK)
    photo_with(sheet, "phone")
    sheet.state = SheetState.PASSED
    db.session.commit()
    assert (made.outcome, made.values["printed"]) == ("open", before)
    entry.enter_value(registrar, made.id, PHONE)
    assert [(line.old, line.new) for line in lines_of([made], [], [])] == [(before, PHONE)]


def test_what_was_cleared_before_a_new_paper_came_is_not_forgotten(make: Make, registrar: Actor, sheet: Sheet) -> None:
    made = change(sheet, "former_name")
    pupils.keep_record(sheet.pupil, sheet.pupil.record | {"former_name": "林甲"})
    made.values = made.values | {"printed": "林甲"}
    db.session.commit()
    entry.enter_value(registrar, made.id, "")
    sent_back(make, sheet, SheetMove.SEND_BACK)
    made_id = made.id
    photo_with(sheet)
    assert db.session.get(Change, made_id) is not None


def test_applied_for_again_after_the_new_one_was_given_up_it_holds_the_items_of_the_sheet(
    registrar: Actor, sheet: Sheet
) -> None:
    """H5: refused, made again, given up, made again."""
    made, old = applied(registrar, sheet)
    applications.send(registrar, old.id, old.version)
    old.state = ApplicationState.REFUSED_BY_AUTHORITY
    db.session.commit()
    entry.finish(registrar, sheet.id)
    second = applications.again(registrar, old.id)
    applications.withdraw(registrar, second.id, second.version)
    third = applications.again(registrar, old.id)
    db.session.expire_all()
    assert made.application_id == third.id


def test_a_draft_by_hand_that_was_given_up_is_nothing_to_the_family(registrar: Actor, sheet: Sheet) -> None:
    found = application_drafts.by_hand(registrar, sheet.pupil_id, ["sex"])
    applications.withdraw(registrar, found.id, found.version)
    db.session.expire_all()
    assert family_outcomes.of_sheet(sheet, "zh") == family_outcomes.states_of(sheet) == ()
