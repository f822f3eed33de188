"""More of the gallery's world: seats with people inside, and files of changes in each state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import time_machine

from portal.models import Place, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, change_files, pupils
from portal.services.readings import new_change
from tests.house.gallery_world import LONG_ADDRESS, LONG_NAMES, World

NEW = {"phone": "15400001234", "postcode": "990001", "talent": "围棋、古筝", "left_behind": "1", "blood_type": ""}
LONG = NEW | {"home_address": LONG_ADDRESS, "guardian1_workplace": LONG_ADDRESS}


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    class_, long = world.make.class_(), db.session.get_one(Place, world.things["long class"])
    _files(world, "registrar", class_, "", "韩小试", NEW)
    _files(world, "registrar-long", long, "long ", LONG_NAMES[0], LONG)
    for place in (world.make.county(), world.make.prefecture(), world.make.province()):
        world.make.user(Role.OPERATOR, place, name="李核办")
    world.make.user(Role.OPERATOR, world.make.school(), name="何录入")
    for login in ("operator", "operator", "operator-long"):
        world.sign_in(login)


def _files(world: World, login: str, class_: Place, prefix: str, name: str, new: dict[str, str]) -> None:
    """One file that the registry refused, one that it took, one without an answer, and changes in none."""
    actor = _actor(world, login)
    for days, what in ((6, "dropped"), (4, "taken"), (2, "waiting"), (0, "due")):
        with time_machine.travel(now() - timedelta(days=days), tick=False):
            _accepted(world, class_, name, new)
            if what != "due":
                file = change_files.make(actor)
                world.things[f"{prefix}{what} file"] = file.id
            if what == "taken":
                change_files.taken(actor, file.id, file.version, "接收批次 2026-1122-000017 第 3 批")
            if what == "dropped":
                change_files.drop(actor, file.id, file.version, "第 1 行的学籍号在系统里是另一个学生。")


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _accepted(world: World, class_: Place, name: str, new: dict[str, str]) -> None:
    sheet = world.make.sheet(SheetState.VERIFIED, world.make.pupil(class_, name=name, blood_type="1"))
    for item, value in new.items():
        change = new_change(sheet, item)
        change.values = change.values | {"entered": value}
        change.outcome, change.entered_at = "accepted", now()
    pupils.keep_record(sheet.pupil, sheet.pupil.record | new)
    db.session.commit()


def screens(screen: Callable[..., None]) -> None:
    """The rows of this module in the table of all screens."""
    screen("staff.manage_seats", "registrar county prefecture province registrar-long registrar-empty")
    screen("staff.manage_seats", "registrar", "no name", press="section form .button.main", status=400)
    screen("staff.round_files", "registrar registrar-long registrar-empty")
    for state in ("waiting", "taken", "dropped"):
        screen("staff.round_file", "registrar", state, file_id=f"{state} file")
    screen("staff.round_file", "registrar-long", file_id="long waiting file")
    nothing = {"press": "section form .button.second", "status": 400}
    screen("staff.round_file", "registrar", "no receipt", file_id="waiting file", **nothing)
