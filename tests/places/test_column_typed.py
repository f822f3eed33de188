"""Rows accepted together are rows of the own school; of others not even the names come back (R129, R130)."""

from __future__ import annotations

from portal.models import Change, Pupil, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import column_typed
from portal.services.readings import new_change
from tests.make import Make


def typed(make: Make, pupil: Pupil) -> Change:
    change = new_change(make.sheet(SheetState.PASSED, pupil), "phone")
    change.values = change.values | {"typed": "15400001234"}
    db.session.commit()
    return change


def test_a_row_of_another_school_is_not_named_among_those_left_out(make: Make) -> None:
    """Its words would hold the name of the pupil, what is registered and what the family typed."""
    operator = make.actor(Role.OPERATOR, make.school())
    own = typed(make, make.pupil())
    foreign = typed(make, make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    outcome = column_typed.accept(operator, {own.id: own.version + 1, foreign.id: foreign.version + 1})
    assert [row.change_id for row, _why in outcome.left_out] == [own.id]
    assert outcome.accepted == 0
