"""A reason to look at more holds at the post it was given at (sec-A34)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal.rules.roles import Role
from portal.services import viewing
from portal.services.viewing import TooMany
from tests.make import Make


def test_a_reason_given_at_another_post_opens_nothing_here(app: Flask, make: Make) -> None:
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], views_school=1)
    here, far = make.school(), make.school("2199000002", "试验市第二小学")
    actor, pupil = make.actor(Role.REGISTRAR, here), make.pupil()
    there = replace(actor, place_id=far.id, path=far.path)
    viewing.show(actor, pupil, viewing.RECORD, here.id)
    viewing.ask_for_more(there, "那边整班核对")
    with pytest.raises(TooMany):
        viewing.show(actor, pupil, viewing.RECORD, here.id)
    viewing.ask_for_more(actor, "这边整班核对")
    viewing.show(actor, pupil, viewing.RECORD, here.id)
