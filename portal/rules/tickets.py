"""Questions: who answers first, by when, who comes next, and what is shown to whom (O1, O2, O8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.rules.clock import day_start, local
from portal.rules.masks import mask_id
from portal.rules.numbers import ALPHABET, Choosing, grouped, is_whole, normalise_code, random_symbols, with_check
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_

LONGEST = 1000
CODE_LENGTH = 12
#: questions without an answer at the same time: of one account or browser, of one paper
MOST_WAITING = 5
MOST_OF_A_PAPER = 3
#: what visitors who hold no paper may ask one place in an hour, all of them together
MOST_OF_VISITORS = 30
#: working days for an answer, by the level that answers; then it goes one level up (the province has none above)
DAYS = {Level.CLASS: 2, Level.SCHOOL: 2, Level.COUNTY: 3, Level.PREFECTURE: 3, Level.PROVINCE: 5, Level.MINISTRY: 5}
#: working days after which an answer that nobody came back to is closed
CLOSES_AFTER = 10


class TicketState(StrEnum):
    """Where a question is: O8."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    ESCALATED = "escalated"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    TicketState.OPEN: N_("等回答"),
    TicketState.ANSWERED: N_("有回答了"),
    TicketState.CLOSED: N_("已经结束"),
    TicketState.ESCALATED: N_("转到上一级，等回答"),
}


class TicketMove(StrEnum):
    """What can be done to a question."""

    ADD = "ADD"
    ANSWER = "ANSWER"
    SEND_UP = "SEND_UP"
    CLOSE = "CLOSE"

    @property
    def label(self) -> str:
        return _MOVE_WORDS[self]


_MOVE_WORDS = {
    TicketMove.ADD: N_("再问一句"),
    TicketMove.ANSWER: N_("回答"),
    TicketMove.SEND_UP: N_("转到上一级"),
    TicketMove.CLOSE: N_("结束"),
}

_S, _M = TicketState, TicketMove
WAITING = (_S.OPEN, _S.ESCALATED)

MOVES: dict[tuple[TicketState, TicketMove], TicketState] = {
    (_S.OPEN, _M.ADD): _S.OPEN,
    (_S.ESCALATED, _M.ADD): _S.ESCALATED,
    (_S.ANSWERED, _M.ADD): _S.OPEN,
    (_S.OPEN, _M.ANSWER): _S.ANSWERED,
    (_S.ESCALATED, _M.ANSWER): _S.ANSWERED,
    (_S.ANSWERED, _M.ANSWER): _S.ANSWERED,
    (_S.OPEN, _M.SEND_UP): _S.ESCALATED,
    (_S.ESCALATED, _M.SEND_UP): _S.ESCALATED,
    (_S.ANSWERED, _M.SEND_UP): _S.ESCALATED,
    (_S.OPEN, _M.CLOSE): _S.CLOSED,
    (_S.ESCALATED, _M.CLOSE): _S.CLOSED,
    (_S.ANSWERED, _M.CLOSE): _S.CLOSED,
}
#: who answers may not make a question go away without an answer; the asker may
ANSWERER_CLOSES = frozenset({_S.ANSWERED})


def after(state: str, move: TicketMove) -> TicketState | None:
    """The state that follows, or None when the move does not exist from `state`."""
    return MOVES.get((TicketState(state), move))


def is_working(day: date) -> bool:
    """Monday to Friday. Public holidays are not known here: a question waits at most some days longer."""
    return day.weekday() < 5


def working_days(day: date) -> Iterator[date]:
    """The working days after `day`, without end."""
    while True:
        day += timedelta(days=1)
        if is_working(day):
            yield day


def due(level: Level, asked: datetime) -> datetime:
    """When an answer is due: the end of the last working day (Shanghai) that this level has for it, in UTC."""
    return _end_of(local(asked).date(), DAYS[Level(level)])


def last_day(due: datetime) -> date:
    """The last day (Shanghai) for an answer that is due at this moment."""
    return local(due - timedelta(seconds=1)).date()


def closes(answered: datetime) -> datetime:
    """When an answer that nobody came back to is closed, in UTC."""
    return _end_of(local(answered).date(), CLOSES_AFTER)


def _end_of(day: date, count: int) -> datetime:
    for _, last in zip(range(count), working_days(day), strict=False):
        day = last
    return day_start(day + timedelta(days=1))


def goes_to_own_place(actor: Actor) -> bool:
    """True when the first answer comes from the asker's own school: families and class teachers (O2).
    Registrars, leaders and operators, and every authority, ask the level above them."""
    return actor.role in (Role.PARENT, Role.TEACHER)


def tidy(text: str) -> str:
    """What was written, without control characters and blank edges; one kind of line break, at most two in a row."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign == "\n" or sign == "\t" or sign.isprintable())
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", kept).strip()


_LIKE_AN_ID = re.compile(r"(?<!\d)(?:\d[ \-.－]?){14,29}[\dXxＸｘ](?!\d)")


def masked(text: str) -> str:
    """The text for levels above the school: whatever looks like an ID, student or card number, 15 digits or more, is
    masked, also when it was written with blanks, dashes or full-width digits."""
    return _LIKE_AN_ID.sub(lambda found: mask_id(re.sub(r"[ \-.－]", "", found[0])), text)


def new_code(random: Choosing) -> str:
    """W + 10 random symbols + 1 check symbol: 50 bits, for reading an answer in another browser."""
    return with_check("W" + random_symbols(random, CODE_LENGTH - 2))


def parse_code(text: str) -> str | None:
    """A typed code in its stored form; None for anything that cannot be one."""
    code = normalise_code(text)
    fits = len(code) == CODE_LENGTH and code.startswith("W") and set(code) <= set(ALPHABET)
    return code if fits and is_whole(code) else None


def shown_code(code: str) -> str:
    """The code for reading and copying."""
    return grouped(code)
