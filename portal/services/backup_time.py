"""Is a backup being made? Then no file is removed: what was named when it began must still be there when it ends."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import insert, select, update

from portal.jobs.queue import LEASE, utc_now
from portal.jobs.table import job
from portal.keys import random_id
from portal.models import Deployment, db, writing
from portal.models.base import looking
from portal.services.refusals import TooLate

KIND = "backup"
_RUNNING = (job.c.kind == KIND) & (job.c.state == "running")


def under_way(moment: datetime | None = None) -> bool:
    """Is one being made somewhere? A backup that was killed counts for a minute."""
    living = select(job.c.id).where(_RUNNING, job.c.lease_until > (moment or utc_now()))
    with looking(), db.engine.connect() as connection:  # apart: whoever asks may be holding a transaction, or none
        return connection.execute(living.limit(1)).first() is not None


@contextmanager
def marked() -> Iterator[str]:
    """The time of a backup, in the table of jobs; its id. `TooLate` while another one is being made. Commits."""
    moment, own = utc_now(), random_id().hex
    row = {"id": own, "kind": KIND, "arguments": {}, "place_path": "", "state": "running", "progress": 0,
           "progress_of": 0, "note": "", "error": "", "created_at": moment, "started_at": moment, "attempts": 1,
           "lease_until": moment + LEASE, "worker": f"{socket.gethostname()[:40]}:{os.getpid()}"}  # fmt: skip
    db.session.rollback()
    with writing():
        db.session.execute(select(Deployment.number).with_for_update())  # of two that begin at once one looks first
        if under_way(moment):
            db.session.rollback()
            raise TooLate("a backup is being made already")
        db.session.execute(insert(job).values(**row))
        db.session.commit()
    stop, engine = threading.Event(), db.engine

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            with writing(), engine.begin() as connection:
                connection.execute(update(job).where(job.c.id == own).values(lease_until=utc_now() + LEASE))

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    ended = "failed"
    try:
        yield own
        ended = "done"
    finally:
        stop.set()
        thread.join()
        db.session.rollback()
        with writing(), engine.begin() as connection:
            connection.execute(update(job).where(job.c.id == own).values(state=ended, finished_at=utc_now()))


def last_done() -> datetime | None:
    """When the last backup ended well."""
    query = select(job.c.finished_at).where(job.c.kind == KIND, job.c.state == "done")
    row = db.session.execute(query.order_by(job.c.finished_at.desc()).limit(1)).first()
    return row[0] if row else None
