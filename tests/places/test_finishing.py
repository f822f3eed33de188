"""Handing on takes each sheet as it is when it is locked: what went elsewhere meanwhile is left (R129)."""

from __future__ import annotations

import pytest

from portal.models import Sheet, Switch, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import entry, finishing
from portal.services.finishing import Done
from tests.make import Make
from tests.photographs import arrive, leaf_of


def test_a_sheet_that_goes_to_another_school_meanwhile_is_left(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are handed on all the same."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    operator, elsewhere = make.actor(Role.OPERATOR, make.school()), make.school("2199000002", "试验市第二小学")
    sheets = [make.sheet(SheetState.ISSUED) for _ in range(2)]
    for sheet in sheets:
        arrive(sheet, leaf_of(sheet))
        sheet.state = SheetState.PASSED
    db.session.commit()
    close = entry.close

    def close_while_the_other_goes(actor: Actor, sheet: Sheet) -> None:
        (other,) = (one for one in sheets if one is not sheet)
        other.path = f"{elsewhere.path}{other.path.removeprefix(make.school().path)}"
        close(actor, sheet)

    monkeypatch.setattr(entry, "close", close_while_the_other_goes)
    assert finishing.hand_on(operator) == Done(whole=1)
    assert sorted(sheet.state for sheet in sheets) == [SheetState.ENTERED, SheetState.PASSED]
