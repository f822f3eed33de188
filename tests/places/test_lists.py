"""A place by its code is one inside the own place, or none (R129, R130)."""

from __future__ import annotations

import pytest

from portal.rules.roles import Role
from portal.services import lists
from portal.services.refusals import NotFound
from tests.make import Make


def test_codes_of_places_elsewhere_name_nothing(make: Make) -> None:
    own = make.class_()
    make.class_(make.school("2199000002", "试验市第二小学", make.county("990102", "试验二区教育局")))
    actor = make.actor(Role.REGISTRAR, make.county())
    assert lists.place_coded(actor, "2199000001/2020106").id == own.id
    for code in ("2199000002", "2199000002/2020106", "990102", "990100"):
        with pytest.raises(NotFound):
            lists.place_coded(actor, code)
