"""The real evening of `benchmarks.meeting`: a server of its own, telephones in threads, work done on this machine.

A telephone begins its work when it opens the page. The seconds that this machine needs for it are counted as the
telephone's; the attacker works in a process of its own, without pause.
"""

from __future__ import annotations

import argparse
import http.client
import threading
import time
import urllib.parse
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from benchmarks import meeting, running
from benchmarks.meeting_people import Answer, Ask, Pause, Script, Told, Work
from portal.rules import work_proof

_KIND = {"Content-Type": "application/x-www-form-urlencoded"}


class Line:
    """A connection with cookies of its own."""

    def __init__(self, port: int) -> None:
        self._port, self._cookies = port, dict[str, str]()

    def ask(self, wanted: Ask) -> Answer:
        """One request for the page of the code."""
        if wanted.forget:
            self._cookies.clear()
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            if wanted.form is None:
                line.request("GET", "/r", headers=headers)
            else:
                line.request("POST", "/r", urllib.parse.urlencode(wanted.form), headers | _KIND)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            line.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, text)


class Real:
    """Plays scripts in real time; `clock[0]` is the second of the evening."""

    def __init__(self, port: int) -> None:
        self._port, self._lock = port, threading.Lock()
        self._workers = {fast: self._worker() for fast in (False, True)}
        self._threads: list[threading.Thread] = []
        self._begun = time.monotonic()
        self.clock = [0.0]

    def add(self, at: float, script: Script, fast: bool = False) -> None:
        """Somebody comes at a second; `fast`: with the attacker's machine."""
        thread = threading.Thread(target=self._play, args=[at, script, fast], daemon=True)
        self._threads.append(thread)
        thread.start()

    def run(self) -> None:
        """Until everybody is through."""
        for thread in self._threads:
            thread.join()
        for worker in self._workers.values():
            worker.shutdown()

    def _play(self, at: float, script: Script, fast: bool) -> None:
        time.sleep(max(0.0, at - self._now()))
        line, answer = Line(self._port), None
        while True:
            self._now()
            try:
                wanted = next(script) if answer is None else script.send(answer)
            except StopIteration:
                return
            if isinstance(wanted, Pause):
                time.sleep(wanted.seconds)
                answer = Answer()
            elif isinstance(wanted, Work):
                answer = self._work(wanted, fast)
            else:
                answer = line.ask(wanted)

    def _work(self, wanted: Work, fast: bool) -> Answer:
        worker = self._workers[fast]
        try:
            worked, seconds = worker.submit(solved, wanted.ticket).result()
        except BrokenProcessPool:  # somebody ended the process: another one does the work
            with self._lock:
                if self._workers[fast] is worker:
                    self._workers[fast] = self._worker()
            return self._work(wanted, fast)
        return Answer(worked=worked, seconds=max(0.0, seconds - wanted.spent))

    @staticmethod
    def _worker() -> ProcessPoolExecutor:
        """A process that works; it is there before anybody needs it."""
        made = ProcessPoolExecutor(1, get_context("spawn"))
        made.submit(solved, "0" * 8 + "01" + "0" * 54).result()
        return made

    def _now(self) -> float:
        self.clock[0] = time.monotonic() - self._begun
        return self.clock[0]


def solved(ticket: str) -> tuple[str, float]:
    """The answer, and how long one core took."""
    begun = time.perf_counter()
    return work_proof.solve(ticket, int(ticket[8:10])), time.perf_counter() - begun


def evening(folder: Path, chosen: argparse.Namespace, told: Told) -> bool:
    """Everybody meets a real server; true when the province was told."""
    environment = running.settings(folder, "")
    app, codes = meeting.school(folder, chosen.parents, environment)
    with running.server(environment, folder):
        meeting.invite(Real(int(environment["PORTAL_BASE_URL"].rsplit(":", 1)[1])), codes, chosen, told).run()
    alarm = meeting.alarms(app)
    app.extensions["portal.readers"].close()
    return alarm
