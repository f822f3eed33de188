"""More of the gallery's world: pupils without an ID number in each state of their proof; deletions in each state."""

from __future__ import annotations

from portal.models import Application, Evidence, Place, Pupil, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.applications import ApplicationMove
from portal.rules.roles import Actor
from portal.services import accounts, applications, deletions, granting, identity_proofs, photos
from tests.house.gallery_world import LONG_NAMES, World
from tests.photographs import jpeg

NO_NUMBER = {"id_doc_type": "Z", "id_number": ""}
LONE = NO_NUMBER | {"guardian1_id_number": "", "guardian2_id_number": ""}
FOREIGN = {"id_doc_type": "A", "id_number": "E00000001", "nationality": "KOR", "hmt_overseas": "51"}
LONG_REASON = "证明上的章盖在字上看不清，日期也没有写；请班主任和经办人都签名，重新盖章，扫描清楚以后再上传一次。" * 2
PASS, REFUSE = ApplicationMove.PASS, ApplicationMove.REFUSE


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    long = db.session.get_one(Place, world.things["long class"])
    _school(world, world.make.class_(), "", "")
    _school(world, long, "long ", "-long")


def _school(world: World, class_: Place, prefix: str, tail: str) -> None:
    registrar, leader = _actor(world, f"registrar{tail}"), _actor(world, f"leader{tail}")
    _pupil(world, class_, f"{prefix}no proof", LONE)
    waiting = _proof(world, registrar, _pupil(world, class_, f"{prefix}proof waits", NO_NUMBER), "NO_ID_CERT")
    refused = _proof(world, registrar, _pupil(world, class_, f"{prefix}proof refused", NO_NUMBER), "ONROLL_CERT")
    approved = _proof(world, registrar, _pupil(world, class_, f"{prefix}proof approved", FOREIGN), "FOREIGN_DOC")
    drafted = identity_proofs.draft_of(registrar, _pupil(world, class_, f"{prefix}proof drafted", NO_NUMBER).id)
    _file(registrar, drafted, "NO_ID_CERT")
    _decide(leader, refused, REFUSE, LONG_REASON if prefix else "章盖得看不清，请重新扫描。")
    _decide(leader, approved, PASS, "")
    assert waiting.state == "WITH_LEADER"
    _deletions(world, class_, prefix, (registrar, leader))


def _deletions(world: World, class_: Place, prefix: str, people: tuple[Actor, Actor]) -> None:
    registrar, leader = people
    _pupil(world, class_, f"{prefix}deletable", {})
    for n, state in enumerate(("drafted", "with leader", "with authority", "refused", "cleared")):
        pupil = _pupil(world, class_, f"{prefix}deletion {state} pupil", {})
        reason = LONG_REASON if prefix else "录入时建重了，学校没有这个人。"
        own = deletions.draft(registrar, pupil.id, reason)
        world.things[f"{prefix}deletion {state}"] = own.id
        if n:
            _file(registrar, own, "OTHER")
            applications.send(registrar, own.id, own.version)
        if state == "with authority":
            _decide(leader, own, PASS, "")
        if n > 2:
            _decide(leader, own, REFUSE, LONG_REASON if prefix else "真有这个学生，在三楼上课。")
        if state == "cleared":
            applications.clear(registrar, own.id, own.version)


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


def _pupil(world: World, class_: Place, name: str, items: dict[str, str]) -> Pupil:
    serial = len(world.things) % 10_000
    number = {"student_number": f"L99010120140312{serial:04d}"}
    long = {"name": LONG_NAMES[serial % 2]} if name.startswith("long") else {}
    made = world.make.pupil(class_, **(number | items | long))
    world.things[name] = made.id
    return made


def _proof(world: World, registrar: Actor, pupil: Pupil, kind: str) -> Application:
    own = identity_proofs.draft_of(registrar, pupil.id)
    _file(registrar, own, kind)
    return applications.send(registrar, own.id, own.version)


def _file(registrar: Actor, own: Application, kind: str) -> None:
    number, key = key_for(own.school_id, own.round_id)
    blob = photos.put(scope_of(own.school_id, own.round_id), jpeg(), key, number)
    where = {"school_id": own.school_id, "round_id": own.round_id, "path": own.path, "item": ""}
    row = Evidence(application_id=own.id, kind=kind, address=blob.address, size=blob.size, **where)
    row.name, row.by_id = "在校证明扫描件.jpg", registrar.user_id
    db.session.add(row)
    db.session.commit()


def _decide(leader: Actor, own: Application, what: ApplicationMove, opinion: str) -> None:
    granting.carry_out(leader, own, what, opinion)
    db.session.commit()
