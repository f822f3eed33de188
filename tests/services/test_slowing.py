"""Guesses at codes: the four buckets, the work of unknown browsers, and that no honest family is refused (sec 5.4)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from flask import Flask

from portal.models import RegistrationCode, Step, Try, db
from portal.rules import work_proof
from portal.rules.clock import now
from portal.rules.numbers import symbols, with_check
from portal.rules.workflow import SheetState
from portal.services import claims, doors, printed_codes, slowing, slowing_alarm, work_tickets
from portal.services.refusals import Refusal, Wait
from portal.services.slowing import DEVICE_TRIES, Asker, WorkFirst
from portal.services.tries import COOLS_AFTER
from tests.make import Make

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
HOT = 60
BITS = 6
_serial = count()


@pytest.fixture(autouse=True)
def _little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same steps with fewer bits."""
    monkeypatch.setattr(work_proof, "_STEPS", ((300, BITS + 4), (HOT, BITS)))
    monkeypatch.setattr(work_proof, "_STEPS_OF_MINUTE", ())
    monkeypatch.setattr(work_proof, "FIRST_BITS", BITS)


@pytest.fixture
def code(make: Make) -> RegistrationCode:
    made = printed_codes.make_code(make.sheet(SheetState.ISSUED))
    db.session.commit()
    return made


def unknown() -> str:
    """A well-formed code that nobody has, with another selector each time."""
    return with_check("R" + symbols(next(_serial), 6) + "Z" * 8)


def visitor(address: str = HERE) -> Asker:
    """A browser that has never been here."""
    return Asker(f"device-{next(_serial)}", address)


def worked(asker: Asker) -> Asker:
    """The same with the work done that the page asks for."""
    ticket = slowing.work_for(asker).ticket
    assert ticket is not None
    return replace(asker, ticket=ticket, answer=work_proof.solve(ticket, int(ticket[8:10])))


def guess(asker: Asker, text: str | None = None) -> type[Exception] | None:
    """What becomes of one try."""
    try:
        doors.use_code(text or unknown(), asker)
    except Refusal as refusal:
        return type(refusal)
    return None


def heat(address: str = HERE, wrong: int = HOT) -> None:
    """Wrong tries at an address in the last minutes but two, written as the service writes them."""
    moment = now() - timedelta(minutes=3)
    buckets = [(kind, slowing._bucket(kind, what)) for kind, what in (("address", address), ("province", "all"))]
    db.session.add_all([Try(kind=kind, bucket=bucket, at=moment) for kind, bucket in buckets for _ in range(wrong)])
    db.session.commit()


def failed(kind: str) -> int:
    return db.session.query(Try).filter_by(kind=kind, failed=True).count()


def test_one_wrong_try_stands_in_all_four_buckets_and_a_right_one_in_none(code: RegistrationCode) -> None:
    asker = visitor()
    assert guess(asker) is Refusal
    assert [failed(kind) for kind in ("code", "device", "address", "province")] == [1, 1, 1, 1]
    assert guess(asker, code.code) is None
    assert [failed(kind) for kind in ("code", "device", "address", "province")] == [1, 1, 1, 1]
    stored = b"".join(row.bucket for row in db.session.query(Try))
    assert asker.device.encode() not in stored
    assert HERE.encode() not in stored


def test_sixty_strangers_heat_an_address_and_then_work(code: RegistrationCode, make: Make) -> None:
    """The whole way by the service itself: nobody is refused, one alarm an hour is written."""
    province = make.province()
    assert {guess(visitor()) for _ in range(HOT)} == {Refusal}
    newcomer = visitor()
    assert guess(newcomer, code.code) is WorkFirst
    assert failed("address") == HOT
    assert guess(visitor(ELSEWHERE), code.code) is None
    done = worked(newcomer)
    assert guess(done, code.code) is None
    assert guess(newcomer, code.code) is None, "known from now on"
    assert guess(visitor()) is WorkFirst
    steps = db.session.query(Step).filter_by(move=slowing_alarm.MOVE, thing_id=province.id).all()
    assert [step.details for step in steps] == [{"bucket": "address", "wrong": HOT}]
    with time_machine.travel(now() + timedelta(minutes=11), tick=False):
        assert guess(visitor(), code.code) is None, "ten minutes later it is as before"


def test_work_is_of_one_browser_fresh_enough_and_used_once(code: RegistrationCode) -> None:
    heat()
    asker = worked(visitor())
    assert guess(replace(asker, device="another")) is WorkFirst
    assert guess(replace(asker, answer="")) is WorkFirst
    wrong = next(str(n) for n in count() if not work_proof.fits(asker.ticket, str(n), 1))
    assert guess(replace(asker, answer=wrong)) is WorkFirst
    assert guess(replace(asker, ticket="f" * 64)) is WorkFirst
    assert guess(replace(asker, ticket=asker.ticket.replace(f"{BITS:02d}", "00", 1))) is WorkFirst
    assert guess(asker) is Refusal
    assert guess(asker) is WorkFirst
    old = worked(visitor())
    with time_machine.travel(now() + work_tickets.LIFE + timedelta(seconds=2), tick=False):
        heat()
        assert guess(old) is WorkFirst


def test_work_is_not_lost_by_a_slip(code: RegistrationCode) -> None:
    heat()
    done = worked(visitor())
    assert guess(done, code.code[:-1]) is doors.Slip
    assert slowing.work_for(done, again=True) == slowing.Wanted(done.ticket, done.answer, needed=True)
    assert slowing.work_for(done).ticket != done.ticket
    assert slowing.work_for(replace(done, device="another"), again=True).ticket != done.ticket
    assert guess(done, code.code) is None


def test_the_more_are_wrong_the_more_work_it_is(code: RegistrationCode) -> None:
    """Pages that were open at one step count on for three minutes, hoarded tickets of the first step never."""
    heat()
    before, hoarded = worked(visitor()), worked(visitor())
    heat(wrong=300)
    assert guess(before) is WorkFirst, "four bits below"
    with time_machine.travel(now(), tick=False) as clock:
        middle = [replace(one, ticket=work_tickets.give(one.device, BITS + 2)) for one in (visitor(), visitor())]
        middle = [replace(one, answer=work_proof.solve(one.ticket, BITS + 2)) for one in middle]
        assert guess(middle[0]) is Refusal
        clock.shift(work_tickets.GRACE + timedelta(seconds=1))
        work_tickets.take_turn(HERE)  # nobody's turn by waiting
        assert guess(middle[1]) is WorkFirst
        assert guess(hoarded) is WorkFirst
        assert guess(worked(visitor())) is Refusal


def test_without_scripts_one_waits_five_seconds_and_its_turn(code: RegistrationCode) -> None:
    heat()
    with time_machine.travel(now().replace(second=20, microsecond=0), tick=False) as clock:
        first, second = visitor(), visitor()
        first, second = (replace(one, ticket=slowing.work_for(one).ticket or "") for one in (first, second))
        clock.shift(4)
        assert guess(first, code.code) is WorkFirst
        clock.shift(2)
        assert guess(first, code.code) is None
        assert guess(second) is WorkFirst, "the turn of these two seconds is taken"
        clock.shift(work_tickets.TURN_SECONDS)
        assert guess(second) is Refusal
        clock.shift(work_tickets.TURN_SECONDS)
        assert guess(second) is WorkFirst, "and each ticket is good for one try"


def test_one_browser_has_twenty_wrong_tries_an_hour_wherever_it_is(code: RegistrationCode, make: Make) -> None:
    asker = visitor()
    with time_machine.travel(now(), tick=False) as clock:
        for n in range(DEVICE_TRIES):
            assert guess(replace(asker, address=f"203.0.113.{n}")) is Refusal
            clock.shift(60)
        with pytest.raises(Wait) as wait:
            doors.use_code(code.code, asker)
        assert wait.value.values["minutes"] == 40
        assert guess(visitor(), code.code) is None
        answer = {"answer": "zzzz", "relation": "52", "version": claims.consent.VERSION, "language": "zh"}
        given = claims.Claim(**answer, phone="15400000001", password="four quiet horses")
        with pytest.raises(Wait):  # the question of page 1 is asked of the same browser
            claims.claim(code.selector, given, None, asker)
        clock.shift(timedelta(minutes=40, seconds=1))
        assert guess(asker, code.code) is None


def test_words_never_tell_which_bucket_is_full(code: RegistrationCode) -> None:
    said = set()
    asker = visitor()
    for _ in range(DEVICE_TRIES):
        guess(asker)
    for n in range(COOLS_AFTER):
        guess(visitor(), with_check(f"R{code.selector}{n:08d}"))
    for who, text in ((asker, unknown()), (visitor(), code.code)):
        with pytest.raises(Wait) as wait:
            doors.use_code(text, who)
        said.add(wait.value.text)
    assert len(said) == 1


def test_beyond_two_thousand_an_hour_every_stranger_works(
    code: RegistrationCode, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sec-A2: one guess each over many sheets, browsers and addresses."""
    province, known = make.province(), visitor(ELSEWHERE)
    monkeypatch.setattr(slowing, "PROVINCE_TRIES", 25)
    assert guess(known, code.code) is None
    told = [guess(visitor(f"203.0.113.{n}")) for n in range(30)]
    assert told == [Refusal] * 25 + [WorkFirst] * 5
    assert guess(known, code.code) is None
    assert guess(worked(visitor(ELSEWHERE)), code.code) is None
    alarm = db.session.query(Step).filter_by(move=slowing_alarm.MOVE, thing_id=province.id).one()
    assert alarm.details["bucket"] == "province"


def test_one_paper_makes_only_so_many_browsers_known(code: RegistrationCode) -> None:
    visitors = [visitor() for _ in range(slowing.KNOWN_PER_SHEET + 2)]
    for one in visitors:
        assert guess(one, code.code) is None
    heat()
    assert [guess(one, code.code) for one in visitors] == [None] * slowing.KNOWN_PER_SHEET + [WorkFirst] * 2


def test_what_no_limit_looks_at_is_forgotten(code: RegistrationCode) -> None:
    known = visitor()
    guess(known, code.code)
    guess(visitor())
    heat()
    guess(worked(visitor()))
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        slowing.forget_old()
        kept = sorted((row.kind, row.failed) for row in db.session.query(Try))
        assert kept == [("code", False), ("code", True), ("code", True), ("device", False)]
        heat()
        assert guess(known, code.code) is None


def test_work_that_fifty_send_at_once_is_good_for_one(
    app: Flask, code: RegistrationCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "DEVICE_TRIES", 100)  # else the browser itself is slowed
    heat()
    asker, told, ready = worked(visitor()), [], threading.Barrier(50)
    db.session.remove()

    def send() -> None:
        with app.app_context():
            ready.wait()
            told.append(guess(asker))
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (told.count(Refusal), told.count(WorkFirst)) == (1, 49)
