"""Documents of applications on the screen: who sees them, and that it is written down (R102, sec-A34).

Whoever may decide on the application now must look at them; everybody else does so within the budget of full views.
"""

from __future__ import annotations

from uuid import UUID

from portal.models import Application, Evidence, User, db
from portal.rules.roles import Actor
from portal.services import lists, photos, reviewing, viewing
from portal.services.application_evidence import MOST_PAGES, SHOWN, File, drawn, file_of, files_of, may_see
from portal.services.history import record
from portal.services.refusals import NotFound
from portal.services.thumbnails import EVIDENCE_WIDTH, small


def look(actor: Actor, found: Application) -> None:
    """Somebody is about to be shown documents of this application large enough to be read: written down once a day.
    Commits; raises `TooMany` when the budget is used up."""
    decides = reviewing.is_reviewer(actor, found) and actor.user_id not in reviewing.own_hands(found)
    viewing.look(actor, found, viewing.EVIDENCE, rows=0 if decides else 1)


def look_at_shown(actor: Actor, found: Application) -> None:
    """The same for a page with all documents of an application, where some are pictures."""
    if any(one.is_shown for one in files_of(found)):
        look(actor, found)


def file(actor: Actor, evidence_id: UUID) -> tuple[File, UUID, int]:
    """(the file, its application, how many pages it has to show: 0 for a download) to look at."""
    row, found = _find(actor, evidence_id)
    if row.format in SHOWN:
        look(actor, found)
    user = db.session.get(User, row.by_id) if row.by_id else None
    shown = file_of(row, {user.id: user.name or ""} if user else {})
    pages = 1 if shown.is_picture else drawn(_content(row), 0)[0] if shown.is_shown else 0
    return shown, found.id, pages


def picture(actor: Actor, evidence_id: UUID, page: int, large: bool) -> bytes:
    """A page of a picture or PDF, from 1 on, as a JPEG of our own making; raises `NotFound` for anything else."""
    row, found = _find(actor, evidence_id)
    if row.format not in SHOWN or not 1 <= page <= (1 if row.format == "JPG" else MOST_PAGES):
        raise NotFound
    if large:
        look(actor, found)
    whole = _content(row) if row.format == "JPG" else drawn(_content(row), page - 1)[1]
    if not whole:
        raise NotFound
    return whole if large else small(whole, EVIDENCE_WIDTH)


def download(actor: Actor, evidence_id: UUID) -> tuple[str, bytes]:
    """(name, bytes) of a DOC, DOCX or RAR, for a download only; raises `NotFound` for what is shown as pictures."""
    row, found = _find(actor, evidence_id)
    if row.format in SHOWN:
        raise NotFound
    look(actor, found)
    record(actor, row, "DOWNLOAD_EVIDENCE", row.school_id, format=row.format)
    data = _content(row)
    db.session.commit()
    return row.name or f"evidence.{row.format.lower()}", data


def _find(actor: Actor, evidence_id: UUID) -> tuple[Evidence, Application]:
    """A file of an application that the actor may see, and that application; raises `NotFound` for every other."""
    row = lists.find(actor, Evidence, evidence_id)
    if row.removed_at is not None or row.application_id is None:
        raise NotFound
    found = db.session.get_one(Application, row.application_id)
    if not may_see(actor, found):
        raise NotFound
    return row, found


def _content(row: Evidence) -> bytes:
    return photos.content_of(row.address, row.school_id, row.round_id)
