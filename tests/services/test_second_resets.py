"""Who helps with a lost phone, what one hand may not do together, and that officers are three people (sec-A46)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import RecoveryCode, Step, User, db
from portal.rules.account_reach import may_reset
from portal.rules.clock import now
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.services import accounts, appointing, second_resets, second_step, setting_up, sign_ins, teacher_logins
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import PASSWORD, Make
from tests.press import unlock


def with_second(make: Make, role: Role, place: object, name: str = "周试验") -> User:
    """A member of staff whose second step is on."""
    user = make.user(role, place, name=name)  # type: ignore[arg-type]
    make.let_in(role)
    actor = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert actor is not None
    secret = second_step.offer(actor).secret.replace(" ", "")
    second_step.turn_on(actor, pyotp.TOTP(secret).at(now()))
    return user


def test_a_lost_phone_ends_the_second_step_and_every_sign_in_and_keeps_the_password(make: Make) -> None:
    user = with_second(make, Role.LEADER, make.school())
    registrar = make.actor(Role.REGISTRAR, make.school())
    waiting = accounts.sign_in(user.login, PASSWORD)
    second_resets.reset(registrar, user.id)
    assert sign_ins.waiting(waiting) is None
    assert accounts.actor_of(accounts.sign_in(user.login, PASSWORD)) is not None
    kept = db.session.get_one(User, user.id)
    assert (kept.second, kept.second_on_at, kept.must_change) == (None, None, False)
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert "RESET_SECOND" in db.session.scalars(select(Step.move).where(Step.thing_id == user.id)).all()
    with pytest.raises(TooLate):
        second_resets.reset(registrar, user.id)


@pytest.mark.parametrize("at", ["school", "county", "prefecture", "province"])
def test_nobody_resets_who_is_above_or_beside(make: Make, at: str) -> None:
    """R126, and never the own one."""
    places = {"school": make.school(), "county": make.county(), "prefecture": make.prefecture()}
    places["province"] = make.province()
    order = list(places)
    target = with_second(make, Role.REGISTRAR, places[at], "钱在上")
    for n, lower in enumerate(order[: order.index(at)]):
        actor = make.actor(Role.REGISTRAR, places[lower])
        with pytest.raises(NotFound):
            second_resets.reset(actor, target.id)
        assert n < 3
    stranger = make.actor(Role.REGISTRAR, make.school("2199000009", "试验市第九小学"))
    with pytest.raises(NotFound):
        second_resets.reset(stranger, target.id)


def test_the_own_one_is_not_reset_here(make: Make) -> None:
    user = with_second(make, Role.REGISTRAR, make.county())
    db.session.refresh(user)
    actor = Actor(user.id, None, Role.REGISTRAR, Level.COUNTY, user.home_id, make.county().path, "", "")
    with pytest.raises(Refusal, match="自己的"):
        second_resets.reset(actor, user.id)


def test_one_hand_never_gives_the_password_and_takes_the_second_step(make: Make) -> None:
    """Together the two would let it in (sec-A46): the second needs another person of the same or a higher level."""
    user = with_second(make, Role.LEADER, make.school())
    one, other = (make.actor(Role.REGISTRAR, make.school()) for _ in range(2))
    fresh = appointing.reset(one, user.id)
    with pytest.raises(NotYours, match="首次密码是您给的"):
        second_resets.reset(one, user.id)
    second_resets.reset(other, user.id)
    with pytest.raises(NotYours, match="第二步是您清的"):
        appointing.reset(other, user.id)
    actor = accounts.actor_of(accounts.sign_in(user.login, fresh.password))
    assert actor is not None
    token = accounts.change_password(actor, fresh.password, "three loud geese")
    actor = accounts.actor_of(token)
    assert actor is not None
    secret = second_step.offer(actor).secret.replace(" ", "")
    second_step.turn_on(actor, pyotp.TOTP(secret).at(now()))
    second_resets.reset(one, user.id)  # the password is the owner's own by now
    with pytest.raises(NotYours):
        appointing.reset(one, user.id)


def test_a_class_teachers_password_follows_the_same_rule(make: Make) -> None:
    user = with_second(make, Role.TEACHER, make.class_())
    registrar = make.actor(Role.REGISTRAR, make.school())
    second_resets.reset(registrar, user.id)
    with pytest.raises(NotYours):
        teacher_logins.reset_login(registrar, make.class_().id)


def test_an_authority_gives_no_first_password_of_a_teacher_before_the_school_is_unlocked(make: Make) -> None:
    """B6, C4: who has never been in is the school's to let in, also for a reset from above."""
    make.window()
    class_ = make.class_()
    user = make.user(Role.TEACHER, class_)
    county = make.actor(Role.REGISTRAR, make.county())
    with pytest.raises(Refusal):
        appointing.reset(county, user.id)
    unlock(make, make.school().id, make.user(Role.REGISTRAR, make.school()).id)
    assert appointing.reset(county, user.id).password
    db.session.get_one(User, user.id).last_in_at = now()
    db.session.commit()
    assert appointing.reset(county, user.id).password


def test_resets_go_downwards_in_every_pair_of_levels() -> None:
    """ "Same or higher" is a property of the rule itself, for every role and pair of levels on one line."""
    paths = {Level.PROVINCE: "1/", Level.PREFECTURE: "1/2/", Level.COUNTY: "1/2/3/", Level.SCHOOL: "1/2/3/4/"}
    order = list(paths)
    for below, high in ((low, high) for low in order for high in order if order.index(high) < order.index(low)):
        for role in Role:
            actor = Actor(None, None, role, below, UUID(int=0), paths[below], "", "")
            assert not any(may_reset(actor, other, high, paths[high]) for other in Role), (role, below, high)


@pytest.mark.parametrize("role", [Role.SECURITY, Role.AUDITOR])
def test_who_watches_holds_no_other_post(make: Make, role: Role) -> None:
    """GB/T 22239: system administrator, security officer and auditor are three people who do nothing else."""
    province, county = make.actor(Role.REGISTRAR, make.province()), make.county()
    make.school()
    officer = appointing.invite(province, county.id, role, "孙看护")
    other = Role.AUDITOR if role == Role.SECURITY else Role.SECURITY
    for second in (other, Role.LEADER):
        with pytest.raises(Refusal, match="三个人"):
            appointing.give_post(province, officer.user_id, county.id, second)
        with pytest.raises(Refusal, match="三个人"):
            appointing.invite(province, county.id, second, "孙看护")
    clerk = appointing.invite(province, county.id, Role.REGISTRAR, "钱区管")
    with pytest.raises(Refusal, match="三个人"):
        appointing.give_post(province, clerk.user_id, county.id, role)
    with pytest.raises(Refusal, match="三个人"):
        setting_up.make_account(county, role.value, "钱区管")
    db.session.rollback()
    own = make.actor(Role.REGISTRAR, county)
    with pytest.raises(NotYours):
        appointing.invite(own, county.id, role, "李自己")
    with pytest.raises(NotYours):
        appointing.reset(own, officer.user_id)


def test_officers_need_a_second_step_like_the_authority(make: Make, app: Flask) -> None:
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], second_step="authorities")
    for level in AUTHORITY_LEVELS[1:]:
        place = getattr(make, level.value)()
        assert make.actor(Role.SECURITY, place).must_secure
