"""Logins of class teachers: named by the registrar, handed over as slips, replaced at first sign-in (C1-C4, R98)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select, update

from portal.models import Place, Post, User, db
from portal.paper.slips import LoginSlip, print_login_slips
from portal.rules.clock import today
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services import accounts, naming, second_resets, staff_accounts, unlocking
from portal.services.history import record
from portal.services.lists import classes_of, find, round_of
from portal.services.refusals import NotFound, NotYours, Refusal

_TAIL = 6


@dataclass(frozen=True)
class ClassLogin:
    """A class and the login of its teacher, if there is one; `slip` is true while a first password can be printed."""

    class_id: UUID
    class_name: str
    class_number: str
    teacher: str | None = None
    login: str | None = None
    slip: bool = False
    changed: bool = False
    last_in_at: datetime | None = None


def logins_of(school_id: UUID) -> list[ClassLogin]:
    """Every class of a school with its teacher's login."""
    classes = classes_of(school_id)
    teachers = _teachers([c.id for c in classes])
    return [_login_of(c, teachers.get(c.id)) for c in classes]


def _login_of(class_: Place, user: User | None) -> ClassLogin:
    base = ClassLogin(class_.id, class_.name, class_.code)
    if user is None:
        return base
    return ClassLogin(
        class_.id,
        class_.name,
        class_.code,
        teacher=user.name,
        login=user.login,
        slip=user.must_change and user.first_password_sealed is not None,
        changed=not user.must_change,
        last_in_at=user.last_in_at,
    )


def _teachers(class_ids: Iterable[UUID]) -> dict[UUID, User]:
    query = (
        select(Post.place_id, User)
        .join(User, Post.user_id == User.id)
        .where(Post.place_id.in_(list(class_ids)), Post.role == Role.TEACHER, User.ended_at.is_(None))
        .where(Post.ends.is_(None) | (Post.ends >= today()))
        .order_by(Post.begins)
    )
    return {place_id: user for place_id, user in db.session.execute(query)}


def name_teacher(actor: Actor, class_id: UUID, name: str) -> User:
    """Give a class its teacher by real name (B4); makes the login with a first password. Commits.

    Another name than before ends the former teacher's post and sign-ins at once.
    """
    user = _name(actor, class_id, name)
    db.session.commit()
    return user


def _name(actor: Actor, class_id: UUID, name: str) -> User:
    class_ = _class(actor, class_id)
    wanted = " ".join(name.split())
    if not wanted:
        raise Refusal(N_("请填班主任的姓名，账号是实名的。"))
    if len(wanted) > naming.LONGEST_NAME:
        raise Refusal(N_("姓名最多 %(n)s 个字。"), n=naming.LONGEST_NAME)
    former = _teachers([class_.id]).get(class_.id)
    if former is not None and former.name == wanted:
        return former
    if former is not None:
        _end(actor, former, class_)
    school = db.session.get_one(Place, class_.parent_id)
    user = accounts.make_user(school, free_login(school, class_), wanted, Role.TEACHER, class_)
    record(actor, user, "MAKE_LOGIN", school.id, path=class_.path)
    return user


def name_teachers(actor: Actor, names: dict[UUID, str]) -> int:
    """Give several classes their teachers, all or none; blank names change nothing. Commits; returns how many are new.

    Raises as `name_teacher` for the first name that cannot be taken; then none is.
    """
    before = {login.class_id: login.teacher for login in logins_of(actor.place_id)}
    new = {class_id: name for class_id, name in names.items() if name.strip() and before.get(class_id) != name.strip()}
    try:
        for class_id, name in new.items():
            _name(actor, class_id, name)
    except Refusal:
        db.session.rollback()
        raise
    db.session.commit()
    return len(new)


def reset_login(actor: Actor, class_id: UUID) -> User:
    """A new first password for a teacher who forgot the old one (C4); ends the sign-ins and the waiting. Commits."""
    class_ = _class(actor, class_id)
    user = _teachers([class_.id]).get(class_.id)
    if user is None:
        raise Refusal(N_("这个班还没有班主任的账号。请先填姓名。"))
    if not _opens_only_ours(actor, user):
        raise NotYours(N_("这个账号不归您管。请找这个单位的学籍管理员，或者它的上级。"))
    second_resets.require_other_hand(actor, user)
    accounts.give_first_password(user)
    record(actor, user, "RESET_LOGIN", user.home_id, path=class_.path)
    db.session.commit()
    return user


def _opens_only_ours(actor: Actor, user: User) -> bool:
    """True when the password opens no post out of the actor's reach: a class teacher may work elsewhere too (R126)."""
    return staff_accounts.can_reset(actor, staff_accounts.live_posts(user))


def print_slips(actor: Actor, out: BinaryIO, class_ids: Iterable[UUID] | None = None) -> int:
    """Write the slips of these classes (all without) whose first password has not been replaced yet; returns how many.

    Passwords seen for the first time need the unlocked school (B6) and are printed until they are replaced; a reset one
    needs it not (C4) and is printed once (sec-A46). Raises `Refusal`
    when there is nothing to print. Commits the step that tells of it.
    """
    _at_school(actor)
    classes = classes_of(actor.place_id) if class_ids is None else [_class(actor, i) for i in class_ids]
    teachers = _teachers([c.id for c in classes])
    chosen = [(c, teachers[c.id]) for c in classes if c.id in teachers and _login_of(c, teachers[c.id]).slip]
    chosen = [(c, user) for c, user in chosen if _opens_only_ours(actor, user)]
    if not chosen:
        raise Refusal(N_("没有要打印的登录条：班主任都改过密码了，或者还没有填姓名。"))
    school = db.session.get_one(Place, actor.place_id)
    if any(user.last_in_at is None for _, user in chosen):
        unlocking.require_unlocked(school.id, round_of(actor).id)
    base_url: str = current_app.extensions["portal.settings"].base_url
    print_login_slips([_slip(school, c, user, base_url) for c, user in chosen], out)
    for _, user in chosen:
        if user.last_in_at is not None:  # given anew to somebody who works here: on paper once (sec-A46)
            user.first_password = None
    record(actor, school, "PRINT_LOGIN_SLIPS", school.id, classes=[c.code for c, _ in chosen])
    db.session.commit()
    return len(chosen)


def _slip(school: Place, class_: Place, user: User, base_url: str) -> LoginSlip:
    return LoginSlip(
        school=school.name,
        class_label=class_.name,
        name=user.name,
        login=user.login,
        password=user.first_password,
        base_url=base_url,
    )


def _at_school(actor: Actor) -> None:
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("班主任的账号由学校的学籍管理员管理。"))


def _class(actor: Actor, class_id: UUID) -> Place:
    _at_school(actor)
    class_ = find(actor, Place, class_id)
    if class_.level != Level.CLASS:
        raise NotFound
    return class_


def _end(actor: Actor, user: User, class_: Place) -> None:
    yesterday = today() - timedelta(days=1)
    db.session.execute(update(Post).where(Post.user_id == user.id, Post.place_id == class_.id).values(ends=yesterday))
    user.epoch += 1
    user.first_password = None
    record(actor, user, "END_LOGIN", user.home_id, path=class_.path)


def free_login(school: Place, class_: Place) -> str:
    """End of the school code and class number; the whole code, then a counter, where that login was given before."""
    return naming.free_login([f"{school.code[-_TAIL:]}-{class_.code}", f"{school.code}-{class_.code}"])
