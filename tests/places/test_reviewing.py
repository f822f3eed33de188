"""Only the school or the authority whose turn it is decides on an application (H3, H4, R105, R129, R130)."""

from __future__ import annotations

import pytest

from portal.models import Application, Decision, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.roles import Role
from portal.services import reviewing
from portal.services.refusals import NotYours
from tests.make import Make


def waiting(make: Make, state: ApplicationState) -> Application:
    """An application of the first school for which its county is responsible."""
    pupil = make.pupil()
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "authority_id": make.county().id}
    found = Application(kind=ApplicationKind.CHANGE, state=state, items=["name"], **own)
    db.session.add(found)
    db.session.commit()
    return found


def test_an_authority_that_is_not_responsible_does_not_decide(make: Make) -> None:
    """R105: neither the one above, which sees the application, nor the one beside."""
    found = waiting(make, ApplicationState.WITH_AUTHORITY)
    for place in (make.prefecture(), make.county("990102", "试验二区教育局")):
        with pytest.raises(NotYours):
            reviewing.require_may(make.actor(Role.REGISTRAR, place), found, ApplicationMove.GRANT)
    reviewing.require_may(make.actor(Role.REGISTRAR, make.county()), found, ApplicationMove.GRANT)


def test_the_leader_of_another_school_does_not_decide(make: Make) -> None:
    found = waiting(make, ApplicationState.WITH_LEADER)
    neighbour = make.actor(Role.LEADER, make.school("2199000002", "试验市第二小学"))
    with pytest.raises(NotYours):
        reviewing.require_may(neighbour, found, ApplicationMove.PASS)
    reviewing.require_may(make.actor(Role.LEADER, make.school()), found, ApplicationMove.PASS)


def test_who_may_no_longer_review_has_decided_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """X7: it is asked again when the decision takes effect; the province may have changed it within ten minutes."""
    found, registrars = waiting(make, ApplicationState.WITH_LEADER), [True]
    monkeypatch.setattr(reviewing.place_settings, "registrars_may_review", lambda _path: registrars[0])
    registrar = make.actor(Role.REGISTRAR, make.school())
    reviewing.decide(registrar, {found.id: found.version}, ApplicationMove.PASS)
    decision = db.session.query(Decision).one()
    registrars[0] = False
    assert reviewing.take_effect(decision.id, found.id)
    assert found.state == ApplicationState.WITH_LEADER
    assert decision.lapsed is not None
