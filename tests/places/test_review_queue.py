"""What is asked about several applications at once is answered inside the own place only (H4, R129, R130)."""

from __future__ import annotations

import pytest

from portal.models import Application, db
from portal.rules.applications import ApplicationKind
from portal.rules.masks import mask_name
from portal.rules.roles import Role
from portal.services import review_queue
from portal.services.refusals import Refusal
from tests.make import Make


def test_applications_of_another_school_are_neither_named_nor_looked_into(make: Make) -> None:
    """R130: an id of elsewhere is answered as one that never existed, also where an own one would be refused because
    its line does not say what differs."""
    made = []
    for pupil in (make.pupil(), make.pupil(make.class_(make.school("2199000002", "试验市第二小学")))):
        own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "items": ["id_number"]}
        one = Application(kind=ApplicationKind.CHANGE, **own)
        one.values = {"id_number": {"old": pupil.record["id_number"], "new": "978888866666777775"}}
        made.append(one)
    db.session.add_all(made)
    db.session.commit()
    leader = make.actor(Role.LEADER, make.school())
    names = review_queue.names_of(leader, [one.id for one in made])
    assert names == {made[0].id: mask_name(made[0].pupil.record["name"])}
    review_queue.require_told(leader, [made[1].id])
    with pytest.raises(Refusal):
        review_queue.require_told(leader, [made[0].id])
