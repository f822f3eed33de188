"""What a teacher accepted a moment ago is shown in the class where it was accepted (G1, R129)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import checking, looking
from portal.services.checking import Eyes
from portal.services.refusals import NotFound
from tests.make import Make


def test_a_teacher_of_two_classes_sees_in_one_nothing_of_the_other(make: Make) -> None:
    """The same person a minute later in the other post: number and name of the first class's pupil are not there."""
    sheet, other = make.sheet(SheetState.RECEIVED), make.class_(code="2020107", name="六年级（7）班")
    teacher = make.actor(Role.TEACHER, sheet.class_)
    checking.check(teacher, sheet.id, sheet.version, Eyes(signed=True, changed=False))
    found = looking.accepted(teacher, sheet.id)
    assert found is not None
    assert found.sheet_id == sheet.id
    with pytest.raises(NotFound):
        looking.accepted(replace(teacher, place_id=other.id, path=other.path), sheet.id)
