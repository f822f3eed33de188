"""The second step of the own account: set up, asked for at the sign-in and before dangerous acts, given up (sec-A47).

`recent(actor)` is what acts ask that one sign-in alone must not open: proven within ten minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select, update

from portal.models import Place, RecoveryCode, SignIn, User, db, keyring
from portal.rules import second_step as rules
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.words import N_
from portal.services import known_devices, limits, seats, second_required, second_tries, sign_in_tries, sign_ins
from portal.services.history import record
from portal.services.password_hashes import matches
from portal.services.refusals import NotYours, Refusal

#: so long a proof is recent
RECENT = timedelta(minutes=10)


class Unproven(Refusal):
    """The act asks for a fresh proof: the screen leads to it and back."""

    status = 403

    def __init__(self) -> None:
        super().__init__(N_("这一步要再证明一次是您本人。"))


class Over(Refusal):
    """The sign-in that waited for its second step has ended; begin again with the password."""


@dataclass(frozen=True)
class Standing:
    """How the own second step stands; `left` counts unused recovery codes."""

    on_at: datetime | None
    left: int
    is_required: bool


@dataclass(frozen=True)
class Offer:
    """A secret to put into an app: in groups for typing, and as the address that the QR holds."""

    secret: str
    address: str


def recent(actor: Actor) -> bool:
    """True when this sign-in has shown its second step, or the password where there is none, within ten minutes."""
    row = db.session.get(SignIn, actor.session_id) if actor.session_id else None
    return row is not None and row.proven_at is not None and timedelta(0) <= now() - row.proven_at < RECENT


def require_recent(actor: Actor) -> None:
    """Raise `Unproven` unless `recent`; the web answers with the page that asks, and leads back."""
    if not recent(actor):
        raise Unproven


def has_second(actor: Actor) -> bool:
    """True when the account asks for a second step."""
    return db.session.get_one(User, actor.user_id).second_on_at is not None


def standing(actor: Actor) -> Standing:
    """For the own page of security."""
    user = db.session.get_one(User, actor.user_id)
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    required = second_required.is_required(actor.role, db.session.get_one(Place, actor.place_id))
    return Standing(user.second_on_at, db.session.scalar(unused) or 0, required)


def finish(token: str, typed: str, browser: str = "", device: str = "") -> str:
    """The second step of a sign-in that waits for it: the token of the real one; `device` is the cookie of known
    browsers. Commits.

    Raises `Over` when it waits no longer, `Refusal` for a wrong code, `Wait` for too many.
    """
    found = sign_ins.waiting(token)
    if found is None:
        raise Over(N_("这次登录放得太久了，请从账号和密码重新开始。"))
    user = found.user
    second_tries.judge(user, typed, known_devices.nonce_of(device, user.id) or "")
    ending = update(SignIn).where(SignIn.id == found.id, SignIn.ended_at.is_(None)).values(ended_at=now())
    post = sign_ins.best_post(user)
    if db.session.scalar(ending.returning(SignIn.id)) is None or post is None:
        raise Over(N_("这次登录放得太久了，请从账号和密码重新开始。"))
    seats.take(post, *limits.staff_since())
    return sign_ins.begin(user, post, browser=browser)


def prove(actor: Actor, typed: str) -> str:
    """Show the second step once more, or the password where there is none; returns the sign-in's new token. Commits."""
    user = db.session.get_one(User, actor.user_id)
    if user.second_on_at is not None:
        second_tries.judge(user, typed, "inside", actor)
    else:
        attempt = sign_in_tries.begin_inside(user)
        if not matches(user.password_hash, typed):
            raise Refusal(N_("密码不对。"))
        attempt.failed = False
        db.session.commit()
    return sign_ins.renew(actor)


def offer(actor: Actor) -> Offer:
    """A secret for this sign-in, the same until it is taken: nothing is stored before a code shows that the app has it.

    Raises `NotYours` for families, `Unproven` where second step or password were not shown just now.
    """
    user = _mine(actor)
    secret = rules.secret_text(_offered(actor, user))
    return Offer(rules.grouped_secret(secret), rules.app_address(secret, user.login, _issuer()))


def turn_on(actor: Actor, typed: str) -> tuple[str, list[str]]:
    """Take the offered secret, shown by one code of it: (token of the sign-in that goes on, recovery codes to be shown
    once). Every other sign-in ends. Commits."""
    user = _mine(actor)
    secret, was_on = _offered(actor, user), user.second_on_at is not None
    second_tries.judge_new(user, typed, secret)
    user.second, user.second_on_at = rules.secret_text(secret), now()
    codes = _renew_codes(user)
    record(actor, user, "CHANGE_SECOND" if was_on else "SECOND_ON", user.home_id, path=actor.path)
    return sign_ins.go_on(actor, user, is_proven=True), codes


def new_codes(actor: Actor) -> list[str]:
    """Eight new recovery codes, shown once; the old ones end. Commits."""
    user = _mine(actor)
    if user.second_on_at is None:
        raise Refusal(N_("先设好第二步，才有恢复码。"))
    codes = _renew_codes(user)
    record(actor, user, "NEW_RECOVERY_CODES", user.home_id, path=actor.path)
    db.session.commit()
    return codes


def turn_off(actor: Actor) -> str:
    """Give up the second step where it is not required; returns the token of the sign-in that goes on. Commits."""
    user = _mine(actor)
    if standing(actor).is_required:
        raise Refusal(N_("您的岗位必须有第二步，不能关。换了手机，请设新的。"))
    clear(user)
    record(actor, user, "SECOND_OFF", user.home_id, path=actor.path)
    return sign_ins.go_on(actor, user)


def clear(user: User) -> None:
    """Take the second step from an account, with its recovery codes and the waiting. The caller commits."""
    user.second, user.second_on_at, user.second_step = None, None, 0
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    second_tries.forget(user)


def _mine(actor: Actor) -> User:
    if actor.role == Role.PARENT:
        raise NotYours(N_("家长的账号不用设第二步。"))
    require_recent(actor)  # the first one too: whoever finds an open browser would take the account with an own phone
    return db.session.get_one(User, actor.user_id)


def _renew_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = rules.new_recovery_codes()
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=second_tries.hash_of(user.id, c)) for c in codes)
    return [rules.grouped_recovery(code) for code in codes]


def _offered(actor: Actor, user: User) -> bytes:
    assert actor.session_id is not None
    text = f"{user.id.hex}|{actor.session_id.hex}|{user.epoch}"
    return hmac.digest(keyring().derive("second-offer"), text.encode(), hashlib.sha256)[: rules.SECRET_BYTES]


def _issuer() -> str:
    """What the app writes above the digits: the host that people type."""
    base_url: str = current_app.extensions["portal.settings"].base_url
    return base_url.partition("://")[2].partition(":")[0]
