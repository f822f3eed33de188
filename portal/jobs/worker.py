"""The worker loop: takes jobs out of the table and runs their handlers; calls what is due every so many seconds.

Each job runs in a thread of its own, inside the context the app gives; so does each periodic call, so that a slow one
delays no other. Leases are renewed while a handler shows life.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine

from portal.jobs import queue
from portal.jobs.running import HANDLERS, GiveUp, Handler, LeaseLost, Running
from portal.keys import random_id

log = logging.getLogger(__name__)

Context = Callable[[], contextlib.AbstractContextManager[Any]]


class Worker:
    """Runs jobs of one database. Several workers, in one process or many, share the work."""

    threads = 2
    poll_seconds = 0.5
    lease = queue.LEASE
    patience = timedelta(minutes=15)
    """How long a handler may be silent (no `progress`) before its lease is no longer renewed."""
    grace_seconds = 10.0
    """How long a stopping worker lets its jobs finish before it gives them back."""

    def __init__(
        self,
        engine: Engine | Callable[[], Engine],
        context: Context = contextlib.nullcontext,
        handlers: Mapping[str, Handler] = HANDLERS,
        clock: Callable[[], datetime] = queue.utc_now,
    ) -> None:
        """`engine` may be a function, called when work begins (after a fork). `context` is entered for each call."""
        self._engine_or_factory = engine
        self._context, self._handlers, self._clock = context, handlers, clock
        self._made: Engine | None = None
        self._periodic: list[tuple[float, Callable[[], object], bool]] = []
        self._running: set[Running] = set()
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{random_id().hex[:8]}"

    def every(self, seconds: float, function: Callable[[], object], again: bool = False) -> None:
        """Call `function` every so many seconds while the worker runs, never twice at once; with `again` at once again
        while it gives something that counts as true. Its errors are logged."""
        self._periodic.append((seconds, function, again))

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then finish what runs, or give it back when the grace is over."""
        threads = [threading.Thread(target=self._take_jobs, args=[stop], daemon=True) for _ in range(self.threads)]
        threads += [
            threading.Thread(target=self._call_every, args=[stop, *periodic], daemon=True)
            for periodic in self._periodic
        ]
        for thread in threads:
            thread.start()
        while not stop.wait(self.lease.total_seconds() / 4):
            self._logged("renewing leases", self.renew_leases)
        _join(threads, self.grace_seconds)
        for running in list(self._running):
            self._logged("giving a job back", partial(self._end, queue.release, running, self._clock()))
        _join(threads, self.grace_seconds / 2)

    def run_one(self) -> bool:
        """Take one job and run it here. False if none waits."""
        taken = queue.claim(self._engine, self.name, self._handlers, self._clock(), self.lease)
        if taken is None:
            return False
        running = Running(self._engine, taken, self.lease, self._clock)
        self._running.add(running)
        try:
            self._handle(running)
        finally:
            self._running.discard(running)
        return True

    def drain(self) -> int:
        """Run jobs here until none waits; how many."""
        count = 0
        while self.run_one():
            count += 1
        return count

    def renew_leases(self) -> None:
        """Hold the jobs whose handlers have shown life within the patience."""
        for running in list(self._running):
            if time.monotonic() - running.moved_at < self.patience.total_seconds():
                running.renew()

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            given = self._engine_or_factory
            self._made = given if isinstance(given, Engine) else given()
        return self._made

    def _handle(self, running: Running) -> None:
        try:
            with self._context():
                result = self._handlers[running.job.kind](running, dict(running.job.arguments))
            json.dumps(result, allow_nan=False)
        except LeaseLost:
            log.info("job %s %s: no longer ours", running.job.kind, running.job.id)
        except GiveUp as given_up:
            self._end(queue.fail, running, "GiveUp", given_up.note, self._clock())
        except Exception as error:
            place = _place(error)
            log.error("job %s %s failed: %s", running.job.kind, running.job.id, place)
            self._end(queue.fail, running, place, "", self._clock())
        else:
            self._end(queue.finish, running, result, self._clock())

    def _end(self, how: Callable[..., bool], running: Running, *values: object) -> None:
        with self._engine.begin() as connection:
            how(connection, running.job, *values)

    def _take_jobs(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self._logged("taking a job", self.run_one):
                stop.wait(self.poll_seconds)

    def _call_every(
        self, stop: threading.Event, seconds: float, function: Callable[[], object], again: bool = False
    ) -> None:
        def inside() -> object:
            with self._context():
                return function()

        while not stop.is_set():
            told = self._logged(getattr(function, "__name__", "periodic call"), inside)
            if not (again and told):
                stop.wait(seconds)

    def _logged(self, what: str, function: Callable[[], Any]) -> Any:
        """Call it; an error (a database that is away for a minute) is logged and the loop goes on."""
        try:
            return function()
        except Exception as error:
            log.error("%s failed: %s", what, _place(error))
            return None


def _join(threads: list[threading.Thread], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _place(error: BaseException) -> str:
    """Type and place of an error. Not its text: it may quote what was worked on."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}"
