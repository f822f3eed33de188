"""More of the gallery's world: key-data changes of every state, made from a sheet and by hand, with their files."""

from __future__ import annotations

from portal.models import Application, Evidence, Place, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.applications import ApplicationKind, ApplicationMove
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import accounts, application_drafts, applications, granting, photos
from tests.house.gallery_world import LONG_NAMES, World, photographed
from tests.photographs import jpeg

PASS, GRANT, REFUSE = ApplicationMove.PASS, ApplicationMove.GRANT, ApplicationMove.REFUSE
REASON = "入学时登记成了同音字，户口簿上是“拭”，其余几项不变。"
WHY = "户口簿照片看不清姓名，请重新拍一张再报。若户口簿印错了，请先到派出所更正。"


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    world.make.let_in(accounts.actor_of(world.sign_in("operator")).role)  # type: ignore[union-attr]
    _all(world, "", world.make.class_(), "林小试")
    _all(world, "-long", db.session.get_one(Place, world.things["long class"]), LONG_NAMES[0])


def _all(world: World, tail: str, class_: Place, name: str) -> None:
    who = {role: _actor(world, f"{role}{tail}") for role in ("registrar", "leader", "county")}
    prefix, registrar = "long " if tail else "", who["registrar"]

    def drafted(**values: str) -> Application:
        pupil = world.make.pupil(class_, name=name)
        found = applications.make(registrar, pupil.id, ApplicationKind.CHANGE, values, REASON)
        _file(world, found, "JPG", f"{prefix}photo file", registrar)
        return found

    def decided(new: str, *moves: ApplicationMove) -> Application:
        found = drafted(name=new)
        applications.send(registrar, found.id, found.version)
        for move in moves:
            actor = who["leader" if found.state == "WITH_LEADER" else "county"]
            granting.carry_out(actor, found, move, WHY if move == REFUSE else "与户口簿一致。")
            db.session.commit()
        return found

    made = {"drafted": drafted(id_number="990101201403120158", name="林小拭")}
    world.things[f"{prefix}draft file"] = world.things[f"{prefix}photo file"]
    made |= {"with leader": decided("林小拭"), "granted": decided("林小例", PASS, GRANT)}
    made |= {"refused": decided("林小样", PASS, REFUSE), "again": decided("林小范", REFUSE)}
    made["again"] = applications.again(registrar, made["again"].id)
    made["with county"] = decided("林小验", PASS)
    if not tail:
        _file(world, made["again"], "RAR", "archive file", registrar)
        made["of a sheet"] = _of_sheet(world, class_, registrar)
    world.things |= {f"{prefix}{key} application": found.id for key, found in made.items()}


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
