"""Who works where: invited by real name, given another post, ended, given a new first password, signed out.

Nothing is deleted. Nobody ever chooses another person's password (sec-A46): it is made, shown once, and must be
replaced at the first sign-in (C2, P4, R98).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from portal.models import Place, Post, SignIn, User, db
from portal.paper.slips import LoginSlip, print_login_slips
from portal.rules.account_reach import STAFF_ROLES, may_end_sign_ins, may_manage
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services import (
    accounts,
    naming,
    seats,
    second_resets,
    separation,
    staff_accounts,
    teacher_logins,
    unlocking,
)
from portal.services.history import record
from portal.services.lists import find as find_place
from portal.services.lists import inside, round_of
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.setting_up import roles_at

_NOT_YOURS = N_("这个账号不归您管。请找这个单位的学籍管理员，或者它的上级。")
#: the most places that are offered to choose from; more are asked for by their code
MOST_PLACES = 300


@dataclass(frozen=True)
class Fresh:
    """An account with the first password that is shown once."""

    user_id: UUID
    name: str
    login: str
    password: str


def offered(actor: Actor) -> list[Role]:
    """The roles that this actor can give somebody at some place."""
    downwards = list(Level)
    levels = downwards[downwards.index(actor.level) + 1 :]
    below = [(level, f"{actor.path}x/") for level in levels] + [(actor.level, actor.path)]
    found = {role for level, path in below for role in roles_at(level) if may_manage(actor, role, level, path)}
    return [role for role in STAFF_ROLES if role in found]


def places_for(actor: Actor) -> list[Place]:
    """The places at which the actor gives posts, the own one first; empty when there are too many to choose from."""
    query = select(Place).where(inside(Place.path, actor), Place.level != Level.CLASS)
    if actor.level == Level.SCHOOL:
        query = select(Place).where(inside(Place.path, actor))
    elif actor.level in (Level.PREFECTURE, Level.COUNTY):
        query = query.where((Place.parent_id == actor.place_id) | (Place.id == actor.place_id))
    found = list(db.session.scalars(query.order_by(Place.path).limit(MOST_PLACES + 1)))
    return found if len(found) <= MOST_PLACES else []


def invite(actor: Actor, place_id: UUID, role: Role, name: str, login: str = "") -> Fresh:
    """Make an account by real name with a login (made when blank) and a first password. Commits (B4, C2).

    Raises `NotFound` outside the actor's place, `NotYours` for a post the actor does not give, `Refusal` for what is
    wrong with name, login or post, `TooLate` when the login was taken at this moment.
    """
    place = _place_for(actor, place_id, role)
    wanted = naming.real_name(name)
    _require_free(place, role, wanted)
    chosen = naming.own_login(login) if login.strip() else _login_for(place, role)
    user = accounts.make_user(_home(place), chosen, wanted, role, place)
    record(actor, user, "MAKE_LOGIN", user.home_id, path=place.path)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise TooLate(N_("这个账号刚才被别人用了，请换一个再存。")) from None
    return Fresh(user.id, wanted, chosen, user.first_password)


def give_post(actor: Actor, user_id: UUID, place_id: UUID, role: Role) -> None:
    """Give somebody who works here one more post; every sign-in ends, after the next one they choose which post to work
    in (sec-A9). Commits."""
    user = staff_accounts.find(actor, user_id, lock=True)
    if user.ended_at is not None or user.id == actor.user_id:
        raise Refusal(N_("这个账号不能再加岗位：它已经停用，或者就是您自己的。"))
    place = _place_for(actor, place_id, role)
    if any(post.place_id == place.id and post.role == role for post in staff_accounts.live_posts(user)):
        raise Refusal(N_("这个人在这里已经有这个岗位了。"))
    _require_free(place, role, "")
    separation.require_alone(staff_accounts.live_posts(user), role)
    db.session.add(Post(user_id=user.id, place_id=place.id, path=place.path, role=role, begins=today()))
    user.epoch += 1
    record(actor, user, "GIVE_POST", user.home_id, path=place.path, role=role.value)
    db.session.commit()


def end_post(actor: Actor, user_id: UUID, post_id: UUID) -> None:
    """End a post; with the last one the account ends. Sign-ins end at once, nothing is deleted. Commits.

    Raises `TooLate` when it has ended already, `Refusal` for the last registrar of a place, for whom somebody must
    follow first.
    """
    user = staff_accounts.find(actor, user_id, lock=True)
    post = next((post for post in user.posts if post.id == post_id and actor.covers(post.path)), None)
    if post is None:
        raise NotFound
    if user.id == actor.user_id or not may_manage(actor, Role(post.role), post.place.level, post.path):
        raise NotYours(_NOT_YOURS)
    db.session.execute(select(Place.id).where(Place.id == post.place_id).with_for_update())  # one at a time
    if Role(post.role) == Role.REGISTRAR and _registrars(post.place_id) <= 1:
        raise Refusal(N_("这是这个单位最后一个学籍管理员。请先给接手的人开账号，再停这个。急着停，可以先换密码。"))
    yesterday = today() - timedelta(days=1)
    open_post = (Post.id == post.id, Post.ends.is_(None) | (Post.ends > yesterday))
    ended = db.session.scalar(update(Post).where(*open_post).values(ends=yesterday).returning(Post.id))
    if ended is None:
        raise TooLate(N_("这个岗位已经停了。"))
    record(actor, user, "END_POST", user.home_id, path=post.path, role=post.role)
    db.session.refresh(post)
    user.epoch += 1
    if not staff_accounts.live_posts(user):
        user.ended_at, user.first_password = now(), None
        record(actor, user, "END_LOGIN", user.home_id, path=post.path)
    db.session.commit()


def reset(actor: Actor, user_id: UUID) -> Fresh:
    """A new first password for somebody who forgot theirs; ends their sign-ins and the waiting. Commits (P1, R126).

    Refused for the own account and unless every post of the account lies within the actor's reach.
    """
    user = staff_accounts.find(actor, user_id, lock=True)
    live = staff_accounts.live_posts(user)
    if user.id == actor.user_id:
        raise Refusal(N_("自己的密码请在“换密码”里换。"))
    if not live:
        raise TooLate(N_("这个账号已经停用了。"))
    if not staff_accounts.can_reset(actor, live):
        raise NotYours(_NOT_YOURS)
    second_resets.require_other_hand(actor, user)
    if user.last_in_at is None:
        _require_unlocked(actor, _classes(live))
    accounts.give_first_password(user)
    record(actor, user, "RESET_LOGIN", user.home_id, path=live[0].path)
    db.session.commit()
    return Fresh(user.id, user.name or user.login, user.login, user.first_password)


def print_slip(actor: Actor, user_id: UUID, out: BinaryIO) -> None:
    """Write the slip with the first password as PDF, once: afterwards only a reset gives another. Commits.

    A class teacher's first password needs the unlocked school here too (B6). Who makes an account may hand it out, also
    a province its own seats, whose passwords it cannot change later (R126).
    """
    user = staff_accounts.find(actor, user_id, lock=True)
    live = staff_accounts.live_posts(user)
    made_here = all(may_manage(actor, Role(post.role), post.place.level, post.path) for post in live)
    if not live or not (made_here or staff_accounts.can_reset(actor, live)):
        raise NotYours(_NOT_YOURS)
    if not user.must_change or user.first_password_sealed is None:
        raise TooLate(N_("登录条只能印一次，或者本人已经改好密码了。要再给一条，请点“忘了密码，换一个”。"))
    if user.last_in_at is None:
        _require_unlocked(actor, _classes(live))
    post = live[0]
    is_class = post.place.level == Level.CLASS
    label = post.place.name if is_class else str(Role(post.role).label)
    unit = post.place.parent.name if is_class and post.place.parent else post.place.name
    base_url: str = current_app.extensions["portal.settings"].base_url
    slip = LoginSlip(unit, label, user.name or "", user.login, user.first_password, base_url, title="登录条")
    print_login_slips([slip], out)
    if Role(post.role) != Role.TEACHER or user.last_in_at is not None:
        user.first_password = None  # first slips of teachers are printed again with those of their school
    record(actor, user, "PRINT_LOGIN_SLIP", user.home_id, path=post.path)
    db.session.commit()


def end_sign_ins(actor: Actor, user_ids: Collection[UUID]) -> int:
    """End sign-ins that were left hanging, of one or many; passwords stay (P2, R127). Commits; returns how many."""
    n = 0
    for user_id in user_ids:
        user = staff_accounts.find(actor, user_id)
        live = staff_accounts.live_posts(user)
        if not live:
            continue
        if user.id == actor.user_id or not all(may_end_sign_ins(actor, post.path) for post in live):
            raise NotYours(_NOT_YOURS)
        ids = select(SignIn.id).join(User, SignIn.user_id == User.id)
        ids = ids.where(SignIn.user_id == user.id, *staff_accounts.still_inside())
        ended = update(SignIn).where(SignIn.id.in_(ids)).values(ended_at=now()).returning(SignIn.id)
        found = len(list(db.session.scalars(ended)))
        if found:
            record(actor, user, "END_SIGN_INS", user.home_id, path=live[0].path, n=found)
        n += found
    db.session.commit()
    return n


def _place_for(actor: Actor, place_id: UUID, role: Role) -> Place:
    place = find_place(actor, Place, place_id, lock=True)
    level = Level(place.level)
    if not may_manage(actor, role, level, place.path):
        raise NotYours(N_("这种岗位不由您在这里开。请选别的岗位或别的单位。"))
    if role not in roles_at(level):
        raise Refusal(N_("这个单位没有这种岗位。"))
    _require_unlocked(actor, [place] if role == Role.TEACHER else [])
    return place


def _classes(live: Collection[Post]) -> list[Place]:
    return [post.place for post in live if Role(post.role) == Role.TEACHER]


def _require_unlocked(actor: Actor, classes: Collection[Place]) -> None:
    """First passwords of teachers open whole classes: they need the unlocked school, whoever gives them (B6, C1)."""
    for class_ in classes:
        assert class_.parent_id is not None
        unlocking.require_unlocked(class_.parent_id, round_of(actor).id)


def _require_free(place: Place, role: Role, name: str) -> None:
    """A class has one teacher, and nobody gets a second account for one post by pressing twice."""
    query = select(User).join(Post, Post.user_id == User.id).where(Post.place_id == place.id, Post.role == role)
    there = list(db.session.scalars(query.where(User.ended_at.is_(None), staff_accounts.is_live_now())))
    if role == Role.OPERATOR:
        seats.require_room(place)
    if role == Role.TEACHER and there:
        raise Refusal(N_("这个班已经有班主任了。换人请在“班主任登录条”里填新的姓名。"))
    if name:
        separation.require_another_person(place, role, name)
    if name and any(user.name == name for user in there):
        raise Refusal(N_("这个姓名在这里已经有这个岗位的账号了。真的是同名的人，请在姓名后面加字区分。"))


def _login_for(place: Place, role: Role) -> str:
    if place.level == Level.CLASS:
        return teacher_logins.free_login(_home(place), place)
    return naming.free_login([f"{place.code}-{role.value.lower()}"])


def _home(place: Place) -> Place:
    return db.session.get_one(Place, place.parent_id) if place.level == Level.CLASS else place


def _registrars(place_id: UUID) -> int:
    query = select(func.count(func.distinct(User.id))).join(Post, Post.user_id == User.id)
    query = query.where(Post.place_id == place_id, Post.role == Role.REGISTRAR, User.ended_at.is_(None))
    return db.session.scalar(query.where(staff_accounts.is_live_now())) or 0
