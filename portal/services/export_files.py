"""The file of an export: built after the release, its password told once, fetched once, gone after a day (sec-A35)."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from uuid import UUID

from sqlalchemy import and_, or_, select

from portal.files import BlobMissing, StoreFailed
from portal.jobs import enqueue
from portal.jobs import find as find_job
from portal.models import Export, db
from portal.rules.clock import now
from portal.rules.exports import OPEN, Kind, State
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import export_content, export_numbers, export_proof, findings_files, photos
from portal.services.exports import MOVED_ON, find, is_own
from portal.services.history import record
from portal.services.refusals import Away, NotYours, TooLate

JOB = "export_build"
_GONE = N_("文件已经不在了：取过一次，或者过了 24 小时。还要用，请重新申请。")


def withdraw(actor: Actor, export_id: UUID) -> None:
    """Take back what one has asked for and not fetched yet; a file that was built goes. Commits."""
    export = _own(actor, export_id)
    if export.state not in OPEN or (export.state == State.BUILDING and not has_failed(export)):
        raise TooLate(MOVED_ON)
    before, export.state = export.state, State.WITHDRAWN
    record(actor, export, "WITHDRAW_EXPORT", export.place_id, states=(before, State.WITHDRAWN), number=export.number)
    forget(export)


def build(actor: Actor, export_id: UUID) -> Export:
    """Have the file of a released export made, or made anew with another password while it was not fetched. Needs the
    second step. Commits."""
    export = _own(actor, export_id)
    export_proof.require(actor)
    if export.state == State.BUILDING and not has_failed(export):
        raise TooLate(MOVED_ON)
    if export.state not in (State.RELEASED, State.BUILT, State.BUILDING) or is_over(export):
        raise TooLate(_GONE)
    before, export.state, export.password = export.state, State.BUILDING, None
    export.job_id = enqueue(db.session, JOB, {"export": export.id.hex}, export.path, actor.user_id)
    told = export_numbers.told(export)
    record(actor, export, "BUILD_EXPORT", export.place_id, states=(before, State.BUILDING), **told)
    db.session.commit()
    return export


def has_failed(export: Export) -> bool:
    """Will no worker go on with the file?"""
    job = find_job(db.session, export.job_id) if export.job_id else None
    return job is None or job.state in ("failed", "cancelled")


def is_over(export: Export) -> bool:
    """Has the day since the release passed?"""
    return export.ends_at is not None and export.ends_at <= now()


def show_password(actor: Actor, export_id: UUID) -> str:
    """The password of a finished file: told once, then forgotten. Needs the second step. Commits."""
    export = _own(actor, export_id)
    export_proof.require(actor)
    if export.state != State.BUILT or is_over(export):
        raise TooLate(_GONE)
    password: str | None = export.password
    if password is None:
        raise TooLate(N_("密码只显示一次，已经看过了。没有记下来，请重新做一份文件，会有新的密码。"))
    export.password = None
    record(actor, export, "SHOW_EXPORT_PASSWORD", export.place_id, number=export.number)
    db.session.commit()
    return password


def fetch(actor: Actor, export_id: UUID) -> tuple[str, bytes]:
    """(file name, locked .xlsx), once: the file goes with this. Needs the second step and that the password has been
    seen. Commits. `TooLate` once it is gone, `Away` while the store cannot be reached."""
    export = _own(actor, export_id)
    export_proof.require(actor)
    if export.state != State.BUILT or export.address is None or is_over(export):
        raise TooLate(_GONE)
    if export.password is not None:
        raise TooLate(N_("先看密码，再取文件：文件只能取一次。"))
    content = _content(export.address, export.place_id)
    if hashlib.sha256(content).digest() != export.digest:
        raise Away(N_("文件坏了，没有给您。请重新做一份。"))
    export.state, export.fetched_at = State.FETCHED, now()
    if export.kind == Kind.REGISTRATION:
        findings_files.note_listed(actor, [UUID(one) for one in export.choice["children"]])
    told, name = export_numbers.told(export), export_content.file_name(export)
    record(actor, export, "FETCH_EXPORT", export.place_id, states=(State.BUILT, State.FETCHED), **told)
    forget(export)
    return name, content


def _content(address: str, place_id: UUID) -> bytes:
    try:
        return photos.content_of(address, place_id, None)
    except (BlobMissing, KeyError):
        raise TooLate(_GONE) from None


def _own(actor: Actor, export_id: UUID) -> Export:
    export = find(actor, export_id, lock=True)
    if not is_own(actor, export):
        raise NotYours(N_("只有申请的人能取这份文件。"))
    return export


def forget(export: Export) -> None:
    """Remove the file and the password of an export whose state has been set; of what nobody fetched also the ids.
    Commits before and after: a row that still names a file is swept again."""
    address, export.password = export.address, None
    if export.state != State.FETCHED:
        export.pupils = None
    db.session.commit()
    if address is None:
        return
    with suppress(StoreFailed):
        photos.remove(address)
        export.address = None
        db.session.commit()


def sweep() -> int:
    """End what nobody went on with in time and remove files that nobody may fetch any more; how many. Called by the
    worker. Commits."""
    moment, count = now(), 0
    late = and_(Export.state.in_(OPEN), Export.ends_at <= moment)
    left = and_(Export.state.not_in(OPEN), Export.address.is_not(None))
    ids = list(db.session.scalars(select(Export.id).where(or_(late, left))))
    db.session.rollback()
    for export_id in ids:
        export = db.session.get_one(Export, export_id, with_for_update=True, populate_existing=True)
        if export.state in OPEN and not is_over(export):
            db.session.rollback()
            continue
        if export.state in OPEN:
            before, export.state = export.state, State.ENDED
            states = (before, State.ENDED)
            record(None, export, "END_EXPORT", export.place_id, states=states, number=export.number)
        forget(export)
        count += 1
    return count
