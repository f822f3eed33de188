"""A sheet and the application made from it: which items go into it, what is bound to it, what is free again (G8, H1).

Locks are taken in one order everywhere: the sheet, the pupil, the application.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from portal.models import Application, Change, Evidence, Pupil, Sheet, db
from portal.rules.applications import REFUSED, ApplicationState
from portal.rules.clock import now
from portal.rules.items import KEY_DATA
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import place_settings
from portal.services.application_checks import evidence_of
from portal.services.history import record

_ENTERED = (SheetState.ENTERED, SheetState.VERIFIED, SheetState.ARCHIVED)


def waiting_changes(sheet: Sheet) -> list[Change]:
    """The changes of key data and controlled items of a sheet that no application holds and nobody has decided."""
    controlled = place_settings.controlled_items(sheet.path)
    return [
        change
        for change in sheet.changes
        if change.item in (*KEY_DATA, *controlled)
        and change.application_id is None
        and change.outcome in ("open", "applied_for")
    ]


def mark(actor: Actor, change: Change) -> None:
    """Note that a change goes its way through leader and authority. The caller has locked the sheet and commits."""
    change.outcome, change.entered_by_id, change.entered_at = "applied_for", actor.user_id, now()
    change.reason, change.claimed_by_id, change.claimed_until = None, None, None
    record(actor, change, "CHANGE_APPLIED_FOR", change.school_id, item=change.item)


def bind(found: Application, changes: list[Change]) -> None:
    """Put changes of a sheet, and the photos of documents that its family sent, to an application. The caller has
    locked the sheet and commits."""
    for change in changes:
        change.application_id = found.id
    if found.sheet_id is None or found.sheet_id != (changes[0].sheet_id if changes else None):
        return
    withdrawn = select(Application.id).where(Application.state == ApplicationState.WITHDRAWN)
    free = Evidence.application_id.is_(None) | Evidence.application_id.in_(withdrawn)
    mine = (Evidence.sheet_id == found.sheet_id, Evidence.removed_at.is_(None), free)
    db.session.execute(update(Evidence).where(*mine).values(application_id=found.id, path=found.path))


def lock_of(application_id: UUID) -> Sheet | None:
    """The sheet an application was made from, locked before the application is; None for one made by hand."""
    query = select(Sheet).join(Application, Application.sheet_id == Sheet.id).where(Application.id == application_id)
    return db.session.scalar(query.with_for_update(of=Sheet).execution_options(populate_existing=True))


def lock_pupil_of(application_id: UUID) -> None:
    """Lock the sheets and the pupil of an application, for a caller who is about to lock the application itself."""
    of = (Application.id == application_id,)
    theirs = select(Sheet.id).join(Application, Application.pupil_id == Sheet.pupil_id).where(*of)
    db.session.execute(theirs.order_by(Sheet.id).with_for_update(of=Sheet))
    pupil = select(Pupil.id).join(Application, Application.pupil_id == Pupil.id).where(*of)
    db.session.execute(pupil.with_for_update(of=Pupil))


def release(found: Application, items: frozenset[str] | None = None) -> None:
    """Changes (of these items, else all) are no longer in an application: they are open again until the sheet has been
    entered, and wait for another application after that. The caller has locked the sheet and commits."""
    for change in db.session.scalars(select(Change).where(Change.application_id == found.id)):
        if items is None or change.item in items:
            change.application_id = None
            change.outcome = "applied_for" if change.sheet.state in _ENTERED else "open"


def follow(actor: Actor, old: Application, made: Application, sheet: Sheet | None) -> None:
    """What belonged to a refused application belongs to the one made after it; so does what has been waiting since one
    between them was given up. The caller has locked the sheet and commits."""
    db.session.execute(update(Change).where(Change.application_id == old.id).values(application_id=made.id))
    waiting = [change for change in waiting_changes(sheet) if change.item in made.items] if sheet is not None else []
    bind(made, waiting)
    for change in waiting:
        if change.outcome != "applied_for":
            mark(actor, change)


def copy_files(old: Application, made: Application) -> None:
    """The files of a refused application go along with the one made after it. The caller commits."""
    for one in evidence_of(old):
        own = {"school_id": one.school_id, "round_id": one.round_id, "path": made.path, "format": one.format}
        same = {"kind": one.kind, "item": one.item, "address": one.address, "size": one.size, "by_id": one.by_id}
        copy = Evidence(application_id=made.id, at=one.at, **own, **same)
        copy.name = one.name
        db.session.add(copy)


@dataclass(frozen=True)
class Way:
    """How the application of a change stands: `place` decides now or has decided, `since` when it came there; `opinion`
    is why it was refused."""

    application_id: UUID
    state: ApplicationState
    since: datetime
    place: str
    opinion: str


def ways_of(change_ids: Collection[UUID]) -> dict[UUID, Way]:
    """Change -> how its application stands, for those that are in one."""
    query = select(Change.id, Application).join(Application, Application.id == Change.application_id)
    return {change_id: _way(found) for change_id, found in db.session.execute(query.where(Change.id.in_(change_ids)))}


def _way(found: Application) -> Way:
    state, opinion = ApplicationState(found.state), found.opinion or {}
    at_authority = state in (ApplicationState.WITH_AUTHORITY, ApplicationState.REFUSED_BY_AUTHORITY)
    at_authority = at_authority or (state == ApplicationState.GRANTED and not found.at_school)
    place = found.authority.name if at_authority and found.authority else found.school.name
    why = opinion.get("authority" if at_authority else "leader", "") if state in REFUSED else ""
    return Way(found.id, state, found.since, place, why)
