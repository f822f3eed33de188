"""Codes of the second step, judged: written before they are judged, 5 in 5 minutes, 20 an hour, 50 a day per account,
no code twice (sec-A47). A browser in which the account has signed in before has its own count, so that whoever got hold
of the password keeps nobody out (sec-A39)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

import pyotp
from sqlalchemy import func, select, update

from portal.keys import equal
from portal.models import RecoveryCode, Try, User, db, keyring
from portal.rules import second_step as rules
from portal.rules.clock import now
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import tries
from portal.services.history import record
from portal.services.refusals import Refusal, Wait

KIND = "second"
#: after each so many wrong codes of a day one step tells the officers of it
TOLD_AFTER = 10


def judge(user: User, typed: str, apart: str = "", actor: Actor | None = None) -> None:
    """Take a code of the app or a recovery code of this account, or raise `Refusal`; `Wait` when there were too many.
    `apart` names a browser of the account's own, whose wrong ones are counted apart; `actor` is who is in already.
    Commits."""
    text = rules.plain(typed)
    code = rules.recovery_code(text)
    if not rules.is_app_code(text) and code is None:
        raise Refusal(N_("请填验证器上的 6 位数字，或者一个 10 位的恢复码。"))
    attempt = _begin(user, apart)
    if code is None:
        fits = use_app_code(user, text, user.second)
    elif fits := _use_recovery(user.id, code):
        record(actor, user, "USE_RECOVERY_CODE", user.home_id, path=user.home.path)
    _told(user, attempt, fits)


def judge_new(user: User, typed: str, secret: bytes) -> None:
    """Take the first code of an app that has just been set up. Commits."""
    text = rules.plain(typed)
    if not rules.is_app_code(text):
        raise Refusal(N_("请填验证器上现在的 6 位数字。"))
    attempt = _begin(user)
    _told(user, attempt, use_app_code(user, text, rules.secret_text(secret), is_new=True))


def use_app_code(user: User, digits: str, secret: str | None, is_new: bool = False) -> bool:
    """True when the digits are of a step that no code was used of; uses that step up. The caller commits."""
    if secret is None:
        return False
    app, last = pyotp.TOTP(secret), 0 if is_new else user.second_step
    for step in rules.steps_to_try(now(), last):
        if equal(app.generate_otp(step).encode(), digits.encode()):
            if is_new:
                user.second_step = step
                return True
            use = update(User).where(User.id == user.id, User.second_step < step).values(second_step=step)
            return db.session.scalar(use.returning(User.id)) is not None
    return False


def forget(user: User) -> None:
    """End the waiting after wrong codes. The caller commits."""
    db.session.execute(update(Try).where(Try.bucket == _bucket(user.id), Try.kind == KIND).values(failed=False))


def hash_of(user_id: UUID, code: str) -> bytes:
    """What is kept of a recovery code: a keyed hash, bound to its account."""
    return hmac.digest(keyring().derive("recovery-code"), f"{user_id.hex}|{code}".encode(), hashlib.sha256)


def _use_recovery(user_id: UUID, code: str) -> bool:
    mine = (RecoveryCode.user_id == user_id, RecoveryCode.code_hash == hash_of(user_id, code))
    use = update(RecoveryCode).where(*mine, RecoveryCode.used_at.is_(None)).values(used_at=now())
    return db.session.scalar(use.returning(RecoveryCode.id)) is not None


def _begin(user: User, apart: str = "") -> Try:
    own = f"{user.id.hex} {user.epoch} {apart.encode().hex()}"  # a reset begins it anew
    attempt = Try(kind=KIND, bucket=keyring().blind("try.second", own) if apart else _bucket(user.id))
    db.session.add(attempt)
    db.session.commit()
    others = (Try.bucket == attempt.bucket, Try.kind == KIND, Try.failed, Try.id != attempt.id)
    wrong = list(db.session.scalars(select(Try.at).where(*others, tries.since(timedelta(days=1)))))
    minutes = rules.minutes_to_wait(wrong, now())
    if minutes:
        db.session.delete(attempt)
        db.session.commit()
        raise Wait(N_("验证码连着填错了好几次，请过 %(minutes)s 分钟再试。"), minutes=minutes)
    return attempt


def _told(user: User, attempt: Try, fits: bool) -> None:
    if fits:
        attempt.failed = False
        db.session.commit()
        return
    mine = (Try.bucket == attempt.bucket, Try.kind == KIND, Try.failed, tries.since(timedelta(days=1)))
    wrong = db.session.scalar(select(func.count()).where(*mine)) or 0
    if wrong % TOLD_AFTER == 0:
        record(None, user, "SECOND_WRONG", user.home_id, path=user.home.path, n=wrong)
    db.session.commit()
    raise Refusal(N_("数字不对，或者已经用过了。等验证器上换了新的数字再填。"))


def _bucket(user_id: UUID) -> bytes:
    return keyring().blind("try.second", user_id.hex)
