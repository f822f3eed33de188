"""Wrong passwords: written before they are judged, slowed per account and never per address; a browser in which the
account has signed in before has its own count (research sec 5.5, sec-A39)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, update

from portal.models import Step, Try, User, db, keyring
from portal.rules.clock import now
from portal.rules.words import N_
from portal.services import known_devices, tries
from portal.services.history import record
from portal.services.refusals import Wait

KIND = "sign_in"
FAILED = "SIGN_IN_FAILED"
#: failures in the last hour -> minutes to wait
_WAITS = ((5, 1), (8, 5), (11, 15))
#: profile `dengbao`: what assessors of GB/T 22239 look for
_WAITS_DENGBAO = ((5, 15),)
#: in a browser in which the account has signed in before
_WAITS_KNOWN = ((10, 15),)


def begin(login: str, user_id: UUID | None, device: str) -> Try:
    """Write a try before it is judged, so that parallel ones cannot slip through; commits. Raises `Wait`.

    `device` is the cookie of known browsers; the same work is done for an unknown account (sec-A33).
    """
    return _begin(login, user_id, known_devices.nonce_of(device, user_id))


def begin_inside(user: User) -> Try:
    """The same for who is signed in and shows the password once more: no stranger's tries make them wait. Commits."""
    return _begin(user.login, user.id, f"inside {user.id.hex}")


def _begin(login: str, user_id: UUID | None, nonce: str | None) -> Try:
    attempt = Try(kind=KIND, bucket=_bucket(login) if nonce is None else _bucket_of_device(nonce))
    db.session.add(attempt)
    db.session.commit()
    try:
        _slow_down(attempt, _waits() if nonce is None else _WAITS_KNOWN)
    except Wait:
        if user_id is not None:
            _tell(db.session.get_one(User, user_id))
        raise
    return attempt


def _tell(user: User) -> None:
    """An account that has to wait is written down, once an hour. Commits."""
    told = select(Step.id).where(Step.thing_id == user.id, Step.move == FAILED, Step.at > now() - timedelta(hours=1))
    if db.session.scalar(told.limit(1)) is None:
        wrong = wrong_since(user.login, now() - timedelta(hours=1))
        record(None, user, FAILED, user.home_id, path=user.home.path, n=wrong)
        db.session.commit()


def forget(user: User) -> None:
    """End the waiting after wrong tries. The caller commits."""
    tries = update(Try).where(Try.bucket == _bucket(user.login), Try.kind == KIND)
    db.session.execute(tries.values(failed=False))


def wrong_since(login: str, moment: datetime) -> int:
    """How many passwords were wrong for this account since then, in browsers that it does not know."""
    query = select(func.count()).where(Try.bucket == _bucket(login), Try.kind == KIND, Try.failed, Try.at >= moment)
    return db.session.scalar(query) or 0


def wrong_by_bucket(moment: datetime) -> dict[bytes, int]:
    """bucket -> wrong passwords since then; `bucket_of` says whose a bucket is."""
    query = select(Try.bucket, func.count()).where(Try.kind == KIND, Try.failed, Try.at >= moment)
    return {bucket: n for bucket, n in db.session.execute(query.group_by(Try.bucket))}


def bucket_of(login: str) -> bytes:
    """The bucket of an account's wrong tries."""
    return _bucket(login)


def _bucket(login: str) -> bytes:
    """A keyed hash, never the login itself."""
    return keyring().blind("try.sign_in", f"login {login}")


def _bucket_of_device(nonce: str) -> bytes:
    return keyring().blind("try.sign_in", f"device {nonce.encode().hex()}")


def _waits() -> tuple[tuple[int, int], ...]:
    profile = current_app.extensions["portal.settings"].profile
    return _WAITS_DENGBAO if profile == "dengbao" else _WAITS


def _slow_down(attempt: Try, waits: tuple[tuple[int, int], ...]) -> None:
    """Raise `Wait` when this try comes too soon; it is then neither judged nor counted."""
    others = (Try.bucket == attempt.bucket, Try.kind == attempt.kind, Try.failed, Try.id != attempt.id)
    failed = select(func.count(), func.max(Try.at)).where(*others, tries.since(timedelta(hours=1)))
    count, last = db.session.execute(failed).one()
    minutes = max((wait for most, wait in waits if count >= most), default=0)
    if minutes and last + timedelta(minutes=minutes) > now():
        db.session.delete(attempt)
        db.session.commit()
        raise Wait(N_("这个账号连着输错了好几次，请过 %(minutes)s 分钟再试。密码没有被改。"), minutes=minutes)
