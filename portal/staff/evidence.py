"""Files of applications: pictures and pages of PDFs in the page, everything else only as a download (sec-A28)."""

from __future__ import annotations

import io
from uuid import UUID

from flask import send_file, url_for
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.applications import ApplicationKind
from portal.rules.codes import table
from portal.services import application_documents, applications
from portal.staff import screens
from portal.web import guard, pictures
from portal.web.guard import does
from portal.web.page import page


@screens.get("/evidence/<uuid:evidence_id>")
@does(Action.SEE_APPLICATIONS)
def evidence_file(evidence_id: UUID) -> Response:
    """One file in a page: its pictures, or a button that downloads it."""
    who = guard.actor()
    file, application_id, pages = application_documents.file(who, evidence_id)
    return page(
        "staff/applications/file.html",
        file=file,
        pages=pages,
        kinds=table("evidence_type"),
        back=_back(application_id) if may(who, Action.APPLY) else None,
    )


def _back(application_id: UUID) -> str | None:
    """The school's screen of the application that a file belongs to."""
    found = applications.find(guard.actor(), application_id)
    if found.kind == ApplicationKind.IDENTITY:
        return url_for("staff.identity_pupil", pupil_id=found.pupil_id)
    if found.kind == ApplicationKind.DELETION:
        return url_for("staff.deletion", application_id=found.id) if may(guard.actor(), Action.APPLY_DELETION) else None
    return url_for("staff.application", application_id=found.id)


@screens.get("/evidence/<uuid:evidence_id>/pages/<int:number>/<any(page, small):size>.jpg")
@does(Action.SEE_APPLICATIONS)
def evidence_page(evidence_id: UUID, number: int, size: str) -> Response:
    """A picture, or one page of a PDF as a picture of our own making."""
    return pictures.jpeg(application_documents.picture(guard.actor(), evidence_id, number, large=size == "page"))


@screens.post("/evidence/<uuid:evidence_id>/download")
@does(Action.SEE_APPLICATIONS)
def evidence_download(evidence_id: UUID) -> Response:
    """A DOC, DOCX or RAR, never shown by the browser itself; a post, because each time is written down."""
    name, data = application_documents.download(guard.actor(), evidence_id)
    answer = send_file(io.BytesIO(data), "application/octet-stream", as_attachment=True, download_name=name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
