"""The check by place is that of the own county: no other is shown, and no way leads above it (J4, R130)."""

from __future__ import annotations

import pytest

from portal.rules.roles import Role
from portal.services import findings_figures
from portal.services.refusals import NotFound
from tests.make import Make


def test_the_table_of_another_county_is_none_and_the_way_up_ends_at_the_own_place(make: Make) -> None:
    make.round()
    own, far = make.county(), make.county("990102", "试验二区教育局")
    county, prefecture = make.actor(Role.REGISTRAR, own), make.actor(Role.REGISTRAR, make.prefecture())
    with pytest.raises(NotFound):
        findings_figures.table_of(county, far.id)
    assert findings_figures.table_of(county).whole.place_id == own.id
    assert findings_figures.table_of(county).above is None
    assert findings_figures.table_of(prefecture, far.id).above == prefecture.place_id
