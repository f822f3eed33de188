"""What a school hands to the registry is its own, about pupils who are its own (12, R129, R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Application, Place, Pupil, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import change_lines
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def neighbour(make: Make) -> Place:
    return make.school("2199000002", "试验市第二小学")


def granted(school: Place, pupil: Pupil) -> Application:
    """A new name that was granted at a school an hour ago; the pupil may be at another one by now."""
    own = {"school_id": school.id, "pupil_id": pupil.id, "path": school.path}
    at = {"state": ApplicationState.GRANTED, "decided_at": now() - timedelta(hours=1)}
    found = Application(kind=ApplicationKind.CHANGE, items=["name"], **own, **at)
    found.values = {"name": {"old": "林试", "new": "林拭"}}
    db.session.add(found)
    db.session.commit()
    return found


def due(registrar: Actor) -> list[Application]:
    """The applications that are due, which are as many as are counted."""
    found = change_lines.due(registrar, now()).applications
    assert change_lines.count_due(registrar, now()) == len(found)
    return found


def test_what_another_school_was_granted_is_its_own_to_hand_on(registrar: Actor, make: Make, neighbour: Place) -> None:
    """Also when the pupil is here now: the other school's application is sealed with that school's key."""
    granted(neighbour, make.pupil())
    own = granted(make.school(), make.pupil())
    assert due(registrar) == [own]


def test_a_pupil_of_another_school_has_a_record_that_it_changes(registrar: Actor, make: Make, neighbour: Place) -> None:
    """F5, R130: what was granted here about a pupil who is elsewhere now is in no file of this school."""
    granted(make.school(), make.pupil(make.class_(neighbour)))
    own = granted(make.school(), make.pupil())
    assert due(registrar) == [own]
