"""A pupil moves between classes of the own school only, forth and back (F1, R46, R130)."""

from __future__ import annotations

import pytest

from portal.models import Place, db
from portal.rules.clock import today
from portal.rules.movements import MOVE_CLASS
from portal.rules.roles import Role
from portal.services import movements
from portal.services.movements import Movement
from portal.services.refusals import NotFound
from tests.make import Make


@pytest.fixture
def far(make: Make) -> Place:
    """A class of the same grade at another school."""
    make.round()
    return make.class_(make.school("2199000002", "试验市第二小学"), "2020107", "六年级（7）班")


def test_no_change_of_class_leads_into_another_school(make: Make, far: Place) -> None:
    pupil, registrar = make.pupil(), make.actor(Role.REGISTRAR, make.school())
    with pytest.raises(NotFound):
        movements.record_movement(registrar, pupil.id, Movement(MOVE_CLASS, today(), far.id))
    db.session.rollback()
    near = make.class_(code="2020107", name="六年级（7）班")
    movements.record_movement(registrar, pupil.id, Movement(MOVE_CLASS, today(), near.id))
    assert pupil.class_id == near.id


def test_a_change_of_class_is_not_taken_back_into_a_school_that_the_pupil_has_left(make: Make, far: Place) -> None:
    pupil, near = make.pupil(), make.class_(code="2020107", name="六年级（7）班")
    movements.record_movement(
        make.actor(Role.REGISTRAR, make.school()), pupil.id, Movement(MOVE_CLASS, today(), near.id)
    )
    pupil.school_id, pupil.class_id, pupil.path = far.parent_id, far.id, far.path  # type: ignore[assignment]
    db.session.commit()
    registrar = make.actor(Role.REGISTRAR, make.school("2199000002"))
    with pytest.raises(NotFound):
        movements.take_back(registrar, pupil.id)
    db.session.rollback()
    assert (pupil.class_id, pupil.path) == (far.id, far.path)
