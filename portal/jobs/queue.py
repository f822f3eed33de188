"""Putting jobs into the table, taking them out, ending them. Each step is one conditional statement.

A job is done at least once: its handler must be able to run again, or end the job in its own transaction
(`Running.done`). A worker that was killed loses its lease, and the job is taken up again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, or_, select, update

from portal.jobs import notes
from portal.jobs.table import job
from portal.keys import random_id

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
_FIRST_PAUSE = timedelta(seconds=5)
#: no lease or pause is longer: one that seems to be was given before the clock was put back
_NEVER_LONGER = timedelta(hours=1)
_LONGEST_TEXT = 200


class Executes(Protocol):
    """A SQLAlchemy connection or session."""

    def execute(self, statement: Any, /) -> Any:
        """Run one statement in its transaction."""


@dataclass(frozen=True)
class Job:
    """One row of the table. Times are UTC; `progress` of `progress_of` steps are done (0 of 0: unknown)."""

    id: str
    kind: str
    arguments: dict[str, Any]
    place_path: str
    asked_by: str | None
    state: str
    progress: int
    progress_of: int
    result: dict[str, Any] | None
    note: str
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_until: datetime
    attempts: int
    worker: str | None


_COLUMNS = [job.c[field.name] for field in fields(Job)]


def utc_now() -> datetime:
    """The clock of jobs unless another is given."""
    return datetime.now(UTC)


def enqueue(
    connection: Executes,
    kind: str,
    arguments: Mapping[str, Any],
    place_path: str,
    asked_by: UUID | str | None,
    of: int = 0,
) -> str:
    """Put a job into the table, in the caller's transaction; its id (32 hexadecimal digits).

    `arguments` hold ids, numbers and short words only, no personal data (ValueError): the row is neither sealed nor
    removed with its round. `place_path` is the place it belongs to and `asked_by` the user who may see it.
    """
    _check_arguments(arguments)
    job_id, now = random_id().hex, utc_now()
    row = {
        "id": job_id,
        "kind": kind,
        "arguments": dict(arguments),
        "place_path": place_path,
        "asked_by": None if asked_by is None else plain_id(asked_by),
        "state": "queued",
        "progress": 0,
        "progress_of": of,
        "note": "",
        "error": "",
        "created_at": now,
        "lease_until": now,
        "attempts": 0,
    }
    connection.execute(insert(job).values(**row))
    return job_id


def claim(
    engine: Engine, worker: str, kinds: Collection[str], now: datetime | None = None, lease: timedelta = LEASE
) -> Job | None:
    """Take the oldest job of these kinds that waits or whose lease ran out; None if there is none.

    No two workers ever get the same one: it is a single conditional UPDATE. A job whose worker was lost five times is
    parked as failed instead.
    """
    now = now or utc_now()
    free = or_(job.c.lease_until <= now, job.c.lease_until > now + _NEVER_LONGER)
    may = and_(job.c.kind.in_(list(kinds)), job.c.state.in_(["queued", "running"]), free)
    oldest = select(job.c.id).where(may).order_by(job.c.created_at, job.c.id).limit(1)
    taken = {
        "state": "running",
        "worker": worker,
        "attempts": job.c.attempts + 1,
        "lease_until": now + lease,
        "started_at": now,
    }
    chosen = job.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
    parked = _ended("failed", now, note=notes.INTERRUPTED)
    with engine.begin() as connection:
        connection.execute(update(job).where(may, job.c.attempts >= MOST_ATTEMPTS).values(**parked))
        row = connection.execute(update(job).where(chosen, may).values(**taken).returning(*_COLUMNS)).one_or_none()
    return None if row is None else Job(*row)


def finish(connection: Executes, taken: Job, result: Mapping[str, Any], now: datetime | None = None) -> bool:
    """Keep the result of a job. False, and nothing is changed, if it was cancelled or taken up by another worker."""
    ended = _ended("done", now or utc_now(), result=dict(result))
    if taken.progress_of:
        ended["progress"] = job.c.progress_of
    return _change(connection, taken, ended)


def fail(connection: Executes, taken: Job, error: str, note: str = "", now: datetime | None = None) -> bool:
    """A job went wrong: try again after a pause (5, 20, 80, 320 s), or end it as failed.

    It ends at the fifth attempt, or at once when a `note` for people is given. `error` is for operators: type and
    place, never the text of an error. False if the job is no longer this worker's.
    """
    now = now or utc_now()
    if note or taken.attempts >= MOST_ATTEMPTS:
        return _change(connection, taken, _ended("failed", now, note=note or notes.FAILED, error=error))
    pause = _FIRST_PAUSE * 4 ** (taken.attempts - 1)
    return _change(connection, taken, {"state": "queued", "worker": None, "lease_until": now + pause, "error": error})


def release(connection: Executes, taken: Job, now: datetime | None = None) -> bool:
    """Give a job back unfinished, for a worker that stops: taken up again at once, and this attempt does not count."""
    back = {"state": "queued", "worker": None, "lease_until": now or utc_now(), "attempts": taken.attempts - 1}
    return _change(connection, taken, back)


def renew(connection: Executes, taken: Job, until: datetime) -> bool:
    """Hold a job longer. False if it was cancelled or taken up by another worker."""
    return _change(connection, taken, {"lease_until": until})


def report(connection: Executes, taken: Job, progress: int, of: int | None, until: datetime) -> bool:
    """Write how far a job is, and hold it longer. False if it is no longer this worker's."""
    values: dict[str, Any] = {"progress": progress, "lease_until": until}
    if of is not None:
        values["progress_of"] = of
    return _change(connection, taken, values)


def is_mine(connection: Executes, taken: Job) -> bool:
    """Is this job still running, in this attempt of this worker?"""
    return connection.execute(select(job.c.id).where(_mine(taken))).first() is not None


def cancel(connection: Executes, job_id: UUID | str, now: datetime | None = None) -> bool:
    """End a job that waits or runs, in the caller's transaction. False if it has ended already or does not exist."""
    open_one = and_(job.c.id == plain_id(job_id), job.c.state.in_(["queued", "running"]))
    return bool(
        connection.execute(update(job).where(open_one).values(**_ended("cancelled", now or utc_now()))).rowcount
    )


def find(connection: Executes, job_id: UUID | str) -> Job | None:
    """A job by its id. Whether its `place_path` and `asked_by` fit the person is asked by the caller."""
    row = connection.execute(select(*_COLUMNS).where(job.c.id == plain_id(job_id))).one_or_none()
    return None if row is None else Job(*row)


def recent(connection: Executes, place_path: str, limit: int = 50) -> list[Job]:
    """The newest jobs of a place and what is below it."""
    below = job.c.place_path.startswith(place_path, autoescape=True)
    rows = connection.execute(select(*_COLUMNS).where(below).order_by(job.c.created_at.desc(), job.c.id).limit(limit))
    return [Job(*row) for row in rows]


def forget(connection: Executes, before: datetime) -> int:
    """Delete jobs that ended before a moment; how many."""
    return int(connection.execute(delete(job).where(job.c.finished_at < before)).rowcount)


def plain_id(one: UUID | str) -> str:
    """An id as the table keeps it: 32 hexadecimal digits. ValueError if it is none."""
    return (one if isinstance(one, UUID) else UUID(one)).hex


def _mine(taken: Job) -> ColumnElement[bool]:
    return and_(
        job.c.id == taken.id,
        job.c.state == "running",
        job.c.worker == taken.worker,
        job.c.attempts == taken.attempts,
    )


def _change(connection: Executes, taken: Job, values: dict[str, Any]) -> bool:
    return bool(connection.execute(update(job).where(_mine(taken)).values(**values)).rowcount)


def _ended(state: str, now: datetime, **values: Any) -> dict[str, Any]:
    return {"state": state, "finished_at": now, **values}


def _check_arguments(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str | int | bool | None) or (isinstance(one, str) and len(one) > _LONGEST_TEXT):
                raise ValueError(f"the argument {name!r} of a job is no id, number or short word")
