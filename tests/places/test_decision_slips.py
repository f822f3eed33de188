"""A decision slip is printed for the school and the authorities that had the application (H5, R129, R130)."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest

from portal.models import Application, Step, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import decision_slips
from portal.services.refusals import NotFound
from tests.make import Make


def test_facts_that_came_from_elsewhere_print_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the facts of an application is asked anew whose it is when it is printed."""
    monkeypatch.setattr(decision_slips, "print_slip", lambda _page, _out: None)
    pupil = make.pupil()
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "items": ["name"]}
    found = Application(kind=ApplicationKind.CHANGE, state=ApplicationState.GRANTED, decided_at=now(), **own)
    db.session.add(found)
    db.session.commit()
    registrar = make.actor(Role.REGISTRAR, make.school())
    facts, page = decision_slips.facts_of(registrar, found.id), cast(Any, None)
    with pytest.raises(NotFound):
        decision_slips.print_for(
            make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")), facts, page, io.BytesIO()
        )
    decision_slips.print_for(registrar, facts, page, io.BytesIO())
    assert [one.by_id for one in db.session.query(Step).filter_by(move="PRINT_SLIP")] == [registrar.user_id]
