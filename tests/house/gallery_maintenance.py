"""More of the gallery's world: records changed at the desk, and a family that reads every kind of outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.models import Application, Place, Sheet, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.workflow import SheetState
from portal.services import accounts, maintenance
from portal.services import maintenance_journal as journals
from portal.services.maintenance import AT_DESK
from portal.services.readings import new_change
from tests.house.gallery_more import claim
from tests.house.gallery_world import LONG_NAMES, World, photographed
from tests.make import PASSWORD

S = ApplicationState
REASON = "户口簿照片上是 2014 年 3 月 12 日，和写的不一样。户口簿印错了的，先到派出所更正。"
OUTCOMES = {
    "birth_date": ("20140321", S.REFUSED_BY_AUTHORITY), "name": ("林小验", S.WITH_AUTHORITY),
    "sex": ("2", S.REFUSED_BY_LEADER), "id_number": ("99010120140312019X", S.WITHDRAWN),
    "id_doc_type": ("A", S.GRANTED),
}  # fmt: skip


def add(world: World) -> None:
    """Everything of this module; families are there."""
    class_, long = world.make.class_(), db.session.get_one(Place, world.things["long class"])
    _changed(world)
    _family(world, "outcomes", class_, "林小试")
    _family(world, "long outcomes", long, LONG_NAMES[0])
    _closed(world, class_)


def _changed(world: World) -> None:
    """Two entries that wait for the leader, one that came back."""
    operator, leader = (accounts.actor_of(world.sign_in(login)) for login in ("operator", "leader"))
    assert operator is not None
    assert leader is not None
    for name, values in (
        ("verified", {"phone": "15400008888", "current_address": "试验二区书院街 18 号"}),
        ("archived", {"talent": "围棋"}),
        ("verified", {"postcode": "999000"}),
    ):
        opened = maintenance.opened(operator, world.things[f"{name} pupil"])
        outcome = maintenance.save(operator, opened.pupil.id, opened.version, values)
        assert outcome.is_whole, outcome
    last = journals.waiting(leader)[-1]
    journals.send_back(leader, last.step_id, "家长来电话说邮编没有变，请照户口簿再看一遍。")


def _family(world: World, name: str, class_: Place, called: str) -> None:
    sheet = world.make.sheet(SheetState.ISSUED, world.make.pupil(class_, name=called))
    photographed(world, name, sheet, written=("phone", "postcode", *OUTCOMES))
    sheet.state = SheetState.ENTERED
    for change in sheet.changes:
        change.outcome = "applied_for"
        if change.item in ("phone", "postcode"):
            change.outcome = "accepted" if change.item == "phone" else "refused"
            change.reason = None if change.item == "phone" else "邮编只有 5 位，请问清楚再写。"
            if change.item == "phone":
                change.values = change.values | {"entered": "15400009999"}
    desk = new_change(sheet, "email", AT_DESK)
    desk.outcome, desk.values = "accepted", desk.values | {"entered": "maria.fernandez.de.la.cruz@m.example.org"}
    for item, (value, state) in OUTCOMES.items():
        old = _case(sheet, item, value, S.REFUSED_BY_AUTHORITY, now() - timedelta(days=9)) if item == "name" else None
        _case(sheet, item, value, state, previous_id=old.id if old else None)
    _case(sheet, "", "", S.REFUSED_BY_LEADER, kind=ApplicationKind.IDENTITY)
    _case(sheet, "", "", S.REFUSED_BY_LEADER, kind=ApplicationKind.DELETION)
    _account(world, name)


def _account(world: World, *names: str) -> None:
    login = f"parent-{names[0].replace(' ', '-')}"
    world.people[login] = accounts.make_family(world.make.school(), f"1540005{len(world.people):04d}", PASSWORD)
    db.session.commit()
    claim(world, login, *((name, "active") for name in names))
    db.session.commit()


def _case(sheet: Sheet, item: str, value: str, state: S, at: Any = None, **more: Any) -> Application:
    pupil = sheet.pupil
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "round_id": sheet.round_id}
    facts = {"kind": ApplicationKind.CHANGE, "items": [item] if item else [], "authority_id": sheet.school.parent_id}
    one = Application(state=state, made_at=at or now(), since=at or now(), **own, **(facts | more))
    one.values = {item: {"old": pupil.record.get(item, ""), "new": value}} if item else {}
    one.opinion = {"leader": "照片太暗，看不清是谁的。", "authority": REASON}
    db.session.add(one)
    db.session.commit()
    return one


def _closed(world: World, class_: Place) -> None:
    """A record that was closed as made by mistake, and a child beside it."""
    for name in ("closed", "beside"):
        photographed(world, name, world.make.sheet(SheetState.ISSUED, world.make.pupil(class_)), written=("phone",))
    sheet = db.session.get_one(Sheet, world.things["closed"])
    _case(sheet, "", "", S.GRANTED, kind=ApplicationKind.DELETION)
    _account(world, "beside", "closed")
    sheet.pupil.left_at = now()
    db.session.commit()
