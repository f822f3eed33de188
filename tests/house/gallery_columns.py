"""More of the gallery's world: rows of handwriting before operators, in every state they can be in."""

from __future__ import annotations

from portal.models import Place, Sheet, db
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import accounts, column_entry, entry
from portal.services.readings import new_change
from tests.house.gallery_world import LONG_ADDRESS, LONG_NAMES, World, photographed

STATES = ("saved", "unclear", "open", "typed", "unsure", "of another")


def add(world: World) -> None:
    """Everything of this module; the school is unlocked and its entry window open."""
    for tail, login in (("", ""), ("long ", "-long")):
        class_ = db.session.get_one(Place, world.things[f"{tail}class"])
        sheets = [_sheet(world, class_, f"{tail}column {state}", n) for n, state in enumerate(STATES)]
        _work(_actor(world, f"operator{login}"), _actor(world, f"registrar{login}"), sheets)
    for name in ("to-enter", "long to-enter"):
        sheet = db.session.get_one(Sheet, world.things[name])
        for item in ("birthplace_code", "ethnic_group"):
            new_change(sheet, item)
    db.session.commit()
    for login in ("operator", "operator-long"):
        for item in ("birthplace_code", "ethnic_group"):
            column_entry.claim(_actor(world, login), item)


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _sheet(world: World, class_: Place, name: str, n: int) -> Sheet:
    long = class_.id == world.things["long class"]
    named = {"name": LONG_NAMES[n % 3], "current_address": LONG_ADDRESS} if long else {}
    pupil = world.make.pupil(class_, class_seat_number=str(n + 31), **named)
    sheet = world.make.sheet(SheetState.ISSUED, pupil)
    photographed(world, name, sheet, written=("phone", "postcode", "current_address"))
    sheet.state = SheetState.PASSED
    for change in sheet.changes:
        if name.endswith("typed"):
            change.values = change.values | {"typed": {"phone": "15400001153", "postcode": "999000"}.get(change.item)}
    reading = sheet.photos[0].reading
    if name.endswith("unsure") and reading is not None:
        seen = reading.seen
        seen["written"]["phone"]["state"] = "unsure"
        reading.seen = seen
    db.session.commit()
    return sheet


def _work(who: Actor, other: Actor, sheets: list[Sheet]) -> None:
    """Somebody has the last row; the operator has the others, saved one and could not read another."""
    rows = [next(change for change in sheet.changes if change.item == "phone") for sheet in sheets]
    column_entry.claim(who, "phone")
    if who.place_id == sheets[0].school_id:
        try:
            column_entry.save(who, rows[0].id, rows[0].version, "15400002716")
            entry.mark_unclear(who, rows[1].id, rows[1].version)
        except entry.TooLate:  # the school with the longest names is locked
            db.session.rollback()
    rows[-1].claimed_by_id = other.user_id
    db.session.commit()
