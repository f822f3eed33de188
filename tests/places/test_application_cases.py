"""Handwriting is shown where it was written: on a sheet of the own place, for an own application (R105, R130)."""

from __future__ import annotations

import pytest

from portal.models import Application, Change, Place, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.roles import Role
from portal.services import application_cases, photos
from portal.services.readings import new_change
from portal.services.refusals import NotFound
from tests.make import Make


def written(make: Make, school: Place, found: Application) -> Change:
    """A name in handwriting on a sheet of a school, held by an application."""
    change = new_change(make.sheet(pupil=make.pupil(make.class_(school))), "name")
    change.application_id, change.crop_address = found.id, "-"
    db.session.commit()
    return change


def test_an_own_application_does_not_open_handwriting_of_another_school(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "content_of", lambda *_: b"jpeg")
    school, neighbour = make.school(), make.school("2199000002", "试验市第二小学")
    pupil = make.pupil()
    own = {"school_id": school.id, "pupil_id": pupil.id, "path": school.path}
    found = Application(kind=ApplicationKind.CHANGE, state=ApplicationState.DRAFTED, items=["name"], **own)
    found.values = {"name": {"old": "林试", "new": "林拭"}}
    db.session.add(found)
    db.session.commit()
    leader = make.actor(Role.LEADER, school)
    assert application_cases.crop(leader, written(make, school, found).id) == b"jpeg"
    foreign = written(make, neighbour, found).id
    with pytest.raises(NotFound):
        application_cases.crop(leader, foreign)
