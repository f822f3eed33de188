"""What waits for an application waits at its own school (R129, R130)."""

from __future__ import annotations

from portal.models import db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import application_list
from portal.services.readings import new_change
from tests.make import Make


def test_sheets_that_wait_for_an_application_are_those_of_the_school(make: Make) -> None:
    """H1, R104: key data handed on at another school are neither counted nor listed here."""
    neighbour = make.school("2199000002", "试验市第二小学")
    sheets = [make.sheet(SheetState.PASSED, make.pupil(make.class_(school))) for school in (make.school(), neighbour)]
    for sheet in sheets:
        new_change(sheet, "name").outcome = "applied_for"
    db.session.commit()
    for sheet, school in zip(sheets, (make.school(), neighbour), strict=True):
        registrar = make.actor(Role.REGISTRAR, school)
        assert application_list.standing_of(registrar)["waiting"] == 1
        assert [one.sheet_id for one in application_list.waiting_sheets(registrar)] == [sheet.id]
