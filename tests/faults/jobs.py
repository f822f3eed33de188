"""A worker whose jobs leave one row each, to be killed in the middle of them."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, func, insert, select

from portal.jobs import Running, Worker, enqueue
from portal.jobs.table import job
from portal.jobs.table import metadata as job_metadata
from portal.models import guard_sqlite

effects = Table("effect", MetaData(), Column("serial", Integer, primary_key=True), Column("n", Integer))


def engine_of(address: str) -> Engine:
    engine = create_engine(address)
    guard_sqlite(engine)
    return engine


def put(engine: Engine, count: int) -> None:
    """So many jobs, on a database that has nothing yet."""
    job_metadata.create_all(engine)
    effects.metadata.create_all(engine)
    with engine.begin() as connection:
        for n in range(count):
            enqueue(connection, "leave-a-row", {"n": n}, "99", None)


def left(engine: Engine) -> int:
    """Jobs that are not done."""
    with engine.connect() as connection:
        return (
            connection.scalar(select(func.count()).select_from(job).where(job.c.state.in_(["queued", "running"]))) or 0
        )


def counted(engine: Engine) -> tuple[int, int, int, int]:
    """Jobs done and parked; jobs with an effect, and effects."""
    with engine.connect() as connection:
        states = {state: n for state, n in connection.execute(select(job.c.state, func.count()).group_by(job.c.state))}
        some, all_ = connection.execute(select(func.count(effects.c.n.distinct()), func.count())).one()
        return states.get("done", 0), states.get("failed", 0), some, all_


def work(address: str, broken: str = "") -> int:
    """Do jobs until killed; a `broken` worker writes the effect and the end of a job one after the other."""
    engine = engine_of(address)

    def leave_a_row(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.002)
        with engine.begin() as connection:
            connection.execute(insert(effects).values(n=arguments["n"]))
            if not broken:
                running.done(connection, {})
        time.sleep(0.002)
        return {}

    worker = Worker(engine, handlers={"leave-a-row": leave_a_row})
    worker.lease, worker.poll_seconds = timedelta(seconds=0.5), 0.05
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker.run(threading.Event())
    return 0


def _end_with_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)
