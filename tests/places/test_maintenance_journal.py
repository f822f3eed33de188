"""What a leader sent back is for the own school to correct (G9, X10, R129, R130)."""

from __future__ import annotations

from portal.models import db
from portal.rules.roles import Role
from portal.services import maintenance_journal as journals
from portal.services.history import record
from portal.services.maintenance import MAINTAIN
from tests.make import Make


def test_changes_sent_back_at_another_school_are_not_told_here(make: Make) -> None:
    """R87: neither whose record it was nor the reason."""
    schools = make.school(), make.school("2199000002", "试验市第二小学")
    pupils = [make.pupil(make.class_(school)) for school in schools]
    for pupil in pupils:
        told = record(None, pupil, MAINTAIN, pupil.school_id, reason='{"postcode": ["990001", "990002"]}')
        db.session.flush()
        record(None, told, journals.SEND_BACK, told.place_id, reason="请再看一遍")
    db.session.commit()
    for pupil, school in zip(pupils, schools, strict=True):
        found = journals.refused(make.actor(Role.OPERATOR, school))
        assert [(one.pupil_id, one.reason) for one in found] == [(pupil.id, "请再看一遍")]
