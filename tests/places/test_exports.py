"""What is exported lies inside the own place; an export is its asker's where it was asked for (R130, sec-A35)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.rules.exports import Kind, Purpose
from portal.rules.roles import Role
from portal.services import exports
from portal.services.exports import Wanted
from portal.services.refusals import NotFound
from tests.make import Make


def test_no_roster_of_another_school_is_asked_for_or_taken_at_another_post(make: Make) -> None:
    school = make.school("2199000002", "试验市第二小学")
    own, far = make.class_(), make.class_(school)
    registrar = make.actor(Role.REGISTRAR, make.school())
    wanted = Wanted(Kind.ROSTER, Purpose.SERVICE, "一年一次的体检", own.id)
    with pytest.raises(NotFound):
        exports.ask(registrar, replace(wanted, place_id=far.id))
    export = exports.ask(registrar, wanted)
    assert export.choice["place"] == own.id.hex
    assert exports.is_own(registrar, export)
    assert not exports.is_own(replace(registrar, place_id=school.id), export)  # the same person there
