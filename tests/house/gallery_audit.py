"""More of the gallery's world: a sealed history with alarms and anchors, read by an auditor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from portal.models import Place, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import accounts, audit_anchors, audit_results, audit_sealing
from portal.services.audit_verifying import verify
from portal.services.history import record
from tests.house.gallery_world import LONG_NAMES, World


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    far = db.session.get_one(Place, world.people["county-long"].home_id)
    world.people["auditor-long"] = world.make.user(Role.AUDITOR, far, "auditor-long", LONG_NAMES[1])
    token = accounts.sign_in("registrar-long", "four quiet horses")
    for actor, place in ((None, world.make.county()), (accounts.actor_of(token), far)):
        record(actor, place, "REFUSED", place.id, page="staff.settings", status=403, n=7)
        record(actor, place, "MASS_VIEW", place.id, seen=301, budget=300)
        step = record(actor, place, "VIEW_MORE", place.id, reason="新生入学，逐个核对花名册" * 4, seen=301)
        world.things["long step" if actor else "step"] = step.id
    db.session.commit()
    audit_sealing.seal_all()
    for days in (2, 1, 0):
        audit_anchors.make(now() - timedelta(days=days))
    audit_results.keep(verify())


def screens(screen: Callable[..., None]) -> None:
    """The rows of this module in the table of all screens."""
    screen("staff.audit", "auditor auditor-long")
    screen("staff.audit", "auditor", "one kind", query="kind=sign_ins")
    screen("staff.audit", "auditor-long", "nothing", query="day=2020-01-01")
    wrong = {"fill": {"#login": "nobody", "#place": "1"}, "press": "main form .button.main", "status": 400}
    screen("staff.audit", "auditor", "wrong", **wrong)
    screen("staff.audit_step", "auditor", step_id="step")
    screen("staff.audit_step", "auditor-long", step_id="long step")
    screen("staff.anchor_list", "auditor auditor-long")
    note = {"fill": {"#position": "1", "#code": "0000000000000000"}, "press": "main form .button.main"}
    screen("staff.anchor_list", "auditor", "differs", **note)
    screen("parents.looks", "parent", child_id="parent fresh")
    screen("parents.looks", "parent-long", child_id="parent-long long to-pass")
    screen("web.see_more", "teacher registrar leader operator county prefecture province registrar-long")
    screen("web.see_more", "registrar", "no reason", press="main form .button.main", status=400)
