"""Accounts: made with a one-time password, signed in on the server, slowed per account and never per address."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from portal.models import Place, Post, SignIn, Try, User, db, keyring, writing
from portal.rules import passwords
from portal.rules.checks_contact import is_mobile
from portal.rules.clock import now, today
from portal.rules.normalise import normalise
from portal.rules.problems import message_of
from portal.rules.roles import Actor, Role
from portal.rules.words import N_
from portal.services import seats
from portal.services.history import record
from portal.services.refusals import Refusal, Wait

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_WAITS = ((5, 1), (8, 5), (11, 15))  # failures in the last hour -> minutes to wait
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_NOBODY = _hasher.hash("nobody has this password")


def first_password() -> str:
    """A password to print on a slip: 10 characters without look-alikes, about 49 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def make_user(home: Place, login: str, name: str, role: Role, place: Place, password: str | None = None) -> User:
    """A real-name account with one post (B4). Without `password` a first password is made and must be replaced (C2)."""
    chosen = password or first_password()
    user = User(home_id=home.id, login=login.strip().lower(), name=name, password_hash=_hasher.hash(chosen))
    user.must_change = password is None
    if password is None:
        user.first_password = chosen
    db.session.add(user)
    db.session.add(Post(user_id=user.id, place_id=place.id, path=place.path, role=role, begins=today()))
    return user


def give_first_password(user: User) -> None:
    """Replace a forgotten password by a first one that must be changed; ends every sign-in and the waiting after
    wrong tries (C4). The caller commits."""
    chosen = first_password()
    user.password_hash, user.first_password, user.must_change = _hasher.hash(chosen), chosen, True
    user.epoch += 1
    tries = update(Try).where(Try.bucket == _bucket(user.login), Try.kind == "sign_in")
    db.session.execute(tries.values(failed=False))


def make_family(home: Place, phone: str, password: str) -> User:
    """The account of a guardian, with the password the family chose (E5). `home` is the school of the first child,
    `phone` a mobile number in its normal form. The caller commits."""
    user = User(home_id=home.id, login=family_login(phone), phone=phone, password_hash="", must_change=False)
    user.home = home
    check_new(user, password, is_staff=False)
    user.password_hash = _hasher.hash(password)
    post = Post(user_id=user.id, place_id=home.id, path=home.path, role=Role.PARENT, begins=today())
    db.session.add_all([user, post])
    return user


def family_login(phone: str) -> str:
    """The login of a family's account: a keyed hash of its mobile number, which so stands nowhere in the clear."""
    return f"family-{keyring().blind('login.family', phone).hex()[:48]}"


def _login_of(typed: str) -> str:
    """What was typed as a login: a mobile number means a family's account."""
    phone = normalise("phone", typed).replace("-", "")
    return family_login(phone) if is_mobile(phone) else typed.strip().lower()[:64]


def sign_in(login: str, password: str) -> str:
    """Check login (families: mobile number) and password; returns the token of a new server-side sign-in. Commits.

    Raises `Wait` when this account has had too many wrong tries, `Refusal` with one sentence that does not tell
    whether the account exists. The try is written before it is judged, so that parallel tries cannot slip through.
    """
    name = _login_of(login)
    attempt = _try(name)
    user = db.session.scalar(select(User).where(User.login == name, User.ended_at.is_(None)))
    stored = user.password_hash if user else _NOBODY
    db.session.commit()  # no lock is held while the password is hashed
    if not _matches(stored, password) or user is None:
        raise Refusal(N_("账号或密码不对。请看一看大小写。忘了密码，家长找班主任，老师找学校，学校找上级管理员。"))
    post = _best_post(user)
    if post is None:
        raise Refusal(N_("这个账号现在没有岗位。请找学校或上级管理员。"))
    attempt.failed = False
    db.session.commit()
    seats.take(post, now() - IDLE, now() - ABSOLUTE)
    return begin(user, post)


def let_in(user: User) -> str:
    """The token of a sign-in for a family's account that has just been made. Commits."""
    post = _best_post(user)
    assert post is not None
    return begin(user, post)


def begin(user: User, post: Post, origin_id: UUID | None = None) -> str:
    """The token of a new sign-in in one post; `origin_id` is the first of the chain it continues (B7). Commits."""
    token = secrets.token_urlsafe(32)
    moment = now()
    signed_in = SignIn(
        token_hash=_hash(token), user_id=user.id, post_id=post.id, epoch=user.epoch, begun_at=moment, seen_at=moment
    )
    signed_in.origin_id = origin_id
    user.last_in_at = moment
    db.session.add(signed_in)
    record(actor_for(signed_in, user, post), user, "SIGN_IN", user.home_id, path=post.path)
    db.session.commit()
    return token


def _bucket(login: str) -> bytes:
    """The bucket of an account's wrong tries: a keyed hash, never the login itself."""
    return keyring().blind("try.sign_in", f"login {login}")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _matches(password_hash: str, password: str) -> bool:
    if len(password) > passwords.LONGEST:
        password = ""
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _try(login: str) -> Try:
    """Write a try before it is judged, so that parallel ones cannot slip through; commits. Raises `Wait`."""
    attempt = Try(kind="sign_in", bucket=_bucket(login))
    db.session.add(attempt)
    db.session.commit()
    _slow_down(attempt)
    return attempt


def _slow_down(attempt: Try) -> None:
    """Raise `Wait` when this try comes too soon; it is then neither judged nor counted."""
    others = (Try.bucket == attempt.bucket, Try.kind == attempt.kind, Try.failed, Try.id != attempt.id)
    failed = select(func.count(), func.max(Try.at)).where(*others, Try.at > now() - timedelta(hours=1))
    count, last = db.session.execute(failed).one()
    minutes = max((wait for tries, wait in _WAITS if count >= tries), default=0)
    if minutes and last + timedelta(minutes=minutes) > now():
        db.session.delete(attempt)
        db.session.commit()
        raise Wait(N_("这个账号连着输错了好几次，请过 %(minutes)s 分钟再试。密码没有被改。"), minutes=minutes)


def _best_post(user: User) -> Post | None:
    """The first post that holds today; a verification seat outside its window only when there is no other."""
    day, moment = today(), now()
    live = [p for p in user.posts if p.begins <= day and (p.ends is None or p.ends >= day)]
    return next((post for post in live if seats.is_open(post, moment)), live[0] if live else None)


def actor_of(token: str) -> Actor | None:
    """The actor behind a cookie's token, or None when the sign-in has ended, idled out or the posts have changed, and
    for a verification seat outside its window (R101)."""
    found = _signed_in(token)
    if found is None or found.post is None or not seats.is_open(found.post, now()):
        return None
    return actor_for(found, found.user, found.post)


def shut_out(token: str) -> seats.SeatClosed | None:
    """What to answer a verification seat that is signed in and whose window has closed since; None for all others."""
    found = _signed_in(token)
    return seats.closed(found.post) if found and found.post else None


def _signed_in(token: str) -> SignIn | None:
    query = (
        select(SignIn)
        .options(joinedload(SignIn.user), joinedload(SignIn.post).joinedload(Post.place))
        .where(SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None))
    )
    found = db.session.scalar(query)
    return found if found is not None and found.post is not None and _still_good(found, now()) else None


def _still_good(signed_in: SignIn, moment: datetime) -> bool:
    user, post = signed_in.user, signed_in.post
    assert post is not None
    day = today()
    return (
        user.ended_at is None
        and signed_in.epoch == user.epoch
        and post.begins <= day
        and (post.ends is None or post.ends >= day)
        and moment - signed_in.seen_at < IDLE
        and timedelta(0) <= moment - signed_in.begun_at < ABSOLUTE
    )


def actor_for(signed_in: SignIn, user: User, post: Post) -> Actor:
    """The actor of a sign-in in one post. A family's path is below no place: what concerns its children is found
    through its guardianships only."""
    place = post.place or db.session.get_one(Place, post.place_id)
    is_family = post.role == Role.PARENT
    return Actor(
        user_id=user.id,
        session_id=signed_in.id,
        role=Role(post.role),
        level=place.level,
        place_id=place.id,
        path=f"family/{user.id.hex}/" if is_family else place.path,
        name=(user.name or "") if is_family else (user.name or user.login),
        place_name=place.name,
        must_change=user.must_change,
    )


def seen(actor: Actor) -> None:
    """Keep a sign-in from idling out; at most one write a minute, in a transaction of its own, also while a page is
    only read. A database too busy for it fails no page."""
    row = db.session.get(SignIn, actor.session_id)
    if row is None or now() - row.seen_at <= timedelta(minutes=1):
        return
    db.session.rollback()  # on SQLite a transaction that has read cannot write once another one has
    try:
        with writing():
            db.session.execute(update(SignIn).where(SignIn.id == actor.session_id).values(seen_at=now()))
            db.session.commit()
    except OperationalError:
        db.session.rollback()


def sign_out(actor: Actor) -> None:
    """End this sign-in. Commits."""
    row = db.session.get(SignIn, actor.session_id)
    if row is not None:
        row.ended_at = now()
    db.session.commit()


def change_password(actor: Actor, old: str, new: str) -> str:
    """Replace the own password; ends every other sign-in and returns the token of a fresh one (C2, R98). Commits."""
    user = db.session.get_one(User, actor.user_id)
    attempt = _try(user.login)
    if not _matches(user.password_hash, old):
        raise Refusal(N_("现在的密码不对，新密码没有换。"))
    attempt.failed = False
    db.session.commit()
    check_new(user, new, is_staff=actor.role != Role.PARENT, same_as_old=new == old)
    user.password_hash = _hasher.hash(new)
    user.must_change = False
    user.first_password = None
    user.epoch += 1
    signed_in = db.session.get_one(SignIn, actor.session_id)
    post = signed_in.post
    assert post is not None
    record(actor, user, "CHANGE_PASSWORD", user.home_id, path=post.path)
    return begin(user, post, signed_in.origin_id or signed_in.id)


def check_new(user: User, new: str, is_staff: bool, same_as_old: bool = False) -> None:
    """Refuse a new password with the first thing that speaks against it (R98)."""
    own = [user.login, user.name or "", user.phone or "", user.home.name]
    for found in passwords.check_new_password(new, is_staff, own_words=own, same_as_old=same_as_old):
        text, values = message_of(found)
        raise Refusal(text, **values)
