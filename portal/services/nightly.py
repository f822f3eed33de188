"""Every night the worker looks whether files and rows belong together; in a week each file and value is opened once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.files import StoreFailed
from portal.jobs import Running, enqueue, handler
from portal.jobs.queue import utc_now
from portal.jobs.table import job
from portal.models import db
from portal.rules.clock import local, now
from portal.services import backup_time, verifying
from portal.services.history import record_deployment

KIND = "verify"
HOURS = range(1, 5)
"""Hours of the night in which it begins."""
NOT_BEFORE = timedelta(hours=20)
PARTS = 7


@dataclass(frozen=True)
class Look:
    """One look at everything that is kept: when it ended, what was counted; `faults` and `strangers` should be 0."""

    at: datetime
    files: int
    opened: int
    values: int
    faults: int
    strangers: int
    removed: int

    @property
    def is_clean(self) -> bool:
        """Does everything belong together?"""
        return not self.faults


def ask(moment: datetime | None = None, always: bool = False) -> bool:
    """Put tonight's look into the table of jobs, once; called by the worker. `always`: by day, too. Commits."""
    moment = moment or now()
    if not always and local(moment).hour not in HOURS:
        return False
    recent = select(job.c.id).where(job.c.kind == KIND, job.c.created_at > moment - NOT_BEFORE)
    if db.session.execute(recent.limit(1)).first() is not None:
        db.session.rollback()
        return False
    enqueue(db.session, KIND, {"part": local(moment).toordinal() % PARTS}, "", None)
    db.session.commit()
    return True


@handler(KIND)
def look(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Look at all files, open a seventh of them, and remove what no row has named for a day. What is wrong is written
    into the history and shown to the province until a later look finds nothing."""
    try:
        found = verifying.verify(part=(int(arguments["part"]), PARTS), told=running.progress)
    except StoreFailed:
        db.session.rollback()
        raise
    if found.strangers and not backup_time.under_way():
        verifying.remove_strangers(found)
    counts: dict[str, Any] = {
        "files": found.files,
        "opened": found.opened,
        "values": found.values_opened,
        "faults": found.faults,
        "strangers": len(found.strangers),
        "removed": found.removed,
    }
    record_deployment("VERIFY_FILES", **counts)
    running.done(db.session, counts)
    db.session.commit()
    return counts


def last() -> Look | None:
    """The last look that came to its end."""
    query = select(job.c.finished_at, job.c.result).where(job.c.kind == KIND, job.c.state == "done")
    row = db.session.execute(query.order_by(job.c.finished_at.desc()).limit(1)).first()
    return Look(row[0], **row[1]) if row else None


def is_late(look: Look | None, moment: datetime | None = None) -> bool:
    """Has nobody looked for two nights?"""
    return look is None or look.at < (moment or utc_now()) - timedelta(hours=50)
