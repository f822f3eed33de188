"""Claiming a child: the code of page 2, one question that the paper answers, an account, and the guardian's consent."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.keys import equal
from portal.models import Consent, Guardianship, Place, Pupil, RegistrationCode, Sheet, User, db
from portal.rules import codes, consent
from portal.rules.checks_contact import is_mobile
from portal.rules.clock import now
from portal.rules.normalise import normalise
from portal.rules.place_settings import Switch
from portal.rules.roles import Actor, Role
from portal.rules.words import N_
from portal.services import accounts, doors, place_settings, slowing, tries
from portal.services.guardians import live_of
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.slowing import NOBODY, Asker

#: claimed accounts a child has at most (E11)
MOST_GUARDIANS = 2
#: the relations most guardians have, offered first
COMMON_RELATIONS = ("52", "51", "62", "61", "64", "63")

_ANSWER_COOLS = N_(
    "后 4 位填错的次数太多了，请过 %(minutes)s 分钟再试。还是这句话，就请班主任换一个新的注册码，或者只拍照交表。"
)
_PASSWORD_COOLS = N_("密码连着没有通过好几次，请过 %(minutes)s 分钟再试。")
_PASSWORD_ENDS = N_("密码没有通过太多次，这个注册码不能再用。请班主任换一个新的，或者只拍照交表。")


@dataclass(frozen=True)
class Claim:
    """What a guardian gives. `phone` and `password` are empty when an account is signed in; `language` and `version`
    say which consent text stood on the page."""

    answer: str = field(repr=False)
    relation: str
    version: str
    language: str
    phone: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


class NotRight(Refusal):
    """One thing that was given is not right; `field` says which."""

    def __init__(self, field: str, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.field = field


@dataclass(frozen=True)
class Claimed:
    """The guardianship that was made or already there; `token` of the new sign-in, None when one goes on."""

    child_id: UUID
    state: str
    token: str | None


def relations(language: str) -> list[tuple[str, str]]:
    """(code, words) of every relation to the child, the common ones first (GB/T 4761)."""
    table = codes.table("family_relation")
    rest = [code for code in table.codes if code not in COMMON_RELATIONS]
    return [(code, table.label(code, language)) for code in (*COMMON_RELATIONS, *rest)]


def phone_of(typed: str) -> str | None:
    """A mobile number in its normal form, or None when it is none."""
    phone = normalise("phone", typed).replace("-", "")
    return phone if is_mobile(phone) else None


def claim(selector: str, given: Claim, actor: Actor | None, asker: Asker = NOBODY) -> Claimed:
    """Make this account a guardian of the pupil behind a typed code: the first at once, a second waits for the class
    teacher (E5, E11). Commits.

    Raises `NotFound` for a code replaced meanwhile, `TooLate` for a closed sheet or a third guardian, `Wait` while
    the question cools, `NotRight` for a wrong answer, a wrong or weak password, and `Refusal` where an authority has
    switched accounts off. Nothing before the right answer
    tells whether a telephone number has an account.
    """
    row = _live_code(selector)
    closed = doors.of_sheet(row.sheet).closed
    if closed is not None:
        raise TooLate(closed.advice)
    place_settings.require_on(row.sheet.path, Switch.FAMILY_ACCOUNTS)
    _check(given, signed_in=actor is not None)
    _ask(row, given.answer, asker)
    _check_room(row.sheet.pupil_id, actor.user_id if actor else None)
    if actor is not None:
        assert actor.user_id is not None
        return _add(row.id, db.session.get_one(User, actor.user_id), given, None)
    return _with_account(row, given)


def _live_code(selector: str) -> RegistrationCode:
    query = select(RegistrationCode).where(RegistrationCode.selector == selector, RegistrationCode.live)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def _check(given: Claim, signed_in: bool) -> None:
    if given.version != consent.VERSION:
        raise TooLate(N_("说明刚刚换了新的。请再看一遍，再勾选同意。"))
    if given.relation not in codes.table("family_relation").offered:
        raise NotRight("relation", N_("请选您是孩子的什么人。"))
    if not signed_in and phone_of(given.phone) is None:
        raise NotRight("phone", N_("请填 11 位的手机号。"))


def _ask(row: RegistrationCode, answer: str, asker: Asker) -> None:
    """Judge the answer; tries are counted for the sheet's present code, so that a new code begins anew. Whoever is
    asked has brought a right code, so no work is wanted."""
    attempt = slowing.begin("claim", row.id.hex, asker, _ANSWER_COOLS, works=False)
    typed = "".join(unicodedata.normalize("NFKC", answer).upper().split())
    if not equal(_last_four(row.sheet.pupil), typed.encode()):
        raise NotRight("answer", N_("后 4 位不对。请照纸表第 1 页再看一遍。"))
    slowing.right(attempt)


def _last_four(pupil: Pupil) -> bytes:
    """Of the ID number as printed on page 1, else of the student number (architecture section 3)."""
    values = pupil.record
    number = values.get("id_number") or values["student_number"]
    return number[-4:].upper().encode()


def _check_room(pupil_id: UUID, user_id: UUID | None) -> None:
    live = live_of(pupil_id)
    if not live or user_id in {one.user_id for one in live}:
        return
    place_settings.require_on(live[0].pupil.path, Switch.SECOND_GUARDIAN)
    if len(live) >= MOST_GUARDIANS:
        raise TooLate(N_("这个孩子已经有两位家长注册了。要换人请找班主任；只拍照不用注册。"))


def _with_account(row: RegistrationCode, given: Claim) -> Claimed:
    """Claim with the account of the telephone number, or with a new one. Passwords that were not taken are counted for
    the code, so that nobody asks one telephone number after the other whether it has an account (sec-A1)."""
    phone, row_id, home = phone_of(given.phone), row.id, row.sheet.school
    assert phone is not None
    attempt = tries.begin("claim", f"account {row_id.hex}", _PASSWORD_COOLS, _PASSWORD_ENDS)
    made = _known_or_new(row_id, home, phone, given)
    tries.right(attempt)
    return made


def _known_or_new(row_id: UUID, home: Place, phone: str, given: Claim) -> Claimed:
    if _has_account(phone):
        return _with_known(row_id, phone, given)
    try:
        user = _new_account(home, phone, given.password)
    except IntegrityError:  # the same number claimed at the same moment
        db.session.rollback()
        return _with_known(row_id, phone, given)
    made = _add(row_id, user, given, None)
    return Claimed(made.child_id, made.state, accounts.let_in(user))


def _new_account(home: Place, phone: str, password: str) -> User:
    try:
        user = accounts.make_family(home, phone, password)
    except Refusal as refusal:
        raise NotRight("password", refusal.text, **refusal.values) from refusal
    db.session.flush()
    return user


def _has_account(phone: str) -> bool:
    login = accounts.family_login(phone)
    return db.session.scalar(select(User.id).where(User.login == login, User.ended_at.is_(None))) is not None


def _with_known(row_id: UUID, phone: str, given: Claim) -> Claimed:
    try:
        token = accounts.sign_in(phone, given.password)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        words = N_("这个手机号注册过，密码不对。请填那时的密码；忘了密码请找班主任，或者换一个手机号。")
        raise NotRight("password", words) from refusal
    user = db.session.scalars(select(User).where(User.login == accounts.family_login(phone))).one()
    if user.must_change:  # somebody at a school knows this password too
        _leave_again(token)
        raise NotRight("password", N_("这是学校给的临时密码。请先登录，换成自己的密码，再来注册。"))
    return _add(row_id, user, given, token)


def _leave_again(token: str) -> None:
    signed_in = accounts.actor_of(token)
    if signed_in is not None:
        accounts.sign_out(signed_in)


def _add(row_id: UUID, user: User, given: Claim, token: str | None) -> Claimed:
    """Write guardianship, consent, code, sheet and step in one transaction; the sheet's lock keeps two claims apart."""
    row = db.session.get_one(RegistrationCode, row_id)
    db.session.expire(row.sheet)  # what was read before the lock may be old by now
    sheet = db.session.get_one(Sheet, row.sheet_id, with_for_update=True)
    db.session.refresh(row)
    if not row.live:
        raise NotFound
    mine = next((one for one in live_of(sheet.pupil_id) if one.user_id == user.id), None)
    if mine is not None:
        db.session.commit()
        return Claimed(mine.id, mine.state, token)
    _check_room(sheet.pupil_id, user.id)
    first = row.claimed_at is None and not live_of(sheet.pupil_id)
    made = _guardianship(sheet, user, given, "active" if first else "waiting")
    row.claimed_at, row.code = row.claimed_at or now(), None
    sheet.registered = sheet.registered or first
    db.session.commit()
    return Claimed(made.id, made.state, token)


def _guardianship(sheet: Sheet, user: User, given: Claim, state: str) -> Guardianship:
    made = Guardianship(
        user_id=user.id,
        pupil_id=sheet.pupil_id,
        school_id=sheet.school_id,
        path=sheet.path,
        relation=given.relation,
        state=state,
    )
    agreed = Consent(user_id=user.id, pupil_id=sheet.pupil_id, text_version=given.version, language=given.language)
    db.session.add_all([made, agreed])
    db.session.flush()
    step = record(None, made, "CLAIM_CHILD", sheet.school_id, states=(None, state), consent=given.version)
    step.by_id, step.role = user.id, Role.PARENT.value
    return made
