"""Unlocking a school: a download code seen in one sign-in and typed in another of the same person (B5-B8, R97).

Only a keyed hash of the code is stored, bound to person, school and round, so that a code of anybody or anywhere else
is simply another code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update

from portal.models import Place, SignIn, Step, Switch, Try, Unlock, User, db, keyring
from portal.rules.clock import now
from portal.rules.codes_printed import new_download_code, parse_download_code
from portal.rules.numbers import Mistyped, grouped
from portal.rules.problems import Problem, message_of, problem
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import rounds, tries
from portal.services.history import record
from portal.services.lists import round_of
from portal.services.refusals import NotYours, Refusal, TooLate, Wait

LIFE = timedelta(hours=24)
WRONG_TRIES = 5
TELL_AFTER = 3
PAUSE = timedelta(minutes=30)
#: five wrong ones within a pause, the last of them within a pause from now
_REMEMBERED = 2 * PAUSE

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_random = secrets.SystemRandom()
_AGAIN = N_("学校已经解锁了，不用再填，可以去打印确认表。")


@dataclass(frozen=True)
class Unlocked:
    """Who saw and typed the code that opened a school, and when."""

    by: str
    shown_at: datetime
    used_at: datetime


def show_code(actor: Actor) -> str:
    """Make a download code and return it, grouped for reading; it is never shown again (B5). Commits.

    It lives 24 hours and ends every older unused code of this person for the school and round. Raises `TooLate` when
    the province has planned no printing here or it is over.
    """
    _at_school(actor)
    found = round_of(actor)
    _require_ahead(found.id, actor.place_id)
    code, moment = new_download_code(_random), now()
    mine = (Unlock.school_id == actor.place_id, Unlock.round_id == found.id, Unlock.user_id == actor.user_id)
    unused = (Unlock.used_at.is_(None), Unlock.ended_at.is_(None))
    db.session.execute(update(Unlock).where(*mine, *unused).values(ended_at=moment))
    made = Unlock(
        round_id=found.id,
        school_id=actor.place_id,
        user_id=actor.user_id,
        code_hash=_hash(actor, found.id, code),
        shown_in_id=actor.session_id,
        made_at=moment,
        expires_at=moment + LIFE,
    )
    db.session.add(made)
    record(actor, made, "SHOW_DOWNLOAD_CODE", actor.place_id, path=actor.path)
    db.session.commit()
    return grouped(code)


def enter_code(actor: Actor, text: str) -> None:
    """Type a download code; the right one unlocks the school until its windows end (B6, R97). Commits.

    Raises `Refusal` for slips of the hand, which are not counted, for a sign-in that has itself shown a code (B7) and
    for every wrong code, in the same words whoever it belongs to; `Wait` for 30 minutes after 5 wrong ones (B8);
    `TooLate` when the school is unlocked already or the printing time is over.
    """
    _at_school(actor)
    found = round_of(actor)
    try:
        code = parse_download_code(text)
    except Mistyped as slip:
        raise _refusal(slip.problem) from slip
    _require_ahead(found.id, actor.place_id)
    if is_unlocked(actor.place_id, found.id):
        raise TooLate(_AGAIN)
    if has_shown(actor):
        raise Refusal(N_("这次登录看过下载码，不能再在这里填。请退出，重新登录后再填；在另一台电脑上登录也行。"))
    attempt = _try(actor)
    if not _consume(actor, found.id, code):
        record(actor, db.session.get_one(Place, actor.place_id), "REFUSE_DOWNLOAD_CODE", actor.place_id)
        db.session.commit()
        raise _refusal(problem("R97"))
    attempt.failed = False
    db.session.commit()


def has_shown(actor: Actor) -> bool:
    """True when this sign-in, or one it continues, has ever shown a code: it can never enter one (B7)."""
    return db.session.scalar(select(Unlock.id).where(Unlock.shown_in_id.in_(_chain(actor))).limit(1)) is not None


def _chain(actor: Actor) -> list[UUID]:
    """This sign-in and those before it in the same browser: changing the password begins no new one (B7)."""
    own = db.session.get_one(SignIn, actor.session_id)
    first = own.origin_id or own.id
    mine = select(SignIn.id).where(SignIn.user_id == own.user_id)
    return list(db.session.scalars(mine.where((SignIn.id == first) | (SignIn.origin_id == first))))


def has_waiting(actor: Actor) -> bool:
    """True when this person has seen a code that can still be entered."""
    mine = select(Unlock.id).where(Unlock.user_id == actor.user_id, Unlock.school_id == actor.place_id)
    unused = mine.where(Unlock.used_at.is_(None), Unlock.ended_at.is_(None), Unlock.expires_at > now())
    return db.session.scalar(unused.where(Unlock.round_id == round_of(actor).id).limit(1)) is not None


def wrong_since_shown(actor: Actor) -> int:
    """How many wrong codes anybody has typed at the school since this person saw the code that still waits; 0 when
    none waits. From `TELL_AFTER` on the person is told (sec-A18, sec-C12)."""
    mine = select(Unlock.made_at).where(Unlock.user_id == actor.user_id, Unlock.school_id == actor.place_id)
    unused = mine.where(Unlock.used_at.is_(None), Unlock.ended_at.is_(None), Unlock.expires_at > now())
    shown_at = db.session.scalar(unused.order_by(Unlock.made_at.desc()).limit(1))
    if shown_at is None:
        return 0
    refused = (Step.thing_id == actor.place_id, Step.move == "REFUSE_DOWNLOAD_CODE", Step.at > shown_at)
    return db.session.scalar(select(func.count()).where(*refused)) or 0


def unlocked(school_id: UUID, round_id: UUID, moment: datetime | None = None) -> Unlocked | None:
    """How the school was unlocked for a round, or None. It ends with the windows of the place, and a window that the
    province opens again within the round counts on (R94)."""
    row = _last_unlock(school_id, round_id, moment or now())
    return Unlocked(row.user.name or row.user.login, row.made_at, row.used_at) if row and row.used_at else None


def _last_unlock(school_id: UUID, round_id: UUID, moment: datetime) -> Unlock | None:
    if _last_closing(round_id, school_id) <= moment:
        return None
    query = select(Unlock).where(Unlock.school_id == school_id, Unlock.round_id == round_id)
    return db.session.scalar(query.where(Unlock.used_at.is_not(None)).order_by(Unlock.used_at.desc()).limit(1))


def is_unlocked(school_id: UUID, round_id: UUID) -> bool:
    """True while printing and entering are unlocked for this school."""
    return _last_unlock(school_id, round_id, now()) is not None


def require_unlocked(school_id: UUID, round_id: UUID) -> None:
    """Raise `TooLate` unless the school is unlocked (B6, R94, X28)."""
    if not is_unlocked(school_id, round_id):
        raise TooLate(N_("学校还没有解锁。请先看下载码，再用另一次登录填进去。"))


def _last_closing(round_id: UUID, school_id: UUID) -> datetime:
    """When the last window of the school's place closes; printing and entering both need the unlocked school."""
    path = db.session.get_one(Place, school_id).path
    windows = [rounds.window_of(round_id, path, switch) for switch in Switch]
    return max((w.closes_at for w in windows if w is not None), default=_LONG_AGO)


def _at_school(actor: Actor) -> None:
    if actor.level != Level.SCHOOL or actor.user_id is None or actor.session_id is None:
        raise NotYours(N_("下载码只能由学校的学籍管理员登录后使用。"))


def _require_ahead(round_id: UUID, school_id: UUID) -> None:
    """A window that is open or still to come: a code for nothing is never made."""
    if _last_closing(round_id, school_id) <= now():
        raise TooLate(N_("省里还没有给这里安排打印和录入的时间，或者时间已经过了，现在不用下载码。"))


def _hash(actor: Actor, round_id: UUID, code: str) -> bytes:
    assert actor.user_id is not None
    bound = f"{actor.place_id.hex}:{round_id.hex}:{actor.user_id.hex}:{code}"
    return keyring().blind("unlock.code", bound)


def _refusal(found: Problem) -> Refusal:
    text, values = message_of(found)
    return Refusal(text, **values)


def _try(actor: Actor) -> Try:
    """Write a try down before it is judged, at most five within half an hour; commits. Raises `Wait`."""
    assert actor.user_id is not None
    bucket = keyring().blind("try.download", actor.user_id.hex)
    # parallel tries of one person queue up here, so that no sixth slips through
    db.session.scalar(select(User.id).where(User.id == actor.user_id).with_for_update())
    wrong = select(Try.at).where(Try.bucket == bucket, Try.kind == "download", Try.failed, tries.since(_REMEMBERED))
    last = list(db.session.scalars(wrong.order_by(Try.at.desc()).limit(WRONG_TRIES)))
    if len(last) == WRONG_TRIES and last[0] - last[-1] < PAUSE and last[0] + PAUSE > now():
        left = last[0] + PAUSE - now()
        db.session.rollback()
        minutes = left.seconds // 60 + 1
        raise Wait(N_("下载码连着填错了 5 次，请过 %(minutes)s 分钟再填。"), minutes=minutes)
    attempt = Try(kind="download", bucket=bucket)
    db.session.add(attempt)
    db.session.commit()
    return attempt


def _consume(actor: Actor, round_id: UUID, code: str) -> bool:
    """One conditional UPDATE: of many that race with the right code exactly one wins."""
    moment, wanted = now(), _hash(actor, round_id, code)
    change = (
        update(Unlock)
        .where(Unlock.code_hash == wanted, Unlock.used_at.is_(None), Unlock.ended_at.is_(None))
        .where(Unlock.expires_at > moment, Unlock.shown_in_id.not_in(_chain(actor)))
        .values(used_at=moment, entered_in_id=actor.session_id)
    )
    if cast("CursorResult[Any]", db.session.execute(change)).rowcount != 1:
        return False
    row = db.session.scalar(select(Unlock).where(Unlock.code_hash == wanted, Unlock.used_at == moment))
    assert row is not None
    record(actor, row, "UNLOCK", actor.place_id, path=actor.path)
    return True


@dataclass(frozen=True)
class Line:
    """One code in the record of a school."""

    by: str
    shown_at: datetime
    used_at: datetime | None
    is_waiting: bool


def log_of(actor: Actor, limit: int = 10) -> list[Line]:
    """The codes of the actor's school in this round, newest first: who saw one, and whether it was used."""
    query = select(Unlock).where(Unlock.school_id == actor.place_id, Unlock.round_id == round_of(actor).id)
    rows = db.session.scalars(query.order_by(Unlock.made_at.desc()).limit(limit))
    moment = now()
    return [
        Line(
            row.user.name or row.user.login,
            row.made_at,
            row.used_at,
            row.used_at is None and row.ended_at is None and row.expires_at > moment,
        )
        for row in rows
    ]


def unlocked_now(actor: Actor) -> Unlocked | None:
    """How the actor's school is unlocked in the present round."""
    return unlocked(actor.place_id, round_of(actor).id)
