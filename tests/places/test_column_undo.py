"""Taken back is what one said here about a sheet that is here; posts and pupils move within ten minutes, too (R129)."""

from __future__ import annotations

import pytest

from portal.models import Place, Sheet, Switch, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import column_undo, entry
from portal.services.history import record
from portal.services.readings import new_change
from portal.services.refusals import NotFound
from tests.make import Make


@pytest.fixture
def operator(make: Make, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Who enters at a school that is open for entry and unlocked."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    return make.actor(Role.OPERATOR, make.school())


@pytest.fixture
def neighbour(make: Make) -> Place:
    return make.school("2199000002", "试验市第二小学")


def said_empty(operator: Actor, sheet: Sheet, at: Place) -> None:
    """The operator said at a place that nothing is written in a box of the sheet, and takes it back."""
    change = new_change(sheet, "phone")
    db.session.flush()
    number = sheet.id.hex
    record(operator, change, "CHANGE_NOTHING", sheet.school_id, path=at.path, item="phone", sheet=number, source="ink")
    db.session.delete(change)
    db.session.commit()
    column_undo.undo(operator, change.id)


def test_what_was_said_here_of_a_sheet_here_is_taken_back(operator: Actor, make: Make) -> None:
    sheet = make.sheet(SheetState.PASSED)
    said_empty(operator, sheet, make.school())
    assert [change.item for change in sheet.changes] == ["phone"]


def test_what_was_said_in_another_post_is_not_taken_back_in_this_one(
    operator: Actor, make: Make, neighbour: Place
) -> None:
    """The same person, the same minutes: the pupil came over meanwhile, what was said at the other school did not."""
    sheet = make.sheet(SheetState.PASSED)
    with pytest.raises(NotFound):
        said_empty(operator, sheet, neighbour)
    assert sheet.changes == []


def test_a_sheet_that_went_to_another_school_is_not_opened_from_here(
    operator: Actor, make: Make, neighbour: Place
) -> None:
    """R130: the row would stand among those of the other school."""
    sheet = make.sheet(SheetState.PASSED, make.pupil(make.class_(neighbour)))
    with pytest.raises(NotFound):
        said_empty(operator, sheet, make.school())
    assert sheet.changes == []
