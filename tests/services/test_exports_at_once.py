"""Exports that many ask for, decide or fetch in the same moment (sec-A14): each step happens once."""

from __future__ import annotations

from collections import Counter
from functools import partial

from flask import Flask
from sqlalchemy import select

from portal.models import Export, db
from portal.rules.roles import Role
from portal.services import export_building, export_files, exports
from portal.services.refusals import TooLate
from tests import exported
from tests.make import Make
from tests.services.test_at_once_applications import at_once

MANY = 6


def test_each_step_happens_once(app: Flask, make: Make) -> None:
    make.pupil()
    registrar = exported.proven(make.actor(Role.REGISTRAR, make.school()), make)
    leaders = [make.actor(Role.LEADER, make.school()) for _ in range(2)]
    asked = at_once(app, [partial(exports.ask, registrar, exported.roster()) for _ in range(MANY)])
    assert not [one for one in asked if isinstance(one, Exception)]
    numbers = sorted(db.session.scalars(select(Export.number)))
    assert numbers == list(range(1, MANY + 1)), "no number twice and none left out"
    first = db.session.scalars(select(Export).order_by(Export.number).limit(1)).one()
    export_id, version = first.id, first.version
    acts = [partial(exports.release, leaders[n % 2], export_id, version) for n in range(MANY // 2)]
    ends = at_once(app, [*acts, *(partial(exports.refuse, leaders[0], export_id, version, "不要") for _ in acts)])
    assert Counter(type(end) for end in ends) == {Export: 1, TooLate: MANY - 1}
    db.session.expire_all()
    if db.session.get_one(Export, export_id).state != "released":
        other = db.session.scalars(select(Export).where(Export.state == "asked").limit(1)).one()
        export_id = exports.release(leaders[0], other.id, other.version).id
    export_files.build(registrar, export_id)
    export_building.build_now(export_id)
    for act, what in ((export_files.show_password, str), (export_files.fetch, tuple)):
        ends = at_once(app, [partial(act, registrar, export_id) for _ in range(MANY)])
        assert Counter(type(end) for end in ends) == {what: 1, TooLate: MANY - 1}
