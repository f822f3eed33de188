"""More of the gallery's world: key-data changes of every state, made from a sheet and by hand, with their files."""

from __future__ import annotations

from portal.models import Application, Evidence, Place, Pupil, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.applications import ApplicationKind, ApplicationMove
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import accounts, application_drafts, applications, granting, photos
from tests.house.gallery_world import LONG_NAMES, World, photographed
from tests.photographs import jpeg

REASON = "入学时登记成了同音字，户口簿上是“拭”，其余几项不变。"
WHY = "户口簿照片看不清姓名，请重新拍一张再报。若户口簿印错了，请先到派出所更正。"


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    world.make.let_in(accounts.actor_of(world.sign_in("operator")).role)  # type: ignore[union-attr]
    _all(world, "", world.make.class_(), "林小试")
    _all(world, "-long", db.session.get_one(Place, world.things["long class"]), LONG_NAMES[0])


def _all(world: World, tail: str, class_: Place, name: str) -> None:
    who = {role: _actor(world, f"{role}{tail}") for role in ("registrar", "leader", "county")}
    prefix = "long " if tail else ""

    def pupil() -> Pupil:
        return world.make.pupil(class_, name=name)

    def sent(new: str) -> Application:
        found = applications.make(who["registrar"], pupil().id, ApplicationKind.CHANGE, {"name": new}, REASON)
        _file(world, found, "JPG", f"{prefix}photo file", who["registrar"])
        return applications.send(who["registrar"], found.id, found.version)

    def decided(found: Application, *moves: ApplicationMove) -> Application:
        for move in moves:
            at_school = found.state == "WITH_LEADER"
            actor, why = (
                who["leader" if at_school else "county"],
                WHY if move == ApplicationMove.REFUSE else "与户口簿一致。",
            )
            granting.carry_out(actor, found, move, why)
            db.session.commit()
        return found

    draft = applications.make(
        who["registrar"],
        pupil().id,
        ApplicationKind.CHANGE,
        {"id_number": "990101201403120158", "name": "林小拭"},
        REASON,
    )
    made = {
        "drafted": draft,
        "with leader": sent("林小拭"),
        "granted": decided(sent("林小例"), ApplicationMove.PASS, ApplicationMove.GRANT),
        "refused": decided(sent("林小样"), ApplicationMove.PASS, ApplicationMove.REFUSE),
        "with county": decided(sent("林小验"), ApplicationMove.PASS),
    }
    _file(world, draft, "JPG", f"{prefix}draft file", who["registrar"])
    again = decided(sent("林小范"), ApplicationMove.REFUSE)
    made["again"] = applications.again(who["registrar"], again.id)
    if not tail:
        _file(world, made["again"], "RAR", "archive file", who["registrar"])
        made["of a sheet"] = _of_sheet(world, class_, who["registrar"])
    for key, found in made.items():
        world.things[f"{prefix}{key} application"] = found.id


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _file(world: World, found: Application, format_: str, name: str, by: Actor) -> None:
    data = jpeg((700, 500)) if format_ == "JPG" else b"Rar!\x1a\x07\x01\x00" + b"\0" * 90
    number, key = key_for(found.school_id, found.round_id)
    blob = photos.put(scope_of(found.school_id, found.round_id), data, key, number)
    own = {"school_id": found.school_id, "round_id": found.round_id, "path": found.path, "by_id": by.user_id}
    row = Evidence(
        application_id=found.id, item="", kind="HUKOU_SCAN", format=format_, address=blob.address, size=1, **own
    )
    row.name = "户口簿本人页.jpg" if format_ == "JPG" else "全部材料.rar"
    db.session.add(row)
    db.session.commit()
    world.things[name] = row.id


def _of_sheet(world: World, class_: Place, registrar: Actor) -> Application:
    """With handwriting, one item typed by the family; a second sheet waits until an application is decided."""
    sheet = world.make.sheet(SheetState.ISSUED, world.make.pupil(class_, name="林小验"))
    photographed(world, "applied", sheet, written=("name", "id_number"))
    sheet.state = SheetState.ENTERED
    sheet.changes[0].values = sheet.changes[0].values | {"typed": "林小拭"}
    db.session.commit()
    waiting = world.make.sheet(SheetState.ISSUED, world.make.pupil(class_, name="林小例"))
    photographed(world, "to apply", waiting, written=("sex",))
    waiting.state = SheetState.ENTERED
    waiting.changes[0].outcome = "applied_for"
    db.session.commit()
    return application_drafts.from_sheet(registrar, sheet.id)
