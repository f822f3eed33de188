"""The two ways in that are printed on paper: what they open, and that guessing gets nobody anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from portal.models import RegistrationCode, Sheet, Try, db
from portal.rules.clock import now, today
from portal.rules.numbers import with_check
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import doors, printed_codes
from portal.services.doors import Closed
from portal.services.refusals import NotFound, Refusal, Wait
from portal.services.tries import COOLING, COOLS_AFTER, ENDS_AFTER
from tests.make import Make
from tests.photographs import leaf_of, link_of


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def code(sheet: Sheet) -> RegistrationCode:
    made = printed_codes.make_code(sheet)
    db.session.commit()
    return made


def guess(code: RegistrationCode, n: int = 0) -> str:
    """A well-formed code with the same selector and another verifier."""
    return with_check(f"R{code.selector}{n:08d}")


def tries() -> int:
    return db.session.query(Try).filter_by(kind="code", failed=True).count()


def test_the_link_opens_its_sheet_in_any_case(sheet: Sheet) -> None:
    link = link_of(leaf_of(sheet))
    for typed in (link, link.lower()):
        assert doors.by_link(typed) == doors.Opened(sheet.id, None)


def test_a_wrong_token_is_no_sheet(sheet: Sheet) -> None:
    link = link_of(leaf_of(sheet))
    for wrong in (link[:-1] + ("0" if link[-1] != "0" else "1"), link[:6], "", "Ü" * 11, link + "0"):
        with pytest.raises(NotFound):
            doors.by_link(wrong)


def test_a_link_of_a_leaf_nobody_printed_is_no_sheet(sheet: Sheet) -> None:
    leaf = leaf_of(sheet)
    link = link_of(leaf)
    db.session.delete(leaf)
    db.session.commit()
    with pytest.raises(NotFound):
        doors.by_link(link)


def test_a_revoked_leaf_is_closed_and_a_superseded_one_still_opens(sheet: Sheet) -> None:
    old, new = leaf_of(sheet), leaf_of(sheet)
    old.superseded_by = new.number
    db.session.commit()
    assert doors.by_link(link_of(old)) == doors.Opened(sheet.id, None, superseded=True)
    old.revoked_at = now()
    db.session.commit()
    assert doors.by_link(link_of(old)).closed == Closed.REVOKED
    assert doors.by_link(link_of(new)).closed is None


def test_before_hand_out_after_the_round_and_out_of_scope_it_is_closed(make: Make) -> None:
    printed = make.sheet(SheetState.PRINTED)
    assert doors.by_link(link_of(leaf_of(printed))).closed == Closed.NOT_ISSUED
    out = make.sheet(SheetState.ISSUED, in_scope=False, exclusion="left")
    assert doors.by_link(link_of(leaf_of(out))).closed == Closed.NOT_EXPECTED
    out.round.ends = today() - timedelta(days=1)
    db.session.commit()
    assert doors.by_link(link_of(leaf_of(out))).closed == Closed.OVER


def test_the_code_opens_its_sheet_again_and_again(sheet: Sheet, code: RegistrationCode) -> None:
    for text in (code.code, code.code, code.code.lower(), f" {code.code[:4]}-{code.code[4:8]} {code.code[8:]} "):
        assert doors.by_selector(doors.use_code(text)).sheet_id == sheet.id
    assert code.claimed_at is None
    assert tries() == 0


@pytest.mark.parametrize("slip", ["", "R", "RU23456789ABCDEF", "测试", "R" * 16, "x" * 10_000])
def test_slips_of_the_hand_are_told_and_never_counted(code: RegistrationCode, slip: str) -> None:
    with pytest.raises(Refusal) as told:
        doors.use_code(slip)
    assert "注册码" in str(told.value)
    assert tries() == 0


def test_a_wrong_verifier_and_an_unknown_selector_get_the_same_words(code: RegistrationCode) -> None:
    said = set()
    for text in (guess(code), with_check("R" + "0" * 14)):
        with pytest.raises(Refusal) as told:
            doors.use_code(text)
        said.add((type(told.value), told.value.text))
    assert len(said) == 1
    assert tries() == 2


def test_ten_wrong_tries_cool_this_code_and_no_other(make: Make, code: RegistrationCode) -> None:
    other = printed_codes.make_code(make.sheet(SheetState.ISSUED))
    db.session.commit()
    with time_machine.travel(now(), tick=False) as clock:
        for n in range(COOLS_AFTER):
            with pytest.raises(Refusal, match="没有这个注册码"):
                doors.use_code(guess(code, n))
        with pytest.raises(Wait) as wait:
            doors.use_code(code.code)
        assert wait.value.values["minutes"] == 15
        assert doors.use_code(other.code)
        clock.shift(COOLING - timedelta(minutes=4, seconds=30))
        with pytest.raises(Wait) as wait:
            doors.use_code(code.code)
        assert wait.value.values["minutes"] == 5
        clock.shift(timedelta(minutes=5))
        assert doors.use_code(code.code)


def test_an_unknown_selector_cools_like_a_known_one(code: RegistrationCode) -> None:
    for n in range(COOLS_AFTER):
        with pytest.raises(Refusal, match="没有这个注册码"):
            doors.use_code(with_check(f"R000000{n:08d}"))
    with pytest.raises(Wait):
        doors.use_code(with_check("R00000099999999"))


def test_tries_while_it_cools_do_not_count(code: RegistrationCode) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for n in range(COOLS_AFTER):
            with pytest.raises(Refusal):
                doors.use_code(guess(code, n))
        for n in range(30):
            with pytest.raises(Wait):
                doors.use_code(guess(code, n))
        assert tries() == COOLS_AFTER
        clock.shift(COOLING + timedelta(seconds=1))
        assert doors.use_code(code.code)


def test_twenty_wrong_tries_end_a_code_until_the_teacher_makes_a_new_one(make: Make, code: RegistrationCode) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for n in range(ENDS_AFTER):
            with pytest.raises(Refusal):
                doors.use_code(guess(code, n))
            clock.shift(COOLING)
        with pytest.raises(Wait, match="班主任"):
            doors.use_code(code.code)
        teacher = make.actor(Role.TEACHER, code.sheet.class_)
        assert doors.use_code(printed_codes.reset_code(teacher, code.sheet))


def test_only_who_has_the_old_code_is_told_that_it_was_replaced(make: Make, code: RegistrationCode) -> None:
    old, selector = code.code, doors.use_code(code.code)
    printed_codes.reset_code(make.actor(Role.TEACHER, code.sheet.class_), code.sheet)
    with pytest.raises(Refusal, match="已经换过了"):
        doors.use_code(old)
    with pytest.raises(Refusal, match="没有这个注册码"):
        doors.use_code(guess(code))
    with pytest.raises(NotFound):
        doors.by_selector(selector)
