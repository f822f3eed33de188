"""Codes used by many at once, and by a process that is killed in between: never used without effect (sec-R8, C13)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select

from portal.models import Consent, Guardianship, RegistrationCode, Step, Try, Unlock, db
from portal.rules import consent
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, claims, printed_codes, unlocking
from portal.services.claims import Claim
from portal.services.refusals import Refusal
from tests.make import PASSWORD, Make


class Killed(BaseException):
    """Nothing after this point happens in the process."""


@contextmanager
def killed_at(nth: int) -> Iterator[Counter[str]]:
    """Everything goes well up to the nth change or commit, which is never reached."""
    done = Counter[str]()

    def step(*said: Any) -> None:
        if len(said) > 2 and said[2].lstrip().startswith("SELECT"):
            return  # to be killed while it reads is to be killed before the next change
        done["steps"] += 1
        if done["steps"] == nth:
            raise Killed

    event.listen(db.engine, "before_cursor_execute", step)
    event.listen(db.session, "before_commit", step)
    try:
        yield done
    finally:
        event.remove(db.engine, "before_cursor_execute", step)
        event.remove(db.session, "before_commit", step)


def cut_everywhere(act: Callable[[], Any], is_whole: Callable[[], bool]) -> int:
    """Kill `act` at its first, second ... step until it gets through; what is left must be whole each time."""
    for nth in count(1):
        db.session.execute(delete(Try))
        db.session.commit()
        try:
            with killed_at(nth):
                act()
        except Killed:
            db.session.remove()
            assert is_whole(), f"torn at step {nth}"
            continue
        return nth
    raise AssertionError("count ends never")


@pytest.fixture
def code(make: Make) -> RegistrationCode:
    made = printed_codes.make_code(make.sheet(SheetState.ISSUED))
    db.session.commit()
    return made


def given(code: RegistrationCode, n: int) -> Claim:
    answer = code.sheet.pupil.record["id_number"][-4:]
    return Claim(answer, "52", consent.VERSION, "zh", f"154{n:08d}", "蓝色的大象在唱歌")


def number(what: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(what).where(*where)) or 0


def test_a_claim_that_is_cut_off_anywhere_leaves_all_or_nothing(code: RegistrationCode) -> None:
    selector, claim = code.selector, given(code, 1)

    def is_whole() -> bool:
        used = number(RegistrationCode, RegistrationCode.claimed_at.is_not(None))
        return used == number(Guardianship) == number(Consent) == number(Step, Step.move == "CLAIM_CHILD")

    assert cut_everywhere(lambda: claims.claim(selector, claim, None), is_whole) > 10
    assert number(Guardianship) == 1
    assert is_whole()


def test_an_unlock_that_is_cut_off_anywhere_leaves_all_or_nothing(make: Make) -> None:
    make.window()
    registrar = make.actor(Role.REGISTRAR, make.school())
    text = unlocking.show_code(registrar)
    user = db.session.get_one(accounts.User, registrar.user_id)
    second = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert second is not None

    def act(actor: Actor = second) -> None:
        if not number(Unlock, Unlock.used_at.is_not(None)):
            unlocking.enter_code(actor, text)

    def is_whole() -> bool:
        return number(Unlock, Unlock.used_at.is_not(None)) == number(Step, Step.move == "UNLOCK")

    assert cut_everywhere(act, is_whole) > 3
    assert unlocking.is_unlocked(second.place_id, make.round().id)
    assert is_whole()


def test_fifty_claims_at_once_give_one_active_and_one_waiting(
    app: Flask, code: RegistrationCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with a telephone number of its own; the sheet's lock lets one first and one second guardian through."""
    monkeypatch.setattr("portal.services.tries.COOLS_AFTER", 1000)  # else most of them wait
    monkeypatch.setattr("portal.services.tries.ENDS_AFTER", 1000)
    selector, wanted, told = code.selector, [given(code, n) for n in range(50)], []
    ready = threading.Barrier(50)
    db.session.remove()

    def enter(one: Claim) -> None:
        with app.app_context():
            ready.wait()
            try:
                told.append(claims.claim(selector, one, None).state)
            except Refusal as refusal:
                told.append(type(refusal).__name__)
            db.session.remove()

    threads = [threading.Thread(target=enter, args=[one]) for one in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(told) == {"active": 1, "waiting": 1, "TooLate": 48}
    assert (number(Guardianship), number(Consent)) == (2, 2)
