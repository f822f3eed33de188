"""The file of a print run: sealed until it is fetched, for an hour after that, and never longer than the hand-out.

The row names the address before the file is stored, so that a worker killed in between leaves nothing that cannot be
found again: `sweep` removes every file whose run does not need it any more.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.files import BlobMissing, StoreFailed
from portal.files.chunks import measure
from portal.jobs import Job, LeaseLost
from portal.jobs import find as find_job
from portal.models import Leaf, PrintRun, Round, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.clock import now, today
from portal.rules.words import N_
from portal.services import photos
from portal.services.refusals import TooLate

#: how long a file stays after it was fetched first: a download may break off
KEPT_AFTER_FETCH = timedelta(hours=1)
#: so long after its end a job's worker can no longer be writing
_QUIET = timedelta(minutes=15)
_IN_MEMORY = 16 * 1024 * 1024
_GONE = N_("这一批的文件已经不在了：下载一小时以后、下发以后就删掉。要再印，请重新打印。")


def spool() -> tempfile.SpooledTemporaryFile[bytes]:
    """Where a file grows: in memory, then in a file without a name that nobody else can open."""
    folder = Path(current_app.extensions["portal.settings"].var) / "spool"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(folder))


def keep(run_id: UUID, file: BinaryIO) -> str:
    """Put the finished file into the store, sealed with the key of school and round; returns its address. Commits.

    Raises `LeaseLost` when the run was stopped meanwhile.
    """
    run = _locked(run_id)
    if run.state != "printing":
        db.session.rollback()
        raise LeaseLost(run_id.hex)
    number, key = key_for(run.school_id, run.round_id)
    scope = scope_of(run.school_id, run.round_id)
    earlier, run.address = run.address, measure(file, scope, key).address
    address = run.address
    db.session.commit()
    if earlier not in (None, address):
        photos.remove(cast(str, earlier))
    return photos.store().put(scope, file, key, number).address


def drop(run_id: UUID, address: str) -> None:
    """A worker that lost its run takes back what it stored, unless another worker's file is the same. Commits."""
    db.session.rollback()
    run = _locked(run_id)
    if run.address == address and run.state != "cancelled":
        db.session.rollback()
        return
    photos.remove(address)
    if run.address == address:
        run.address = None
    db.session.commit()


def content(run: PrintRun) -> bytes:
    """The PDF of a finished run; raises `TooLate` once it is gone."""
    if run.state != "done" or run.address is None or is_spent(run):
        raise TooLate(_GONE)
    try:
        return photos.content_of(run.address, run.school_id, run.round_id)
    except (BlobMissing, KeyError):
        raise TooLate(_GONE) from None


def is_there(run: PrintRun) -> bool:
    """Can the file of a run be fetched?"""
    return run.state == "done" and run.address is not None and not is_spent(run)


def kept_until(run: PrintRun) -> datetime | None:
    """When a file that was fetched goes at the latest."""
    return run.fetched_at + KEPT_AFTER_FETCH if run.fetched_at else None


def is_spent(run: PrintRun) -> bool:
    """Does nobody need the file of this run any more?"""
    if run.state != "done":
        return _is_over(run)
    until = kept_until(run)
    if run.handed_out_at is not None or (until is not None and until <= now()):
        return True
    in_use = select(Leaf.number).where(Leaf.run_id == run.id, Leaf.revoked_at.is_(None)).limit(1)
    return db.session.get_one(Round, run.round_id).ends < today() or db.session.scalar(in_use) is None


def _is_over(run: PrintRun) -> bool:
    """Was the run stopped or given up, long enough ago that no worker is at it?"""
    job: Job | None = find_job(db.session, run.job_id) if run.job_id else None
    ended = job.finished_at if job else run.at
    return ended is not None and ended <= now() - _QUIET


def remove_spent(run_id: UUID) -> bool:
    """Remove the file of a run if nobody needs it; true when it went. Commits. What was done before stands when the
    store is away for a minute: the next sweep finds the file again."""
    run = _locked(run_id)
    if run.address is None or not is_spent(run):
        db.session.rollback()
        return False
    try:
        photos.remove(run.address)  # first the file: a row that still names it is only looked at again
    except StoreFailed:
        db.session.rollback()
        return False
    run.address = None
    db.session.commit()
    return True


def sweep() -> int:
    """Remove all files that no run needs any more; how many. Called by the worker and by a command. Commits."""
    ids = list(db.session.scalars(select(PrintRun.id).where(PrintRun.address.is_not(None))))
    db.session.rollback()
    return sum(remove_spent(run_id) for run_id in ids)


def _locked(run_id: UUID) -> PrintRun:
    query = select(PrintRun).where(PrintRun.id == run_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
