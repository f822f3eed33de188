"""Large rosters in the worker: read and compared, or carried out, while the registrar may leave and come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.jobs import Running, enqueue, handler
from portal.jobs import find as find_job
from portal.models import Place, RosterImport, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Level, Role
from portal.services import photos, roster_reading, rosters
from portal.services.refusals import Refusal, TooLate
from portal.services.roster_files.refused import FileRefused

#: files up to this size (about 600 pupils) and reports up to so many rows are done while one waits
INLINE_BYTES = 200 * 1024
INLINE_ROWS = 600


@dataclass(frozen=True)
class Standing:
    """How far the worker is; `failed` when it has given up."""

    done: int
    total: int
    failed: bool


def submit(actor: Actor, file_name: str, data: bytes) -> RosterImport:
    """Look at a roster now, or leave a large one to the worker. Commits. Raises `FileRefused`."""
    if len(data) <= INLINE_BYTES:
        return rosters.preview(actor, file_name, data)
    row = rosters.keep_file(actor, file_name, data)
    _enqueue(actor, row, "roster_preview")
    return row


def submit_confirm(actor: Actor, import_id: UUID, leave_out_bad: bool) -> RosterImport:
    """Carry an import out now, or leave a large one to the worker. Commits. Raises as `rosters.confirm`."""
    row = rosters.find(actor, import_id)
    rosters.require_state(row, rosters.PREVIEW)
    rosters.require_decided(row, leave_out_bad)
    if row.report["rows"] <= INLINE_ROWS:
        return rosters.confirm(actor, import_id, leave_out_bad)
    if not rosters.claimed(row.id, rosters.PREVIEW, rosters.CONFIRMING):
        raise TooLate(rosters.ONCE)
    _enqueue(actor, row, "roster_confirm", leave_out_bad=leave_out_bad)
    return row


def _enqueue(actor: Actor, row: RosterImport, kind: str, **more: bool) -> None:
    row.job_id = enqueue(db.session, kind, {"import": row.id.hex, **more}, actor.path, actor.user_id)
    db.session.commit()


def standing_of(row: RosterImport) -> Standing | None:
    """How far the worker is with an import, or None when it is not in its hands."""
    if row.state not in (rosters.READING, rosters.CONFIRMING):
        return None
    job = find_job(db.session, row.job_id) if row.job_id else None
    if job is None or rosters.has_given_up(row):
        return Standing(0, 0, True)
    return Standing(job.progress, job.progress_of, False)


@handler("roster_preview")
def read_large(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Read and compare a roster that waits; a file that is none is told on its page."""
    row = db.session.get(RosterImport, UUID(arguments["import"]))
    if row is None or row.state != rosters.READING:
        return {}
    actor = _actor_of(row)
    try:
        table = roster_reading.read(row.file_name, rosters.content_of(row))
    except FileRefused as refused:
        row.state, row.done_at = rosters.REFUSED, now()
        row.report = {"refused": refused.text, "values": refused.values, "names": refused.names}
        db.session.commit()
        photos.remove(row.address)
        return {}
    running.progress(0, len(table.rows))
    try:
        rosters.look_at(actor, row, table, running.progress)
    except TooLate:
        db.session.rollback()  # put away meanwhile
    return {"rows": len(table.rows)}


@handler("roster_confirm")
def confirm_large(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out a roster that was confirmed; what stands in the way is told on its page, and nothing is imported."""
    row = db.session.get(RosterImport, UUID(arguments["import"]))
    if row is None or row.state != rosters.CONFIRMING:
        return {}
    try:
        rosters.confirm(_actor_of(row), row.id, arguments["leave_out_bad"], rosters.CONFIRMING)
    except Refusal as refusal:
        db.session.rollback()
        if rosters.claimed(row.id, rosters.CONFIRMING, rosters.PREVIEW) or row.state == rosters.PREVIEW:
            row.report = row.report | {"stopped": refusal.text}
        db.session.commit()
    return {}


def _actor_of(row: RosterImport) -> Actor:
    """Whoever asked, in the registrar's post of the school."""
    school = db.session.get_one(Place, row.school_id)
    return Actor(row.by_id, None, Role.REGISTRAR, Level.SCHOOL, school.id, school.path, "", school.name)
