"""Whoever is responsible for a place below is rung up; nobody is told to ring up the own office (R130)."""

from __future__ import annotations

from flask import Flask

from portal.rules.clock import today
from portal.rules.obstacles import Obstacle, Stuck
from portal.rules.roles import Role
from portal.services.needs_help import Help
from portal.staff import figures
from tests.make import Make


def test_a_place_below_is_rung_up_and_the_own_one_is_not(app: Flask, make: Make) -> None:
    office, county = make.prefecture(), make.county()
    actor, stuck = make.actor(Role.REGISTRAR, office), Stuck(Obstacle.NOTHING_RECEIVED, 3, today())
    with app.test_request_context():
        below = figures._help(Help(county, "", False, stuck), actor)
        own = figures._help(Help(office, "", True, stuck), actor)
    assert (below.get("phone"), below["url"]) == (county.phone, f"tel:{county.phone}")
    assert "phone" not in own
    assert own["url"].startswith(f"/staff/figures/{office.id}/")
