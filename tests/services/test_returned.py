"""A whole class at once: papers that are back and reasons why nothing comes, all or none."""

from __future__ import annotations

from uuid import uuid4

import pytest

from portal.models import db
from portal.rules.figures import Measure, measures_of
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import classes, returned
from portal.services.history import steps_of
from portal.services.refusals import NotFound, Refusal
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


def test_a_pile_of_papers_is_ticked_in_at_once_and_corrected(make: Make, registrar: Actor) -> None:
    """N2, X30: an official count beside the photos; a photo keeps its sheet received."""
    paper, both, none = make.sheet(SheetState.ISSUED), make.sheet(SheetState.RECEIVED), make.sheet(SheetState.ISSUED)
    ids = [sheet.id for sheet in (paper, both, none)]
    assert returned.tick(registrar, paper.class_id, ids, [paper.id, both.id]) == 2
    assert [sheet.returned for sheet in (paper, both, none)] == [True, True, False]
    assert (paper.state, none.state) == (SheetState.RECEIVED, SheetState.ISSUED)
    assert Measure.RETURNED in measures_of(paper)
    assert returned.tick(registrar, paper.class_id, ids, []) == 2
    assert [sheet.state for sheet in (paper, both)] == [SheetState.ISSUED, SheetState.RECEIVED]
    assert [step.move for step, _who in steps_of(paper.id)] == ["RECEIVE", "TAKE_BACK"]
    (row,) = returned.by_class(registrar)
    assert (row.issued, row.returned, row.received) == (3, 0, 1)


def test_one_that_was_not_handed_out_stops_them_all(make: Make, registrar: Actor) -> None:
    sheet, printed = make.sheet(SheetState.ISSUED), make.sheet(SheetState.PRINTED)
    with pytest.raises(Refusal, match="下发"):
        returned.tick(registrar, sheet.class_id, [sheet.id, printed.id], [sheet.id, printed.id])
    db.session.rollback()
    assert (sheet.returned, sheet.state) == (False, SheetState.ISSUED)
    assert [row.sheet_id for row in returned.of_class(registrar, sheet.class_id).rows] == [sheet.id]


def test_reasons_for_many_children_at_once(make: Make, registrar: Actor) -> None:
    one, other = make.sheet(SheetState.ISSUED), make.sheet(SheetState.ISSUED, cause="away")
    assert classes.set_causes(registrar, one.class_id, {one.id: "no_phone", other.id: ""}) == 2
    assert (one.cause, other.cause) == ("no_phone", None)
    assert classes.set_causes(registrar, one.class_id, {one.id: "no_phone"}) == 0, "nothing new, no step"
    with pytest.raises(Refusal, match="列表"):
        classes.set_causes(registrar, one.class_id, {other.id: "away", one.id: "rain"})
    db.session.rollback()
    assert other.cause is None
    assert len(steps_of(one.id)) == 1


def test_another_class_and_another_school_do_not_exist(make: Make, registrar: Actor) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    far = make.sheet(SheetState.ISSUED, make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    near = make.sheet(SheetState.ISSUED, make.pupil(make.class_(code="2020107", name="六年级（7）班")))
    for act in (
        lambda: returned.tick(registrar, far.class_id, [far.id], [far.id]),
        lambda: returned.tick(registrar, sheet.class_id, [sheet.id, near.id], []),
        lambda: returned.tick(registrar, sheet.class_id, [sheet.id], [uuid4()]),
        lambda: returned.of_class(registrar, far.class_id),
        lambda: classes.set_causes(registrar, sheet.class_id, {near.id: "away"}),
        lambda: classes.set_causes(registrar, far.class_id, {far.id: "away"}),
    ):
        with pytest.raises(NotFound):
            act()
    assert not far.returned
