"""The job that makes the file of an export: complete, marked and locked, or none at all (sec-R18)."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from portal.files.chunks import measure
from portal.jobs import Running, handler
from portal.models import Export, User, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.clock import now
from portal.rules.exports import State
from portal.services import export_content, export_locks, export_numbers, photos
from portal.services.export_files import JOB, is_over
from portal.services.history import record


@handler(JOB)
def build_file(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Make the file of an export that waits for it; nothing for one that was taken back, is over, or whose asker has
    left meanwhile."""
    export_id = UUID(arguments["export"])
    return build_now(export_id, running)


def build_now(export_id: UUID, running: Running | None = None) -> dict[str, Any]:
    """Make the file of an export; {"rows": how many}. Commits. Until the row says that the file is built nobody can
    fetch it; a file without such a row is found by its address and removed."""
    export = db.session.get(Export, export_id)
    if export is None or not _is_wanted(export):
        return {}
    moment = now()
    made = export_content.make(export, moment)
    if running is not None:
        db.session.rollback()
        running.progress(len(made.pupils), len(made.pupils))
    password = export_locks.new_password()
    content = export_locks.locked(made.data, password)
    _stored(export_id, content)
    export = _locked(export_id)
    if not _is_wanted(export):
        return {}
    export_numbers.noted(export, content, made.pupils)
    export.state, export.built_at, export.password = State.BUILT, moment, password
    states = (State.BUILDING, State.BUILT)
    record(None, export, "EXPORT_BUILT", export.place_id, states=states, **export_numbers.told(export))
    if running is not None:
        running.done(db.session, {"rows": export.rows})
    rows = export.rows
    db.session.commit()
    return {"rows": rows}


def _is_wanted(export: Export) -> bool:
    user = db.session.get(User, export.by_id) if export.by_id else None
    return export.state == State.BUILDING and not is_over(export) and user is not None and user.ended_at is None


def _stored(export_id: UUID, content: bytes) -> None:
    """Keep the file. The row names its address first, so that a worker killed in between leaves nothing that is not
    found again; what an earlier attempt left goes."""
    export = _locked(export_id)
    number, key = key_for(export.place_id)
    scope = scope_of(export.place_id, None)
    earlier, export.address = export.address, measure(io.BytesIO(content), scope, key).address
    db.session.commit()
    if earlier is not None:
        photos.remove(earlier)
    photos.store().put(scope, content, key, number)


def _locked(export_id: UUID) -> Export:
    return db.session.get_one(Export, export_id, with_for_update=True, populate_existing=True)
