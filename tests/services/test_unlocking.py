"""Download code and unlocking: two sign-ins in one hand before anything is printed in bulk (B5-B8, R97, X28)."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.models import Step, Switch, Try, Unlock, User, Window, db
from portal.rules.clock import now
from portal.rules.codes_printed import new_registration_code
from portal.rules.numbers import with_check
from portal.rules.roles import Actor, Role
from portal.services import accounts, rounds, unlocking
from portal.services.refusals import NotYours, Refusal, TooLate, Wait
from portal.services.unlocking import enter_code, is_unlocked, require_unlocked, show_code
from tests.make import PASSWORD, Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    """A registrar whose school may print now, just signed in."""
    make.window()
    return make.actor(Role.REGISTRAR, make.school())


def again(actor: Actor) -> Actor:
    """The same person in another sign-in."""
    user = db.session.get_one(User, actor.user_id)
    found = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert found is not None
    return found


def wrong_code(n: int) -> str:
    return with_check(f"D000000{n}")


def open_now(actor: Actor, make: Make) -> bool:
    return is_unlocked(actor.place_id, make.round().id)


def test_the_code_of_one_sign_in_unlocks_in_another(registrar: Actor, make: Make) -> None:
    """B5, B6, R97: own code -> unlocked."""
    code = show_code(registrar)
    assert not open_now(registrar, make)
    enter_code(again(registrar), code.lower().replace("-", " "))
    assert open_now(registrar, make)
    require_unlocked(registrar.place_id, make.round().id)


def test_a_sign_in_that_showed_a_code_can_never_enter_one(registrar: Actor, make: Make) -> None:
    """B7: neither its own code nor a later one shown elsewhere."""
    first = show_code(registrar)
    other = again(registrar)
    with pytest.raises(Refusal, match="看过下载码"):
        enter_code(registrar, first)
    second = show_code(other)
    with pytest.raises(Refusal, match="看过下载码"):
        enter_code(registrar, second)
    with pytest.raises(Refusal, match="看过下载码"):
        enter_code(other, second)
    assert not open_now(registrar, make)
    enter_code(again(registrar), second)
    assert open_now(registrar, make)


def test_a_new_password_is_no_second_sign_in(registrar: Actor, make: Make) -> None:
    """B7: the same browser goes on, however often the password is changed; a real second sign-in may enter."""
    code, passwords = show_code(registrar), (PASSWORD, "seven quiet horses", "eight quiet horses")
    here = registrar
    for old, new in zip(passwords, passwords[1:], strict=False):
        found = accounts.actor_of(accounts.change_password(here, old, new))
        assert found is not None
        here = found
        assert unlocking.has_shown(here)
        with pytest.raises(Refusal, match="看过下载码"):
            enter_code(here, code)
    user = db.session.get_one(User, registrar.user_id)
    second = accounts.actor_of(accounts.sign_in(user.login, passwords[-1]))
    assert second is not None
    enter_code(second, code)
    assert open_now(registrar, make)


def test_only_the_newest_code_counts(registrar: Actor, make: Make) -> None:
    """R97: the reissued code unlocks, the older one is dead."""
    old, new = show_code(registrar), show_code(registrar)
    second = again(registrar)
    with pytest.raises(Refusal, match="下载码不对"):
        enter_code(second, old)
    enter_code(second, new)
    assert open_now(registrar, make)


def test_a_code_is_used_once(registrar: Actor, make: Make) -> None:
    code = show_code(registrar)
    second = again(registrar)
    enter_code(second, code)
    with pytest.raises(TooLate, match="已经解锁"):
        enter_code(second, code)
    assert db.session.scalar(select(func.count()).where(Unlock.used_at.is_not(None))) == 1


def test_a_used_code_is_dead_by_itself(registrar: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-A17: the UPDATE alone refuses it, whoever did not see yet that the school is open."""
    code = show_code(registrar)
    enter_code(again(registrar), code)
    monkeypatch.setattr(unlocking, "is_unlocked", lambda *_: False)
    with pytest.raises(Refusal, match="下载码不对"):
        enter_code(again(registrar), code)


def test_a_code_dies_after_a_day(registrar: Actor) -> None:
    code = show_code(registrar)
    db.session.execute(update(Unlock).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(Refusal, match="下载码不对"):
        enter_code(again(registrar), code)


def test_codes_of_others_are_refused_in_the_same_words(registrar: Actor, make: Make) -> None:
    """R97: another person, another school, another round."""
    code = show_code(registrar)
    colleague = make.actor(Role.REGISTRAR, make.school())
    neighbour = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    said = set()
    for other in (colleague, neighbour):
        with pytest.raises(Refusal) as refusal:
            enter_code(other, code)
        said.add(str(refusal.value))
    with pytest.raises(Refusal) as refusal:
        enter_code(colleague, wrong_code(1))
    assert said == {str(refusal.value)}
    enter_code(again(registrar), code)
    assert not is_unlocked(neighbour.place_id, make.round().id)


def test_a_code_of_last_years_round_is_refused(registrar: Actor, make: Make) -> None:
    code = show_code(registrar)
    this_year = make.round()
    newer = make.round(title="下一轮核查", begins=this_year.begins + timedelta(days=1))
    make.window(place=make.province(), switch=Switch.ENTRY)
    db.session.execute(update(Window).values(round_id=newer.id))
    db.session.commit()
    with pytest.raises(Refusal, match="下载码不对"):
        enter_code(again(registrar), code)


def test_five_wrong_tries_cost_half_an_hour(registrar: Actor, make: Make) -> None:
    """B8: the sixth is not even judged; afterwards the right code works."""
    code = show_code(registrar)
    second = again(registrar)
    for n in range(5):
        with pytest.raises(Refusal, match="下载码不对"):
            enter_code(second, wrong_code(n))
    with pytest.raises(Wait) as wait:
        enter_code(second, code)
    assert wait.value.values["minutes"] == 30
    assert not open_now(registrar, make)
    with pytest.raises(Wait):
        enter_code(again(registrar), code)
    db.session.execute(update(Try).where(Try.kind == "download").values(at=now() - timedelta(minutes=31)))
    enter_code(second, code)
    assert open_now(registrar, make)


def test_four_wrong_tries_cost_nothing(registrar: Actor, make: Make) -> None:
    code = show_code(registrar)
    second = again(registrar)
    for n in range(4):
        with pytest.raises(Refusal):
            enter_code(second, wrong_code(n))
    enter_code(second, code)
    assert open_now(registrar, make)


def test_slips_of_the_hand_are_not_counted(registrar: Actor, make: Make) -> None:
    """A wrong check symbol, a lost symbol, the code of a family: each says what it is."""
    code = show_code(registrar)
    second = again(registrar)
    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    family = new_registration_code(random.Random(4))
    slips = {swapped: "抄错", code[:-2]: "9 位", family: "家长用的注册码", "你好": "没有", "": "9 位"}
    for text, words in slips.items():
        for _ in range(3):
            with pytest.raises(Refusal, match=words):
                enter_code(second, text)
    assert db.session.scalar(select(func.count()).where(Try.kind == "download")) == 0
    enter_code(second, code)
    assert open_now(registrar, make)


def test_fifty_at_once_give_one_unlock(app: Flask, registrar: Actor) -> None:
    """sec-A17: one conditional UPDATE consumes the code."""
    code = show_code(registrar)
    second = again(registrar)
    db.session.rollback()  # this thread must not keep the others from writing
    ends: list[str] = []
    ready = threading.Barrier(50)

    def enter() -> None:
        with app.app_context():
            ready.wait()
            try:
                enter_code(second, code)
                ends.append("unlocked")
            except Refusal as refusal:
                ends.append(type(refusal).__name__)

    threads = [threading.Thread(target=enter) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("unlocked") == 1
    assert len(ends) == 50


def test_parallel_guesses_get_five_judgements(app: Flask, registrar: Actor) -> None:
    show_code(registrar)
    second = again(registrar)
    db.session.rollback()  # this thread must not keep the others from writing
    ends: list[str] = []

    def guess(n: int) -> None:
        with app.app_context():
            try:
                enter_code(second, wrong_code(n % 10))
            except Refusal as refusal:
                ends.append(type(refusal).__name__)

    threads = [threading.Thread(target=guess, args=[n]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("Refusal") == 5
    assert ends.count("Wait") == 15


def test_unlocked_until_the_windows_end(registrar: Actor, make: Make) -> None:
    """B8, R94: it ends with the last window, and counts again when the province reopens it."""
    enter_code_of(registrar)
    window = rounds.window_of(make.round().id, registrar.path, Switch.EXPORT)
    assert window is not None
    window.closes_at = now() - timedelta(minutes=1)
    db.session.commit()
    assert not open_now(registrar, make)
    entry = make.window(switch=Switch.ENTRY)
    assert open_now(registrar, make), "what is printed must still be entered"
    entry.closes_at = now() - timedelta(minutes=1)
    db.session.commit()
    with pytest.raises(TooLate, match="还没有解锁"):
        require_unlocked(registrar.place_id, make.round().id)
    window.closes_at = now() + timedelta(days=2)
    db.session.commit()
    assert open_now(registrar, make)


def enter_code_of(actor: Actor) -> None:
    enter_code(again(actor), show_code(actor))


def test_no_code_without_a_window(make: Make) -> None:
    make.round()
    registrar = make.actor(Role.REGISTRAR, make.school())
    with pytest.raises(TooLate, match="还没有给这里安排"):
        show_code(registrar)
    make.window(opens=now() - timedelta(days=5), closes=now() - timedelta(days=1))
    with pytest.raises(TooLate):
        show_code(registrar)


def test_codes_belong_to_people_of_a_school(registrar: Actor, make: Make) -> None:
    county = make.actor(Role.REGISTRAR, make.county())
    with pytest.raises(NotYours):
        show_code(county)
    with pytest.raises(NotYours):
        show_code(replace(registrar, user_id=None, session_id=None))


def test_only_a_hash_is_kept_and_every_act_leaves_a_step(registrar: Actor, make: Make) -> None:
    code = show_code(registrar)
    row = db.session.scalars(select(Unlock)).one()
    plain = code.replace("-", "")
    assert plain.encode() not in row.code_hash
    assert len(row.code_hash) == 32
    with pytest.raises(Refusal):
        enter_code(again(registrar), wrong_code(3))
    enter_code(again(registrar), code)
    moves = list(db.session.scalars(select(Step.move).where(Step.move.like("%CODE%") | (Step.move == "UNLOCK"))))
    assert sorted(moves) == ["REFUSE_DOWNLOAD_CODE", "SHOW_DOWNLOAD_CODE", "UNLOCK"]
    assert plain not in str([step.details for step in db.session.scalars(select(Step))])
