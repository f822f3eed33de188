"""Named seats of a place: made, renamed, given a new password, ended, signed out (B1, B2, P2, P10, X29, R127)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.models import Place, SignIn, Step, Switch, User, Window, db
from portal.rules.checks_round import SEATS
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, appointing, entry, place_settings, seat_list, seats, setting_up
from portal.services.history import steps_of
from portal.services.readings import new_change
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import PASSWORD, Make


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with time_machine.travel(now(), tick=False):
        yield


@pytest.fixture
def window(make: Make) -> Window:
    return make.window(switch=Switch.ENTRY, closes=now() + timedelta(hours=1))


@pytest.fixture
def registrar(make: Make, window: Window) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def county(make: Make, window: Window) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


@pytest.fixture
def province(make: Make, window: Window) -> Actor:
    return make.actor(Role.REGISTRAR, make.province())


def seat_in(make: Make, place: Place, n: int, name: str = "") -> User:
    return make.user(Role.OPERATOR, place, name=name or f"试验{'一二三四五六七八九十'[n % 10]}{n}")


def inside(user: User) -> str:
    return accounts.sign_in(user.login, PASSWORD)


def is_in(token: str) -> bool:
    db.session.expire_all()
    return accounts.actor_of(token) is not None


@pytest.mark.parametrize("level", ["school", "county", "prefecture", "province"])
def test_every_place_hands_out_its_own_seats_by_name(make: Make, window: Window, level: str) -> None:
    """B1, X29, P10: a seat is one person's account with a real name and a password of its own."""
    place = getattr(make, level)()
    actor = make.actor(Role.REGISTRAR, place)
    first = appointing.invite(actor, place.id, Role.OPERATOR, "李录入")
    second = appointing.invite(actor, place.id, Role.OPERATOR, "何录入")
    assert first.login != second.login
    assert first.password != second.password
    shown = seat_list.seats_of(actor)
    assert [seat.name for seat in shown.seats] == ["李录入", "何录入"]
    assert (shown.most, shown.inside, shown.is_open) == (SEATS, 0, True)
    with pytest.raises(Refusal, match="姓名"):
        appointing.invite(actor, place.id, Role.OPERATOR, "李录入")


def test_a_21st_seat_is_not_made_until_one_is_ended(make: Make, registrar: Actor) -> None:
    """B2"""
    school = make.school()
    users = [seat_in(make, school, n) for n in range(SEATS)]
    with pytest.raises(Refusal, match="最多 20 个"):
        appointing.invite(registrar, school.id, Role.OPERATOR, "何录入")
    db.session.rollback()
    with pytest.raises(Refusal, match="最多 20 个"):
        setting_up.make_account(school, "operator", "何录入")
    db.session.rollback()
    appointing.end_post(registrar, users[0].id, seat_list.post_of(registrar, users[0].id))
    assert appointing.invite(registrar, school.id, Role.OPERATOR, "何录入").name == "何录入"
    make.user(Role.REGISTRAR, school)  # other posts are no seats


def test_an_authority_may_allow_fewer_and_nobody_more(make: Make, registrar: Actor, county: Actor) -> None:
    """R100 with a setting: the county lowers the number for its schools, at sign-in too."""
    users = [seat_in(make, make.school(), n) for n in range(3)]
    place_settings.save(county, {"seats": 2})
    assert place_settings.seats(make.school().path) == 2
    assert place_settings.seats(make.school("2199000005", "试验市第五小学", make.prefecture()).path) == SEATS
    tokens = [inside(user) for user in users[:2]]
    with pytest.raises(Refusal, match="已经有 2 个人"):
        inside(users[2])
    db.session.rollback()
    accounts.sign_out(accounts.actor_of(tokens[0]))  # type: ignore[arg-type]
    assert inside(users[2])
    with pytest.raises(Refusal, match="最多 2 个"):
        appointing.invite(registrar, make.school().id, Role.OPERATOR, "何录入")
    db.session.rollback()
    for wrong in (0, 21):
        with pytest.raises(place_settings.BadSetting):
            place_settings.save(county, {"seats": wrong})
        db.session.rollback()


def test_who_is_inside_since_when(make: Make, registrar: Actor) -> None:
    user, other = seat_in(make, make.school(), 1), seat_in(make, make.school(), 2)
    since = now()
    inside(user)
    with time_machine.travel(since + timedelta(minutes=30), tick=False):
        inside(user)
        one, two = sorted(seat_list.seats_of(registrar).seats, key=lambda seat: -seat.times)
        assert (one.user_id, one.since, one.times) == (user.id, since, 2)
        assert (two.user_id, two.since, two.times) == (other.id, None, 0)
        assert seat_list.seats_of(registrar).inside == 2


def test_a_seat_is_renamed_and_its_history_keeps_the_name_before(make: Make, registrar: Actor) -> None:
    user = seat_in(make, make.school(), 1, "李录人")
    seat_list.rename(registrar, user.id, " 李录入 ")
    assert user.name == "李录入"
    step = steps_of(user.id)[-1][0]
    assert (step.move, step.reason, step.details) == ("RENAME_SEAT", "李录人 → 李录入", {})
    seat_in(make, make.school(), 2, "何录入")
    for name in ("李录入", "何录入", " "):
        with pytest.raises(Refusal):
            seat_list.rename(registrar, user.id, name)
        db.session.rollback()
    assert user.name == "李录入"


def test_only_seats_of_the_own_place_are_renamed(make: Make, registrar: Actor, county: Actor) -> None:
    seat, teacher = seat_in(make, make.school(), 1), make.user(Role.TEACHER, make.class_())
    for actor, user in ((county, seat), (registrar, teacher), (registrar, db.session.get_one(User, county.user_id))):
        with pytest.raises(NotFound):
            seat_list.rename(actor, user.id, "何录入")
        db.session.rollback()


def test_a_new_first_password_ends_what_was_open(make: Make, registrar: Actor) -> None:
    user = seat_in(make, make.school(), 1)
    token = inside(user)
    fresh = appointing.reset(registrar, user.id)
    assert not is_in(token)
    assert accounts.actor_of(accounts.sign_in(user.login, fresh.password)).must_change  # type: ignore[union-attr]


def test_passwords_of_a_province_are_changed_by_the_ministry_only(make: Make, province: Actor) -> None:
    """R126: the province makes and ends its seats, it changes none of their passwords."""
    user = seat_in(make, make.province(), 1)
    with pytest.raises(NotYours):
        appointing.reset(province, user.id)
    db.session.rollback()
    assert not seat_list.seats_of(province).seats[0].may_reset
    fresh, slip = appointing.invite(province, make.province().id, Role.OPERATOR, "何核办"), io.BytesIO()
    appointing.print_slip(province, fresh.user_id, slip)
    assert slip.getvalue()[:4] == b"%PDF", "what it makes it hands out"
    appointing.end_post(province, user.id, seat_list.post_of(province, user.id))


def test_hanging_seats_are_signed_out_one_or_many(make: Make, registrar: Actor, province: Actor) -> None:
    """P2, R127: the registrar of the place those of the own seats, the province any."""
    users = [seat_in(make, make.school(), n) for n in range(4)]
    tokens = [inside(user) for user in users]
    assert seat_list.sign_out(registrar, [users[0].id]) == 1
    assert [is_in(token) for token in tokens] == [False, True, True, True]
    assert seat_list.sign_out(province, [user.id for user in users]) == 3
    assert not any(is_in(token) for token in tokens)
    assert is_in(inside(users[0])), "the password stays"
    moves = {step.move for step, _ in steps_of(users[1].id)}
    assert "END_SIGN_INS" in moves


def test_nobody_signs_out_seats_of_another_place(make: Make, registrar: Actor, county: Actor) -> None:
    """R127"""
    user, theirs = seat_in(make, make.school(), 1), seat_in(make, make.county(), 2)
    token, other = inside(user), inside(theirs)
    stranger = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    with pytest.raises(NotYours):
        seat_list.sign_out(county, [user.id])
    db.session.rollback()
    for actor, ids in ((stranger, [user.id]), (registrar, [theirs.id]), (registrar, [registrar.user_id])):
        with pytest.raises(NotFound):
            seat_list.sign_out(actor, ids)  # type: ignore[arg-type]
        db.session.rollback()
    assert is_in(token)
    assert is_in(other)


def test_signing_a_seat_out_leaves_the_other_post_of_the_person(make: Make, registrar: Actor) -> None:
    user = make.user(Role.TEACHER, make.class_())
    token = inside(user)
    make.post(user, Role.OPERATOR, make.school())
    assert seat_list.sign_out(registrar, [user.id]) == 0
    assert is_in(token)


def test_a_person_with_another_post_comes_in_there_outside_the_window(make: Make, window: Window) -> None:
    user = seat_in(make, make.school(), 1)
    make.post(user, Role.TEACHER, make.class_())
    with time_machine.travel(window.closes_at, tick=False):
        actor = accounts.actor_of(inside(user))
        assert actor is not None
        assert actor.role == Role.TEACHER


def test_what_a_seat_does_is_told_by_its_name(make: Make, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """P10, X29: of twenty inside one account each act names the person."""
    monkeypatch.setattr(entry, "require_unlocked", lambda *_: None)
    sheet = make.sheet(SheetState.PASSED)
    one, two = (make.actor(Role.OPERATOR, make.school()) for _ in range(2))
    for actor, item, value in ((one, "phone", "15400001234"), (two, "postcode", "990001")):
        change = new_change(sheet, item)
        db.session.commit()
        entry.enter_value(actor, change.id, value)
    steps = db.session.scalars(select(Step).where(Step.move == "CHANGE_ACCEPTED").order_by(Step.at, Step.id))
    assert {step.by_id for step in steps} == {one.user_id, two.user_id}


def places(make: Make) -> dict[str, Place]:
    return {"county": make.county(), "prefecture": make.prefecture(), "province": make.province()}


@pytest.mark.parametrize("level", ["county", "prefecture", "province"])
def test_a_seat_of_an_authority_is_in_while_a_place_below_may_enter(make: Make, window: Window, level: str) -> None:
    """R101, B1: it closes with the last of them, to the second."""
    user = seat_in(make, places(make)[level], 1)
    token = inside(user)
    later = make.window(make.prefecture("990200", "试验二市教育局"), Switch.ENTRY, closes=now() + timedelta(hours=3))
    with time_machine.travel(window.closes_at - timedelta(seconds=1), tick=False):
        assert is_in(token)
    with time_machine.travel(window.closes_at, tick=False):
        assert is_in(token) is (level == "province"), "the other prefecture still enters"
    with time_machine.travel(later.closes_at, tick=False):
        assert not is_in(token)
        with pytest.raises(TooLate, match="核查时间已过"):
            inside(user)


def test_between_two_windows_a_seat_is_told_to_come_later(make: Make, window: Window) -> None:
    make.window(make.prefecture("990200", "试验二市教育局"), Switch.ENTRY, opens=now() + timedelta(days=2))
    user = seat_in(make, make.province(), 1)
    with time_machine.travel(window.closes_at, tick=False), pytest.raises(TooLate, match="还没有到"):
        inside(user)


def test_an_open_seat_is_told_what_closed_it_and_others_are_not(make: Make, window: Window) -> None:
    """R101: the answer to any request after the end; who is signed out for another reason gets none."""
    user, teacher = seat_in(make, make.school(), 1), make.user(Role.TEACHER, make.class_())
    tokens = inside(user), inside(teacher)
    assert [accounts.shut_out(token) for token in (*tokens, "no such token")] == [None] * 3
    with time_machine.travel(window.closes_at, tick=False):
        refusal = accounts.shut_out(tokens[0])
        assert refusal is not None
        assert refusal.status == 409
        assert accounts.shut_out(tokens[1]) is None
        db.session.scalars(select(SignIn).where(SignIn.user_id == user.id)).one().ended_at = now()
        assert accounts.shut_out(tokens[0]) is None
    assert seats.window_at("980000/", make.province().level, now()) is None
