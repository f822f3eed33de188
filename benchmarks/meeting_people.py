"""Who is at the meeting of `benchmarks.meeting`: parents who type their code, and one who guesses.

Each is a generator that says what it does next and is told what came of it, so that the same people meet a simulated
clock and a real server.
"""

from __future__ import annotations

import random
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import count

from portal.rules.numbers import ALPHABET, is_whole, random_symbols, with_check

#: share of tries with a wrong symbol, of parents who hold last year's paper, of phones without scripts
MISTYPED, STALE, WITHOUT_SCRIPTS = 0.15, 0.01, 0.02
#: of the slips so many reach the server: without scripts all of them, else few
SLIPS_SENT = 0.1
#: seconds in which sixteen symbols are typed, and one of them is put right
TYPING, MENDING = (15.0, 45.0), (4.0, 12.0)
#: numbers a second that a slow telephone tries in `code.js`
PHONE_RATE = 200_000
#: the attacker's tries before it throws its cookies away: one browser has twenty an hour
BEFORE_FORGETTING = 18
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TICKET = re.compile(r'name="ticket" value="([^"]{64})"')


@dataclass(frozen=True)
class Pause:
    """So many seconds pass."""

    seconds: float


@dataclass(frozen=True)
class Ask:
    """A request for the page of the code: a GET, or a POST with the form."""

    form: dict[str, str] | None = None
    forget: bool = False  # cookies are thrown away before


@dataclass(frozen=True)
class Work:
    """The ticket is solved; `spent` seconds of it have passed while something else was done."""

    ticket: str
    spent: float


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the page, and how many seconds a `Work` still took."""

    status: int = 0
    text: str = ""
    seconds: float = 0.0
    worked: str = ""

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.text)
        return found[1] if found else ""

    @property
    def ticket(self) -> str:
        found = _TICKET.search(self.text)
        return found[1] if found else ""

    @property
    def needed(self) -> bool:
        return "data-needed" in self.text

    @property
    def goes_on(self) -> bool:
        return "data-goes-on" in self.text


Script = Generator[Pause | Ask | Work, Answer, None]


@dataclass
class Told:
    """What became of everybody."""

    inside: int = 0
    refused: int = 0
    saw_work: int = 0
    extra: list[float] = field(default_factory=list)
    evaluated: list[float] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)


def parent(rng: random.Random, code: str, told: Told) -> Script:
    """Opens the page, types, mends slips, and waits where the page asks for work."""
    scripts = rng.random() >= WITHOUT_SCRIPTS
    page = yield Ask()
    spent = rng.uniform(*TYPING)
    yield Pause(spent)
    texts = _slips(rng, code) + ([_other(rng)] if rng.random() < STALE else []) + [code]
    extra, seen = 0.0, False
    for nth, text in enumerate(texts):
        if nth:
            mending = rng.uniform(*MENDING)
            yield Pause(mending)
            spent += mending
        if scripts and not is_whole(text) and rng.random() >= SLIPS_SENT:
            continue  # told in the page, where the work goes on
        former = page.ticket
        page, waited, saw = yield from _send(page, text, spent, scripts)
        spent = spent if page.ticket == former else 0.0
        extra, seen = extra + waited, seen or saw
    told.inside += page.status == 303
    told.refused += page.status == 429
    if page.status not in (303, 429):
        told.strange.append(page.status)
    told.saw_work += seen
    told.extra.append(extra)


def _send(
    page: Answer, text: str, spent: float, scripts: bool
) -> Generator[Pause | Ask | Work, Answer, tuple[Answer, float, bool]]:
    """(the answer that is none about work, seconds that this took longer, whether the family saw it)."""
    extra, seen = 0.0, False
    while True:
        work = ""
        if scripts and page.needed and page.ticket:
            done = yield Work(page.ticket, spent)
            work, extra, seen = done.worked, extra + done.seconds, seen or done.seconds > 0
        form = {"csrf_token": page.token, "ticket": page.ticket, "code": text, "work": work}
        page = yield Ask(form)
        if not page.goes_on:
            return page, extra, seen
        seen, spent = True, 0.0
        if not scripts:
            yield Pause(6)
            extra += 6


def _slips(rng: random.Random, code: str) -> list[str]:
    """What is typed before the code is right: one wrong symbol each time."""
    slips = []
    while rng.random() < MISTYPED:
        place = rng.randrange(1, 16)
        wrong = ALPHABET[(ALPHABET.index(code[place]) + rng.randrange(1, 32)) % 32]
        slips.append(code[:place] + wrong + code[place + 1 :])
    return slips


def _other(rng: random.Random) -> str:
    """A whole code that nobody has: last year's, or a guess."""
    return with_check("R" + random_symbols(rng, 14))


def attacker(rng: random.Random, per_second: float, seconds: float, told: Told, clock: list[float]) -> Script:
    """Guesses all evening with all the work its machine can do, each few tries as a browser that has never been here.
    `clock[0]` is the present second."""
    page = Answer()
    for nth in count():
        if clock[0] >= seconds:
            return
        if nth % BEFORE_FORGETTING == 0:
            page = yield Ask(forget=True)
        work = ""
        if page.needed:
            work = (yield Work(page.ticket, 0.0)).worked
        page = yield Ask({"csrf_token": page.token, "ticket": page.ticket, "code": _other(rng), "work": work})
        _note(page, told, clock)
        yield Pause(max(0.0, (nth + 1) / per_second - clock[0]))


def idler(rng: random.Random, seconds: float, told: Told, clock: list[float]) -> Script:
    """The same attacker's other hand: takes every turn of those who wait instead of working."""
    page = Answer()
    for nth in count():
        if clock[0] >= seconds:
            return
        if nth % BEFORE_FORGETTING == 0:
            page = yield Ask(forget=True)
        yield Pause(5.1)
        page = yield Ask({"csrf_token": page.token, "ticket": page.ticket, "code": _other(rng), "work": ""})
        _note(page, told, clock)


def _note(page: Answer, told: Told, clock: list[float]) -> None:
    """A guess that was compared comes back as wrong."""
    if page.status == 400:
        told.evaluated.append(clock[0])
    elif page.status not in (200, 429):
        told.strange.append(page.status)
