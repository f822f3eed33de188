"""Questions: the table of moves, days for an answer, what is masked, codes (O2, O8)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.roles import Level
from portal.rules.tickets import (
    CODE_LENGTH,
    DAYS,
    MOVES,
    TicketMove,
    TicketState,
    after,
    closes,
    due,
    last_day,
    masked,
    new_code,
    parse_code,
    shown_code,
    tidy,
    working_days,
)

SATURDAY, MONDAY = date(2025, 5, 17), date(2025, 5, 19)


def test_every_state_and_move_is_decided() -> None:
    """O8: open -> answered -> closed | escalated; nothing leaves closed, every other state can be answered."""
    for state, move in product(TicketState, TicketMove):
        expected = state != TicketState.CLOSED
        assert (after(state, move) is not None) == expected, (state, move)
    assert set(MOVES.values()) == set(TicketState)
    assert after("answered", TicketMove.ADD) == TicketState.OPEN
    assert after("answered", TicketMove.SEND_UP) == TicketState.ESCALATED
    assert after("escalated", TicketMove.ADD) == TicketState.ESCALATED


def test_weekends_do_not_count() -> None:
    assert list(islice(working_days(SATURDAY), 2)) == [MONDAY, date(2025, 5, 20)]


@pytest.mark.parametrize(
    ("asked", "day"),
    [
        (datetime(2025, 5, 19, 2, tzinfo=UTC), date(2025, 5, 21)),  # Monday 10:00 in Shanghai
        (datetime(2025, 5, 19, 17, tzinfo=UTC), date(2025, 5, 22)),  # already Tuesday in Shanghai
        (datetime(2025, 5, 16, 2, tzinfo=UTC), date(2025, 5, 20)),  # Friday
        (datetime(2025, 5, 17, 2, tzinfo=UTC), date(2025, 5, 20)),  # Saturday
        (datetime(2025, 5, 18, 2, tzinfo=UTC), date(2025, 5, 20)),  # Sunday
    ],
)
def test_a_school_has_two_working_days(asked: datetime, day: date) -> None:
    assert last_day(due(Level.SCHOOL, asked)) == day
    assert due(Level.CLASS, asked) == due(Level.SCHOOL, asked)


def test_every_level_has_its_days_and_answers_close_later() -> None:
    asked = datetime(2025, 5, 19, 2, tzinfo=UTC)
    assert set(DAYS) == set(Level)
    assert last_day(due(Level.COUNTY, asked)) == date(2025, 5, 22)
    assert last_day(closes(asked)) == date(2025, 6, 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("号是990101201403120157。", "号是990101***********7。"),
        ("99010120140312015X 错了", "990101***********X 错了"),
        ("990101 20140312 015x", "990101***********x"),
        ("990101-20140312-0157 和 15400001234", "990101***********7 和 15400001234"),
        ("９９０１０１２０１４０３１２０１５７", "９９０１０１***********７"),
        ("990101140312015", "990101********5"),
        ("G990101201403120157", "G990101***********7"),
        ("卡6222020200112233445", "卡622202************5"),
        ("15400001234", "15400001234"),
        ("2025-05-19 10:30 和 2025-05-20", "2025-05-19 10:30 和 2025-05-20"),
        ("没有数字", "没有数字"),
    ],
)
def test_what_looks_like_an_id_number_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.text(max_size=60), st.from_regex(r"[1-9]\d{16}[\dX]", fullmatch=True), st.text(max_size=60))
def test_no_number_comes_through(before: str, number: str, behind: str) -> None:
    assert number not in masked(f"{before} {number} {behind}")


def test_text_is_tidied() -> None:
    assert tidy("  一\r\n二\r三\n\n \n\n四\0\x1b  ") == "一\n二\n三\n\n四"
    assert tidy(" \n\0\t ") == ""


def test_a_code_is_read_as_people_write_it() -> None:
    code = new_code(random.Random(7))
    assert len(code) == CODE_LENGTH
    assert parse_code(f" {shown_code(code).lower()} ") == code
    assert parse_code(code[:-1]) is None
    assert parse_code("R" + code[1:]) is None
    assert parse_code("请看") is None
    wrong = code[:5] + ("0" if code[5] != "0" else "1") + code[6:]
    assert parse_code(wrong) is None
