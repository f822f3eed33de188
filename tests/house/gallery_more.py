"""More of the gallery's world: claimed accounts, questions, piles, decisions that can still be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Consent, Guardianship, Photo, Pile, Sheet, Ticket, db, key_for
from portal.models.data_keys import scope_of
from portal.rules import consent
from portal.rules.roles import Actor
from portal.rules.workflow import SheetMove
from portal.services import accounts, decisions, doors, family_changes, photos, piles, printed_codes, readings, tickets
from portal.services.family_changes import Answer
from portal.services.history import record
from portal.services.receipt_numbers import free_receipt
from tests.house.gallery_world import World
from tests.make import PASSWORD
from tests.photographs import jpeg, leaf_of, seen

LONG_WORDS = "孩子的名字里有一个点，可是学校的系统里没有，派出所说要和身份证一样，我不知道听谁的。" * 3


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    _families(world)
    _questions(world)
    _piles(world)
    _decisions(world)


def _actor(world: World, login: str) -> Actor:
    found = accounts.actor_of(world.sign_in(login))
    assert found is not None
    return found


# ---- families with an account ----
def _families(world: World) -> None:
    for n, login in enumerate(("parent", "parent-several", "parent-long", "parent-waiting"), start=1):
        home = world.make.school()
        world.people[login] = accounts.make_family(home, f"1540000100{n}", PASSWORD)
    db.session.commit()
    claim(world, "parent", ("fresh", "active"))
    claim(world, "parent-several", ("to-verify", "active"), ("read", "active"), ("issued", "waiting"))
    claim(world, "parent-several", ("glare", "refused"), ("sent-back", "active"))
    claim(world, "parent-long", ("long issued", "active"), ("long to-pass", "active"))
    claim(world, "parent-waiting", ("fresh", "waiting"))
    _changes(world)
    code = printed_codes.make_code(db.session.get_one(Sheet, world.things["unsigned"]))
    db.session.commit()
    world.session["codes"]["c1a1c1a1"] = code.selector


def _changes(world: World) -> None:
    """A family has typed a new telephone number and a new postcode, and confirmed a group."""
    actor, child = _actor(world, "parent-several"), world.things["parent-several sent-back"]
    answers = {"phone": Answer("15400009999", 0), "postcode": Answer("999000", 0)}
    assert family_changes.save(actor, child, "contact", answers, confirm=True).is_whole
    assert family_changes.save(actor, child, "basic", {"name": Answer("谢欣然", 0)}).is_whole


def claim(world: World, login: str, *children: tuple[str, str]) -> None:
    user = world.people[login]
    for name, state in children:
        sheet = db.session.get_one(Sheet, world.things[name])
        one = Guardianship(
            user_id=user.id, pupil_id=sheet.pupil_id, school_id=sheet.school_id, path=sheet.path, relation="52"
        )
        one.state = state
        sheet.registered = sheet.registered or state == "active"
        db.session.add(one)
        db.session.flush()
        _consent(one)
        if state == "refused":
            reason = "登记表上没有这个号码，请带证件到学校来。"
            record(_actor(world, "teacher"), one, "REFUSE_GUARDIAN", one.school_id, reason=reason)
        db.session.commit()
        world.things[f"{login} {name}"] = one.id
        world.things[f"{login} {name} hex"] = one.id.hex


def _consent(one: Guardianship) -> None:
    text = {"text_version": consent.VERSION, "language": "zh"}
    db.session.add(Consent(user_id=one.user_id, pupil_id=one.pupil_id, **text))


# ---- questions ----
def _questions(world: World) -> None:
    """Asked by a family to the class teacher, answered, passed on; by the school to the county; very long."""
    fresh = doors.by_link(world.things["fresh key"])
    code = tickets.ask(tickets.Asker(None), "孩子的民族印错了，应该是蒙古族。", "parents.landing", fresh)
    world.session["asked"] = [code]
    world.things["question"] = _newest()
    tickets.ask(tickets.Asker(_actor(world, "parent-long")), LONG_WORDS, "parents.child")
    world.things["long question"] = _newest()
    tickets.ask(tickets.Asker(_actor(world, "registrar")), "打印的窗口能不能晚一天关？", "staff.print_page")
    world.things["question of the school"] = _newest()
    tickets.ask(tickets.Asker(_actor(world, "county")), "两个学校要换到市里直管。", "staff.windows")
    world.things["question of the county"] = _newest()
    tickets.ask(tickets.Asker(_actor(world, "prefecture")), "录入窗口能不能早两天开？", "staff.windows")
    world.things["question of the prefecture"] = _newest()
    tickets.ask(tickets.Asker(_actor(world, "operator")), "这张表的照片看不清，请看一眼。", "staff.entry_sheet")
    world.things["question of the operator"] = _newest()


def _newest() -> UUID:
    found = db.session.scalars(select(Ticket).order_by(Ticket.made_at.desc(), Ticket.id.desc())).first()
    assert found is not None
    return found.id


# ---- piles ----
def _piles(world: World) -> None:
    """A pile of a class: sheets recognised, one unreadable, one that nobody can name; and one still being read."""
    class_ = world.make.class_()
    teacher = world.people["teacher"]
    pile = _pile(world, class_, teacher.id)
    world.things["pile"] = pile.id
    sheet = db.session.get_one(Sheet, world.things["issued"])
    _in_pile(pile, leaf_of(sheet), written=("phone",))
    _in_pile(pile, leaf_of(db.session.get_one(Sheet, world.things["glare"])), verdict="retake", reasons=("blur",))
    unknown = _in_pile(pile, None, page=None, verdict="unknown", reasons=("few_marks",), flat_jpeg=jpeg())
    world.things["pile photo"] = unknown.id
    world.things["lost receipt"] = free_receipt(sheet.id, "0" * 64)
    world.things["pile being read"] = _pile(world, class_, teacher.id).id
    photo = _photo(db.session.get_one(Pile, world.things["pile being read"]))
    db.session.add(photo)
    db.session.commit()


def _pile(world: World, class_: Any, user_id: UUID) -> Pile:
    round_id = world.make.round().id
    pile = Pile(school_id=class_.parent_id, round_id=round_id, path=class_.path, class_id=class_.id, by_id=user_id)
    db.session.add(pile)
    db.session.commit()
    return pile


def _photo(pile: Pile) -> Photo:
    number, key = key_for(pile.school_id, pile.round_id)
    blob = photos.put(scope_of(pile.school_id, pile.round_id), jpeg(), key, number)
    return piles.new_photo(pile, blob, pile.by_id)


def _in_pile(pile: Pile, leaf: Any, **facts: Any) -> Photo:
    photo = _photo(pile)
    db.session.commit()
    return readings.keep(photo, seen(leaf, **facts))


# ---- decisions ----
def _decisions(world: World) -> None:
    """The leader has just agreed to one sheet; it can be taken back for ten minutes."""
    sheet = db.session.get_one(Sheet, world.things["checked"])
    decisions.decide(_actor(world, "leader"), {sheet.id: sheet.version}, SheetMove.PASS)
