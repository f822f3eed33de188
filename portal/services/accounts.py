"""Accounts: made with a one-time password, signed in on the server, their passwords replaced by their owners only."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Place, Post, SignIn, User, db, keyring
from portal.rules import passwords
from portal.rules.checks_contact import is_mobile
from portal.rules.clock import today
from portal.rules.normalise import normalise
from portal.rules.problems import message_of
from portal.rules.roles import Actor, Role
from portal.rules.words import N_
from portal.services import known_devices, limits, seats, sign_in_tries, sign_in_work
from portal.services.history import record
from portal.services.password_hashes import NOBODY, first_password, hashed, matches
from portal.services.refusals import Refusal
from portal.services.sign_ins import (
    actor_for,
    actor_of,
    begin,
    best_post,
    go_on,
    seen,
    shut_out,
    sign_out,
    wait_for_second,
)
from portal.services.slowing import Asker

__all__ = [
    "actor_for",
    "actor_of",
    "begin",
    "change_password",
    "check_new",
    "family_login",
    "first_password",
    "give_first_password",
    "let_in",
    "login_of",
    "login_shown",
    "make_family",
    "make_user",
    "seen",
    "shut_out",
    "sign_in",
    "sign_out",
]


def make_user(home: Place, login: str, name: str, role: Role, place: Place, password: str | None = None) -> User:
    """A real-name account with one post (B4). Without `password` a first password is made and must be replaced (C2)."""
    chosen = password or first_password()
    user = User(home_id=home.id, login=login.strip().lower(), name=name, password_hash=hashed(chosen))
    user.must_change = password is None
    if password is None:
        user.first_password = chosen
    db.session.add(user)
    db.session.add(Post(user_id=user.id, place_id=place.id, path=place.path, role=role, begins=today()))
    return user


def give_first_password(user: User) -> None:
    """Replace a forgotten password by a first one that must be changed; ends every sign-in and the waiting after
    wrong tries (C4). The second step stays. The caller commits."""
    chosen = first_password()
    user.password_hash, user.first_password, user.must_change = hashed(chosen), chosen, True
    user.epoch += 1
    sign_in_tries.forget(user)


def make_family(home: Place, phone: str, password: str) -> User:
    """The account of a guardian, with the password the family chose (E5). `home` is the school of the first child,
    `phone` a mobile number in its normal form. The caller commits."""
    user = User(home_id=home.id, login=family_login(phone), phone=phone, password_hash="", must_change=False)
    user.home = home
    check_new(user, password, is_staff=False)
    user.password_hash = hashed(password)
    post = Post(user_id=user.id, place_id=home.id, path=home.path, role=Role.PARENT, begins=today())
    db.session.add_all([user, post])
    return user


def family_login(phone: str) -> str:
    """The login of a family's account: a keyed hash of its mobile number, which so stands nowhere in the clear."""
    return f"family-{keyring().blind('login.family', phone).hex()[:48]}"


def login_of(typed: str) -> str:
    """What was typed as a login: a mobile number means a family's account."""
    phone = normalise("phone", typed).replace("-", "")
    return family_login(phone) if is_mobile(phone) else typed.strip().lower()[:64]


def sign_in(login: str, password: str, device: str = "", browser: str = "", asker: Asker | None = None) -> str:
    """Check login (families: mobile number) and password; returns the token of a new server-side sign-in, or of one
    that waits for the second step where the account has one (`sign_ins.waiting`). Commits.

    `device` is the cookie of known browsers, `browser` a word for the own list, `asker` the browser and address that
    guesses are counted for. Raises `Wait` when this account has had too many wrong tries, `WorkFirst` when the address
    has and the browser must work first, `Refusal` with one sentence that does not tell whether the account exists. The
    try is written before it is judged, so that parallel tries cannot slip through.
    """
    name = login_of(login)
    # two columns: to make a whole account of them would take a moment that tells that there is one (sec-A33)
    asked = select(User.id, User.password_hash).where(User.login == name, User.ended_at.is_(None))
    user_id, stored = db.session.execute(asked).one_or_none() or (None, NOBODY)
    here = sign_in_work.begin(asker or Asker(), known_devices.nonce_of(device, user_id) is not None)
    attempt = sign_in_tries.begin(name, user_id, device)
    db.session.commit()  # no lock is held while the password is hashed
    user = db.session.get(User, user_id) if matches(stored, password) and user_id else None
    if user is None:
        raise Refusal(N_("账号或密码不对。请看一看大小写。忘了密码，家长找班主任，老师找学校，学校找上级管理员。"))
    sign_in_work.right(here)
    post = best_post(user)
    if post is None:
        raise Refusal(N_("这个账号现在没有岗位。请找学校或上级管理员。"))
    attempt.failed = False
    db.session.commit()
    if user.second_on_at is not None:
        return wait_for_second(user)
    seats.take(post, *limits.staff_since())
    return begin(user, post, browser=browser)


def login_shown(actor: Actor) -> str:
    """The own login, to be printed beside the recovery codes."""
    login: str = db.session.get_one(User, actor.user_id).login
    return login


def let_in(user: User) -> str:
    """The token of a sign-in for a family's account that has just been made. Commits."""
    post = best_post(user)
    assert post is not None
    return begin(user, post)


def change_password(actor: Actor, old: str, new: str) -> str:
    """Replace the own password; ends every other sign-in and returns the token of a fresh one (C2, R98). Commits."""
    user = db.session.get_one(User, actor.user_id)
    attempt = sign_in_tries.begin_inside(user)
    if not matches(user.password_hash, old):
        raise Refusal(N_("现在的密码不对，新密码没有换。"))
    attempt.failed = False
    db.session.commit()
    check_new(user, new, is_staff=actor.role != Role.PARENT, same_as_old=new == old)
    user.password_hash = hashed(new)
    user.must_change = False
    user.first_password = None
    post = db.session.get_one(SignIn, actor.session_id).post
    assert post is not None
    record(actor, user, "CHANGE_PASSWORD", user.home_id, path=post.path)
    return go_on(actor, user, is_proven=user.second_on_at is None)  # a password is no second step


def check_new(user: User, new: str, is_staff: bool, same_as_old: bool = False) -> None:
    """Refuse a new password with the first thing that speaks against it (R98)."""
    own = [user.login, user.name or "", user.phone or "", user.home.name]
    for found in passwords.check_new_password(new, is_staff, own_words=own, same_as_old=same_as_old):
        text, values = message_of(found)
        raise Refusal(text, **values)
