"""Children who sit in the class and are not on its roster: added by the teacher, part of the class's report (J2)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.models import Place, Pupil, Unlisted, db, keyring
from portal.rules.checks import check_item
from portal.rules.checks_identity import RESIDENT_ID, check_identity
from portal.rules.clock import now
from portal.rules.findings import UNLISTED, FindingCode, Registration
from portal.rules.normalise import normalise
from portal.rules.problems import Problem, has_errors
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import findings, lists, pupils
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate

LONGEST_FROM = 60
_ASKED = ("name", "sex", "birth_date")


@dataclass(frozen=True)
class Child:
    """What the teacher knows of a child; `number` may be empty, `origin` says where it came from."""

    code: str
    name: str
    sex: str
    birth_date: str
    number: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Listed:
    """A child as lists show it. `in_class` names the class of the school whose roster has the number, `in_province` is
    true when another school of the province has it: a record is there after all."""

    unlisted_id: UUID
    class_id: UUID
    class_name: str
    code: FindingCode
    name: str
    sex: str
    birth_date: str
    number: str
    origin: str
    certificate: bool
    result: Registration | None
    is_open: bool
    says_done: bool
    in_class: str = ""
    in_province: bool = False
    pupil_id: UUID | None = None

    @property
    def is_settled(self) -> bool:
        """True when nothing is left to do: said so, entered, or on the roster of the class now."""
        return not self.is_open

    @property
    def is_proved(self) -> bool:
        """True with a number or with the certificate that there is none (R122)."""
        return bool(self.number) or self.certificate


class Wrong(Refusal):
    """The details cannot be right; `problems` say which."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(N_("有几处要再看一下。"))
        self.problems = problems


def of_class(actor: Actor, class_id: UUID) -> list[Listed]:
    """The children a class has added, oldest first."""
    class_, found = findings.class_of(actor, class_id), lists.round_of(actor)
    return listed(Unlisted.round_id == found.id, Unlisted.class_id == class_.id)


def listed(*conditions: ColumnElement[bool]) -> list[Listed]:
    """Children by condition, by class and then as they came."""
    query = select(Unlisted, Place.name).join(Place, Unlisted.class_id == Place.id)
    query = query.where(*conditions, Unlisted.removed_at.is_(None)).order_by(Unlisted.path, Unlisted.at, Unlisted.id)
    rows = [(one, name) for one, name in db.session.execute(query)]
    known = _known({one.id_index for one, _ in rows if one.id_index is not None})
    return [_listed(one, name, known) for one, name in rows]


def _known(indexes: set[bytes]) -> dict[bytes, list[Pupil]]:
    """Number -> the records that have it, wherever they are."""
    query = select(Pupil).where(Pupil.id_index.in_(indexes), Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    found: dict[bytes, list[Pupil]] = {}
    for pupil in db.session.scalars(query) if indexes else ():
        found.setdefault(pupil.id_index or b"", []).append(pupil)
    return found


def _listed(one: Unlisted, class_name: str, known: dict[bytes, list[Pupil]]) -> Listed:
    person, pupils_ = one.person, known.get(one.id_index or b"", [])
    province = one.path.split("/")[0] + "/"
    here = next((pupil for pupil in pupils_ if pupil.school_id == one.school_id), None)
    return Listed(
        unlisted_id=one.id,
        class_id=one.class_id,
        class_name=class_name,
        code=FindingCode(one.code),
        name=person["name"],
        sex=person["sex"],
        birth_date=person["birth_date"],
        number=person["id_number"],
        origin=person["from"],
        certificate=bool(person.get("certificate")),
        result=Registration(one.result) if one.result else None,
        is_open=not (one.done_at or one.result == Registration.ENTERED or (here and here.class_id == one.class_id)),
        says_done=one.done_at is not None,
        in_class=here.class_.name if here else "",
        in_province=here is None and any(pupil.path.startswith(province) for pupil in pupils_),
        pupil_id=here.id if here else None,
    )


def add(actor: Actor, class_id: UUID, child: Child) -> UUID:
    """Add a child who is here and not listed; returns its id. A reported class is open again. Commits.

    Raises `Wrong` for details that cannot be right, `Refusal` for a child who is on the list of the class already.
    """
    if child.code not in UNLISTED:
        raise NotFound
    check = findings.lock_check(actor, class_id)
    values = _values(child)
    _require_sound(values, db.session.get_one(Place, check.school_id))
    index = keyring().blind("pupil.id_number", values["id_number"]) if values["id_number"] else None
    mine = (Unlisted.round_id == check.round_id, Unlisted.class_id == check.class_id, Unlisted.removed_at.is_(None))
    if any(_same(one, values) for one in db.session.scalars(select(Unlisted).where(*mine))):
        raise Refusal(N_("这个孩子已经加过了。"))
    if _is_on_roster(check.class_id, index, values):
        raise Refusal(N_("这个孩子就在本班名册上，请在名单里点。"))
    own = {"round_id": check.round_id, "school_id": check.school_id, "class_id": check.class_id, "path": check.path}
    made = Unlisted(code=child.code, id_index=index, by_id=actor.user_id, **own)
    made.person = values | {"from": child.origin.strip()[:LONGEST_FROM]}
    db.session.add(made)
    record(actor, made, "ADD_UNLISTED", check.school_id, code=child.code)
    db.session.commit()
    return made.id


def remove(actor: Actor, class_id: UUID, unlisted_id: UUID) -> None:
    """Take back a child added by mistake, until the class has been reported with it. Commits."""
    check = findings.lock_check(actor, class_id)
    one = lists.find(actor, Unlisted, unlisted_id, lock=True)
    if one.class_id != check.class_id:
        raise NotFound
    if one.result is not None or one.done_at is not None:
        raise TooLate(N_("学籍管理员已经在办了。"))
    if check.reported_at is not None and one.at <= check.reported_at:
        raise TooLate(findings.REPORTED)
    if one.removed_at is None:
        one.removed_at = now()
        record(actor, one, "REMOVE_UNLISTED", one.school_id)
    db.session.commit()


def _values(child: Child) -> dict[str, str]:
    asked = {"name": child.name, "sex": child.sex, "birth_date": child.birth_date, "id_number": child.number}
    return {item: normalise(item, value) if value.strip() else "" for item, value in asked.items()}


def _require_sound(values: dict[str, str], school: Place) -> None:
    """The rules for names, days and numbers; a number is a resident ID number, other documents come later (I)."""
    context = pupils.school_context(school)
    problems = [one for item in _ASKED for one in check_item(item, values[item], context)]
    if values["id_number"] and not has_errors(problems):
        told = check_identity(values | {"id_doc_type": RESIDENT_ID}, context)
        problems += [one for one in told if one.item in values]
    if has_errors(problems):
        raise Wrong([one for one in problems if one.is_error])


def _same(one: Unlisted, values: dict[str, str]) -> bool:
    known = one.person
    if values["id_number"] and known["id_number"]:
        return bool(values["id_number"] == known["id_number"])
    return all(values[item] == known[item] for item in ("name", "birth_date"))


def _is_on_roster(class_id: UUID, index: bytes | None, values: dict[str, str]) -> bool:
    person = keyring().blind("pupil.person", f"{values['name']}|{values['sex']}|{values['birth_date']}")
    same = Pupil.id_index == index if index is not None else Pupil.person_index == person
    query = select(Pupil.id).where(Pupil.class_id == class_id, Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    return db.session.scalar(query.where(same).limit(1)) is not None
