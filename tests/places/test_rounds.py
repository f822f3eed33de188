"""Windows are set for places of the own province (A3, R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Switch, Window, db
from portal.rules.clock import now
from portal.rules.roles import Level, Role
from portal.services import rounds
from portal.services.refusals import NotFound
from tests.make import Make


def test_no_window_is_set_for_a_prefecture_of_another_province(make: Make) -> None:
    make.round()
    other = make.place(Level.PROVINCE, "980000", "另一省教育厅")
    foreign = make.place(Level.PREFECTURE, "980100", "另一市教育局", other)
    actor = make.actor(Role.REGISTRAR, make.province())
    days = (now(), now() + timedelta(days=1))
    rounds.set_window(actor, make.prefecture().id, Switch.EXPORT, *days)
    for place in (foreign, other):
        with pytest.raises(NotFound):
            rounds.set_window(actor, place.id, Switch.EXPORT, *days)
    assert [window.place_id for window in db.session.query(Window)] == [make.prefecture().id]
