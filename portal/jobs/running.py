"""The handlers of job kinds, and what a handler holds while its job runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from portal.jobs import queue
from portal.jobs.queue import Executes, Job

_BETWEEN_REPORTS = 0.5


class LeaseLost(Exception):
    """The job was cancelled, or another worker has it: undo what this attempt began."""


class GiveUp(Exception):
    """Trying again is of no use. `note` is a message id for people, without personal data."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


class Running:
    """A job in the hands of a handler.

    `progress` and `cancelled` use a transaction of their own: call them between yours, never inside one.
    """

    def __init__(
        self, engine: Engine, job: Job, lease: timedelta = queue.LEASE, clock: Callable[[], datetime] = queue.utc_now
    ) -> None:
        self.job = job
        self._engine, self._lease, self._clock = engine, lease, clock
        self._reported = 0.0
        self.moved_at = time.monotonic()

    def progress(self, n: int, of: int | None = None) -> None:
        """`n` steps are done (of `of`, if that was not known before). Cheap: written at most twice a second.

        LeaseLost if the job was cancelled meanwhile, so that a handler that reports need not ask.
        """
        self.moved_at = time.monotonic()
        if self._reported and self.moved_at - self._reported < _BETWEEN_REPORTS and n != (of or self.job.progress_of):
            return
        self._reported = self.moved_at
        with self._engine.begin() as connection:
            if not queue.report(connection, self.job, n, of, self._clock() + self._lease):
                raise LeaseLost(self.job.id)

    def cancelled(self) -> bool:
        """Was the job cancelled, or is it another worker's by now? Ask between steps and return when it is so."""
        with self._engine.begin() as connection:
            return not queue.is_mine(connection, self.job)

    def done(self, connection: Executes, result: Mapping[str, Any]) -> None:
        """End the job in the handler's own transaction: effect and end are written together or not at all.

        LeaseLost if the job is no longer this handler's: let it roll the transaction back.
        """
        if not queue.finish(connection, self.job, result, self._clock()):
            raise LeaseLost(self.job.id)

    def renew(self) -> bool:
        """Hold the job for another lease; the worker does it all the time. False if it is lost."""
        with self._engine.begin() as connection:
            return queue.renew(connection, self.job, self._clock() + self._lease)


Handler = Callable[[Running, dict[str, Any]], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind: `(running, arguments) -> result`, both plain JSON.

    It may run more than once for one job. Heavy decoding belongs into children, not into its thread.
    """

    def register(function: Handler) -> Handler:
        if HANDLERS.setdefault(kind, function) is not function:
            raise ValueError(f"two handlers for jobs of the kind {kind!r}")
        return function

    return register
