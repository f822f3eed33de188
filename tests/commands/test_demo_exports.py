"""The demo's exports stand in three states, as people brought them there."""

from __future__ import annotations

from sqlalchemy import select

from portal.commands import demo_exports
from portal.models import Export, db
from portal.rules.roles import Role
from tests.make import Make


def test_one_fetched_one_refused_one_waits(make: Make) -> None:
    school = make.class_(code="2021107", name="五年级（7）班").parent
    assert school is not None
    for class_ in (make.class_(), make.class_(code="2021107")):
        make.pupil(class_)
    demo_exports.add(school, make.actor(Role.REGISTRAR, school), make.actor(Role.LEADER, school))
    found = db.session.scalars(select(Export).order_by(Export.number))
    assert [(one.state, one.rows, one.address) for one in found] == [
        ("fetched", 1, None), ("refused", 0, None), ("asked", 0, None)
    ]  # fmt: skip
