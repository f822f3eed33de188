"""The simulated evening of `benchmarks.meeting`: one line to the network, one clock that every limit reads.

The application is the real one on a SQLite file and answers every request; only the clock is ours, so that quarter of
an hour is over in less than a minute. Work is charged in that time and not done: a telephone tries `PHONE_RATE` numbers
a second, the attacker as many as it is given.
"""

from __future__ import annotations

import heapq
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from flask import Flask

from benchmarks.meeting_people import PHONE_RATE, Answer, Ask, Pause, Script, Work
from portal.rules import work_proof

ADDRESS = "192.0.2.10"
BEGIN = datetime(2026, 3, 20, 11, 0, tzinfo=UTC)


class Evening:
    """People by the second of their next act."""

    def __init__(self, app: Flask, seed: int, rate: int) -> None:
        self._app, self._rng = app, random.Random(seed)
        self._waiting: list[tuple[float, int, Script, Any, Answer | None]] = []
        self._turn, self._rate = 0, rate
        self._solved: set[str] = set()
        self.clock = [0.0]

    def add(self, at: float, script: Script, fast: bool = False) -> None:
        """Somebody comes at a second; `fast`: with the attacker's machine."""
        self._put(at, script, (self._app.test_client(), fast), None)

    def run(self) -> None:
        """Until everybody is through."""
        real = work_proof.fits
        work_proof.fits = lambda ticket, answer, bits: answer == "1" and ticket in self._solved
        try:
            with time_machine.travel(BEGIN, tick=False) as travel:
                while self._waiting:
                    at, _turn, script, who, answer = heapq.heappop(self._waiting)
                    self.clock[0] = max(self.clock[0], at)
                    travel.move_to(BEGIN + timedelta(seconds=self.clock[0]))
                    self._act(script, who, answer)
        finally:
            work_proof.fits = real

    def _put(self, at: float, script: Script, who: Any, answer: Answer | None) -> None:
        self._turn += 1
        heapq.heappush(self._waiting, (at, self._turn, script, who, answer))

    def _act(self, script: Script, who: Any, answer: Answer | None) -> None:
        try:
            wanted = next(script) if answer is None else script.send(answer)
        except StopIteration:
            return
        now = self.clock[0]
        if isinstance(wanted, Pause):
            self._put(now + wanted.seconds, script, who, Answer())
        elif isinstance(wanted, Work):
            left = self._work(wanted, who[1])
            self._put(now + left, script, who, Answer(seconds=left, worked="1"))
        else:
            client = self._app.test_client() if wanted.forget else who[0]
            self._put(now + 0.05, script, (client, who[1]), self._ask(client, wanted))

    def _work(self, wanted: Work, fast: bool) -> float:
        """Seconds that the work still takes; numbers are tried until one fits, which is as often as not soon."""
        self._solved.add(wanted.ticket)
        numbers = self._rng.expovariate(1 / 2 ** int(wanted.ticket[8:10]))
        seconds = numbers / (self._rate if fast else PHONE_RATE)
        return max(0.0, seconds - wanted.spent)

    def _ask(self, client: Any, wanted: Ask) -> Answer:
        method = client.get if wanted.form is None else client.post
        given = {} if wanted.form is None else {"data": wanted.form}
        answer = method("/r", environ_overrides={"REMOTE_ADDR": ADDRESS}, **given)
        return Answer(answer.status_code, answer.get_data(as_text=True))
