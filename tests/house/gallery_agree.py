"""More of the gallery's world: screens and papers that disagree, and sheets that have been drawn to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.models import Place, SampleLook, Sheet, db
from portal.rules.check_groups import group_of
from portal.rules.workflow import SheetState
from portal.services import accounts, family_changes, sampling
from portal.services.family_changes import Answer
from tests.house.gallery_more import claim
from tests.house.gallery_world import LONG_ADDRESS, LONG_NAMES, World, keep, photographed
from tests.make import PASSWORD

ONE = {"phone": "15400007777"}
MANY = ONE | {
    "postcode": "999000", "email": "lin@example.org", "talent": "围棋、古筝", "left_behind": "1", "blood_type": "",
    "mailing_address": "试验二区书院街 18 号",
}  # fmt: skip
LONG = {
    "current_address": "试验省试验市试验二区民族团结路一百二十八号院第十六栋三单元一千二百零一室（原三中家属院东侧）",
    "guardian1_workplace": "试验省试验市试验二区民族团结镇农业机械推广服务站第二分站",
    "email": "maria.fernandez.de.la.cruz@m.example.org",
}


def add(world: World) -> None:
    """Everything of this module; families are there."""
    class_, long = world.make.class_(), db.session.get_one(Place, world.things["long class"])
    many: dict[str, Any] = {"written": ("postcode", "orphan", "name"), "ticked": {"left_behind": ("2",)}}
    _family(world, "differs one", class_, ONE, {})
    _family(world, "differs many", class_, MANY, many)
    _family(world, "differs unsigned", class_, ONE, {"signed": False})
    _family(world, "differs on paper", class_, {}, {"written": ("postcode",)})
    _family(world, "long differs", long, LONG, {})
    _family(world, "differs to-enter", class_, MANY, many).state = SheetState.PASSED
    db.session.commit()
    _plain(world, class_)


def _family(world: World, name: str, class_: Place, typed: Mapping[str, str], seen: dict[str, Any]) -> Sheet:
    """A guardian who has typed this and said of three groups that the rest is right, then sent a photo of the paper."""
    long = class_.id == world.things["long class"]
    named = {"name": LONG_NAMES[0], "current_address": LONG_ADDRESS} if long else {}
    sheet = world.make.sheet(SheetState.ISSUED, world.make.pupil(class_, **named))
    keep(world, name, sheet)
    login = f"parent-{name.replace(' ', '-')}"
    world.people[login] = accounts.make_family(world.make.school(), f"1540003{len(world.people):04d}", PASSWORD)
    db.session.commit()
    claim(world, login, (name, "active"))
    actor, child = accounts.actor_of(world.sign_in(login)), world.things[f"{login} {name}"]
    assert actor is not None
    for item, value in typed.items():
        group = group_of(item)
        assert group is not None
        outcome = family_changes.save(actor, child, group.code, {item: Answer(value, 0)})
        assert outcome.is_whole, (item, outcome)
    for code in ("basic", "contact", "extended"):
        family_changes.save(actor, child, code, {}, confirm=True)
    photographed(world, name, sheet, **seen)
    return sheet


def _plain(world: World, class_: Place) -> None:
    """Four sheets with nothing written wait; others were looked at before, one with writing."""
    for n in range(4):
        photographed(world, f"plain {n}", world.make.sheet(SheetState.ISSUED, world.make.pupil(class_)))
    drawn = sampling.drawn_of(world.make.round().id, class_.id)
    world.things["plain drawn"] = min(drawn, key=lambda sheet_id: sheet_id.hex)
    for name, written in (("to-verify", False), ("to-enter", True)):
        sheet = db.session.get_one(Sheet, world.things[name])
        assert sheet.photo_id is not None
        own = {"round_id": sheet.round_id, "school_id": sheet.school_id, "by_id": world.people["teacher"].id}
        db.session.add(SampleLook(sheet_id=sheet.id, photo_id=sheet.photo_id, written=written, **own))
    db.session.commit()
