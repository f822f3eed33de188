"""Documents of applications on the screen: who sees them, and that it is written down (R102, sec-A34).

A reader to whom the application waits for a decision must look at them; everybody else does so within the budget of
full views.
"""

from __future__ import annotations

from uuid import UUID

from portal.models import Application, Evidence, User, db
from portal.rules.roles import Actor
from portal.services import lists, photos, reviewing, viewing
from portal.services.application_evidence import MOST_PAGES, File, drawn, file_of, may_see
from portal.services.history import record
from portal.services.refusals import NotFound
from portal.services.thumbnails import EVIDENCE_WIDTH, small


def look(actor: Actor, found: Application) -> None:
    """Somebody is about to be shown documents of this application large enough to be read: written down once a day.
    Commits; raises `TooMany` when the budget is used up."""
    viewing.look(actor, found, viewing.EVIDENCE, rows=0 if reviewing.is_reviewer(actor, found) else 1)


def _seen(actor: Actor, evidence_id: UUID, large: bool = True) -> Evidence:
    """A file of an application that the actor may see; raises `NotFound` for every other. A `large` look counts."""
    row = lists.find(actor, Evidence, evidence_id)
    if row.removed_at is not None or row.application_id is None:
        raise NotFound
    found = db.session.get_one(Application, row.application_id)
    if not may_see(actor, found):
        raise NotFound
    if large:
        look(actor, found)
    return row


def file(actor: Actor, evidence_id: UUID) -> tuple[File, UUID, int]:
    """(the file, its application, how many pages it has to show: 0 for a download) to look at."""
    row = _seen(actor, evidence_id)
    assert row.application_id is not None
    user = db.session.get(User, row.by_id) if row.by_id else None
    shown = file_of(row, {user.id: user.name or ""} if user else {})
    pages = 1 if shown.is_picture else drawn(_content(row), 0)[0] if shown.is_shown else 0
    return shown, row.application_id, pages


def picture(actor: Actor, evidence_id: UUID, page: int, large: bool) -> bytes:
    """A page of a picture or PDF, from 1 on, as a JPEG of our own making; raises `NotFound` for anything else."""
    row = _seen(actor, evidence_id, large)
    if row.format == "JPG" and page == 1:
        whole = _content(row)
    elif row.format == "PDF" and 1 <= page <= MOST_PAGES:
        whole = drawn(_content(row), page - 1)[1]
    else:
        raise NotFound
    if not whole:
        raise NotFound
    return whole if large else small(whole, EVIDENCE_WIDTH)


def download(actor: Actor, evidence_id: UUID) -> tuple[str, bytes]:
    """(name, bytes) of a DOC, DOCX or RAR, for a download only; raises `NotFound` for what is shown as pictures."""
    row = _seen(actor, evidence_id)
    if row.format in ("JPG", "PDF"):
        raise NotFound
    record(actor, row, "DOWNLOAD_EVIDENCE", row.school_id, format=row.format)
    data = _content(row)
    db.session.commit()
    return row.name or f"evidence.{row.format.lower()}", data


def _content(row: Evidence) -> bytes:
    return photos.content_of(row.address, row.school_id, row.round_id)
