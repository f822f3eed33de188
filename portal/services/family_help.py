"""What the class teacher and the registrar do for families: agree to a second guardian, help with a password, undo a
wrong claim (E8, E11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.models import Guardianship, Pupil, Sheet, db
from portal.paper.slips import LoginSlip, print_login_slips
from portal.rules import codes
from portal.rules.clock import now
from portal.rules.masks import mask_name, mask_phone
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import accounts, guardians, lists, printed_codes
from portal.services.guardians import LIVE, live_of
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate


@dataclass(frozen=True)
class Guardian:
    """A claimed account as the school sees it: the number masked, the relation in words of the language asked for."""

    guardianship_id: UUID
    sheet_id: UUID | None
    name: str
    class_name: str
    relation: str
    phone: str
    state: str
    at: datetime
    first_password: bool
    others: tuple[str, ...]


def waiting(actor: Actor, language: str) -> list[Guardian]:
    """Who waits for the class teacher's consent inside the actor's place, longest first."""
    query = _inside(actor).where(Guardianship.state == "waiting").options(joinedload(Guardianship.user))
    return [_guardian(actor, one, language) for one in db.session.scalars(query.order_by(Guardianship.made_at))]


def count_waiting(actor: Actor) -> int:
    """How many wait."""
    query = _inside(actor).where(Guardianship.state == "waiting").with_only_columns(func.count())
    return db.session.scalar(query) or 0


def of_sheet(actor: Actor, sheet_id: UUID, language: str) -> tuple[Sheet, list[Guardian]]:
    """A sheet inside the actor's place and the live guardians of its pupil; raises `NotFound`."""
    sheet = lists.find(actor, Sheet, sheet_id)
    return sheet, [_guardian(actor, one, language) for one in live_of(sheet.pupil_id)]


def _inside(actor: Actor) -> Select[Guardianship]:
    """Guardianships of pupils of the actor's place, wherever they were when the claim was made."""
    return select(Guardianship).join(Guardianship.pupil).where(lists.inside(Pupil.path, actor))


def _guardian(actor: Actor, one: Guardianship, language: str) -> Guardian:
    pupil, table = one.pupil, codes.table("family_relation")
    sheet = guardians.sheet_now(pupil)
    return Guardian(
        guardianship_id=one.id,
        sheet_id=sheet.id if sheet else None,
        name=_name(actor, pupil),
        class_name=pupil.class_.name,
        relation=table.label(one.relation, language),
        phone=mask_phone(one.user.phone or ""),
        state=one.state,
        at=one.made_at,
        first_password=one.user.must_change and one.user.first_password_sealed is not None,
        others=tuple(table.label(other.relation, language) for other in live_of(one.pupil_id) if other.id != one.id),
    )


def _find(actor: Actor, guardianship_id: UUID) -> Guardianship:
    """A live guardianship of a pupil inside the actor's place, locked; raises `NotFound` for every other id."""
    query = _inside(actor).where(Guardianship.id == guardianship_id, Guardianship.state.in_(LIVE))
    one: Guardianship | None = db.session.scalar(query.with_for_update(of=Guardianship))
    if one is None:
        raise NotFound
    return one


def decide(actor: Actor, guardianship_id: UUID, agreed: bool, reason: str) -> None:
    """Agree to a second guardian, or refuse with a reason that the family reads (R87). Commits."""
    one = _find(actor, guardianship_id)
    if one.state != "waiting":
        raise TooLate(N_("这位家长已经有人处理过了。"))
    reason = reason.strip()
    if not agreed and not reason:
        raise Refusal(N_("请写明为什么不同意，家长会看到。"))
    if agreed and one.user.must_change and _has_elsewhere(actor, one.user_id, LIVE):
        raise TooLate(N_("别的班或别的学校刚给过这位家长临时密码。请家长先登录，换成自己的密码，再来同意。"))
    one.state, one.decided_at, one.decided_by_id = ("active" if agreed else "refused"), now(), actor.user_id
    if not agreed:
        guardians.end_consent(one)
    move = "AGREE_GUARDIAN" if agreed else "REFUSE_GUARDIAN"
    record(actor, one, move, one.school_id, path=one.pupil.path, states=("waiting", one.state), reason=reason or None)
    sheet = guardians.sheet_now(one.pupil, lock=True)
    if sheet is not None:  # a refusal may fall on the only one, who had to wait again
        sheet.registered = any(other.state == "active" for other in live_of(one.pupil_id))
    db.session.commit()


def reset_password(actor: Actor, guardianship_id: UUID) -> tuple[UUID | None, str, str]:
    """(sheet, masked number, one-time password) for a guardian who forgot the own one; it must be changed at the next
    sign-in, and every sign-in ends (E8). Whoever gives the password could use it, so children of the account outside
    the actor's place wait until their own teacher agrees once more. Commits."""
    one = _find(actor, guardianship_id)
    accounts.give_first_password(one.user)
    _let_others_wait(actor, one.user_id)
    record(actor, one, "RESET_FAMILY_PASSWORD", one.school_id, path=one.pupil.path)
    sheet = guardians.sheet_now(one.pupil)
    password: str = one.user.first_password
    db.session.commit()
    return (sheet.id if sheet else None), mask_phone(one.user.phone or ""), password


def _let_others_wait(actor: Actor, user_id: UUID) -> None:
    query = select(Guardianship).where(Guardianship.user_id == user_id, Guardianship.state == "active")
    for other in db.session.scalars(query.with_for_update()):
        if not actor.covers(other.pupil.path):
            other.state = "waiting"
            record(actor, other, "WAIT_AGAIN", other.school_id, path=other.pupil.path, states=("active", "waiting"))


def _has_elsewhere(actor: Actor, user_id: UUID, states: Collection[str]) -> bool:
    """True when the account speaks for a child outside the actor's place: its password is not the actor's to know."""
    query = select(Guardianship).where(Guardianship.user_id == user_id, Guardianship.state.in_(states))
    return any(not actor.covers(other.pupil.path) for other in db.session.scalars(query))


def print_slip(actor: Actor, guardianship_id: UUID, out: BinaryIO) -> None:
    """Write the one-time password as a PDF slip. Raises `TooLate` once it has been replaced, and where it opens a child
    outside the actor's place, because somebody with more children in theirs has given it. Commits."""
    one = _find(actor, guardianship_id)
    if one.state != "active":
        raise TooLate(N_("这位家长还在等同意，先同意，再给临时密码。"))
    if not one.user.must_change or one.user.first_password_sealed is None:
        raise TooLate(N_("小条只能印一次，或者家长已经换成自己的密码了。还要帮忙，请再给一个临时密码。"))
    if _has_elsewhere(actor, one.user_id, ("active",)):
        raise TooLate(N_("这个临时密码不是这里给的，也打开别处的孩子。请再给一个临时密码。"))
    slip = LoginSlip(
        school=one.pupil.school.name,
        class_label=one.pupil.class_.name,
        name=mask_name(one.pupil.record["name"]),
        login=mask_phone(one.user.phone or ""),
        password=one.user.first_password,
        base_url=current_app.extensions["portal.settings"].base_url,
        for_family=True,
    )
    print_login_slips([slip], out)
    one.user.first_password = None  # on paper once (sec-A46)
    record(actor, one, "PRINT_PASSWORD_SLIP", one.school_id, path=one.pupil.path)
    db.session.commit()


@dataclass(frozen=True)
class Ended:
    """A claim was undone: whose, and the new code where the pupil has a sheet in this round."""

    sheet_id: UUID | None
    name: str
    code: str | None = field(default=None, repr=False)


def end(actor: Actor, guardianship_id: UUID, reason: str) -> Ended:
    """End a claim that was wrong, with its reason, and replace the code that it was made with (sec-A5). Commits."""
    one = _find(actor, guardianship_id)
    if not reason.strip():
        raise Refusal(N_("请写明为什么取消，会记下来。"))
    name = _name(actor, one.pupil)
    guardians.end(actor, one, "END_GUARDIAN", reason.strip())
    sheet = guardians.sheet_now(one.pupil, lock=True)
    code = printed_codes.reset_code(actor, sheet) if sheet else None
    db.session.commit()
    return Ended(sheet.id if sheet else None, name, code)


def sheet_behind(actor: Actor, guardianship_id: UUID) -> UUID:
    """The present sheet of a guardianship's pupil; raises `NotFound` when there is none."""
    sheet = guardians.sheet_now(_find(actor, guardianship_id).pupil)
    if sheet is None:
        raise NotFound
    return sheet.id


def _name(actor: Actor, pupil: Pupil) -> str:
    name: str = pupil.record["name"]
    return name if actor.place_id == pupil.class_id else mask_name(name)
