"""An auditor reads what happened in the own county, and nothing of another (sec 2.5, R130)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Step, db
from portal.rules.roles import Actor, Role
from portal.services import audit_reading, audit_sealing
from portal.services.audit_reading import Wanted
from portal.services.history import record
from portal.services.refusals import NotFound
from tests.make import Make

FAR = "registrar-far"


@pytest.fixture
def auditor(make: Make) -> Actor:
    """The auditor of a county; in each of two counties somebody was refused at a school, which is sealed."""
    school = make.school()
    far = make.school("2199000002", "试验市第二小学", make.county("990102", "试验二区教育局"))
    make.user(Role.REGISTRAR, far, FAR)
    for place in (school, far):
        record(None, place, "REFUSED", place.id, n=3)
    db.session.commit()
    audit_sealing.seal_all()
    return make.actor(Role.AUDITOR, make.county())


def _refused() -> list[Step]:
    return list(db.session.scalars(select(Step).where(Step.move == "REFUSED").order_by(Step.path)))


def test_steps_alarms_and_each_step_are_those_of_the_own_county(auditor: Actor) -> None:
    own, far = _refused()
    for lines in (audit_reading.steps(auditor, Wanted()), audit_reading.alarms(auditor)):
        found = {line.step_id for line in lines}
        assert own.id in found
        assert far.id not in found
    assert audit_reading.step(auditor, own.id).place == "试验市第一小学"
    with pytest.raises(NotFound):
        audit_reading.step(auditor, far.id)


def test_an_account_of_another_county_is_none(auditor: Actor, make: Make) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    assert audit_reading.person(auditor, user.login) == user.id
    with pytest.raises(NotFound):
        audit_reading.person(auditor, FAR)
