"""Pupils without a resident ID number and foreign pupils: what is missing, certificates to print, files, the number."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from flask import request, send_file
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.codes import table
from portal.rules.identity_proofs import ProofState
from portal.services import application_evidence, applications, identity_certificates, identity_proofs, transactions
from portal.services.identity_certificates import NO_ID, ON_ROLL
from portal.services.identity_proofs import HAS, NONE
from portal.services.refusals import NotFound, Refusal
from portal.staff import proof_files, screens
from portal.staff.printing import posted_ids
from portal.staff.proof_files import evidence_words, tried
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

LOOKS = {
    ProofState.MISSING: "not_yet",
    ProofState.DRAFTED: "changed",
    ProofState.UPLOADED: "waiting",
    ProofState.REFUSED: "refused",
    ProofState.APPROVED: "accepted",
}


def document_words(code: str) -> str:
    """A type of document in the language of the page."""
    lang = "en" if str(get_locale()) == "en" else "zh"
    return table("id_document_type").label(code, lang) if code else _("没有登记")


_WORDS = {"document_words": document_words, "evidence_words": evidence_words, "looks": LOOKS}


@screens.get("/identity")
@does(Action.SEE_PROOFS)
def identity() -> Response:
    """Everybody who needs a proof, by class, with what is missing."""
    return _list()


def _list(error: str | None = None, status: int = 200) -> Response:
    who, class_id = guard.actor(), request.args.get("class", type=UUID)
    state = next((one for one in ProofState if one.value == request.args.get("state")), None)
    number = request.args.get("number") if request.args.get("number") in (HAS, NONE) else None
    found = identity_proofs.list_of(who, class_id, number, state)
    chosen = {"class": class_id.hex if class_id else None, "number": number, "state": state.value if state else None}
    values: dict[str, Any] = {
        "found": found,
        "chosen": chosen,
        "states": list(LOOKS),
        "error": error,
        "can": _can(),
        **_WORDS,
    }
    return page("staff/identity.html", status=status, **values)


def _can() -> dict[str, bool]:
    return {"print": may(guard.actor(), Action.PRINT_CERTIFICATES), "apply": may(guard.actor(), Action.APPLY)}


@screens.post("/identity/certificates")
@does(Action.PRINT_CERTIFICATES)
def identity_certificates_pdf() -> Response:
    """Certificates of the ticked pupils as one PDF; a post, because each is written down."""
    kind, who = request.form.get("kind", NO_ID), guard.actor()
    try:
        of_class = [pupil for one in posted_ids("class") for pupil in identity_proofs.to_print(who, one)]
        content = identity_certificates.print_for(who, kind, of_class or posted_ids("pupil"))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _list(words(refusal), refusal.status)
    name = identity_certificates.TITLES[kind]
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=f"{name}.pdf")


@screens.get("/identity/<uuid:pupil_id>")
@does(Action.SEE_PROOFS)
def identity_pupil(pupil_id: UUID) -> Response:
    """One pupil: what would do, what is there, how far it is."""
    return _pupil(pupil_id)


def _pupil(pupil_id: UUID, status: int = 200, **more: Any) -> Response:
    view = identity_proofs.view_of(guard.actor(), pupil_id)
    kinds = (NO_ID, ON_ROLL) if not view.proof.has_number else (ON_ROLL,)
    certificates = [(kind, evidence_words(kind)) for kind in kinds if kind in view.proof.kinds]
    files = application_evidence.files_of(view.application) if view.application else []
    offered = [(kind, evidence_words(kind)) for kind in (*view.proof.kinds, "OTHER")]
    values: dict[str, Any] = {"view": view, "can": _can(), "certificates": certificates, "files": files, **_WORDS}
    values["kinds"] = offered
    return page("staff/identity_pupil.html", status=status, **values, **more)


@screens.post("/identity/<uuid:pupil_id>/files")
@does(Action.APPLY)
def identity_upload(pupil_id: UUID) -> Response:
    """Add files to the proof; the first one begins it, after a refusal anew."""
    who = guard.actor()
    refusal = tried(lambda: proof_files.add(who, lambda: identity_proofs.draft_of(who, pupil_id).id))
    if refusal is not None:
        return _pupil(pupil_id, refusal.status, file_error=words(refusal))
    return go("staff.identity_pupil", pupil_id=pupil_id)


@screens.post("/identity/<uuid:pupil_id>/files/<uuid:evidence_id>/remove")
@does(Action.APPLY)
def identity_remove_file(pupil_id: UUID, evidence_id: UUID) -> Response:
    """Take a file away again."""
    who = guard.actor()
    own = identity_proofs.view_of(who, pupil_id).application
    if own is None:
        raise NotFound
    refusal = tried(lambda: application_evidence.remove(who, own.id, evidence_id))
    if refusal is not None:
        return _pupil(pupil_id, refusal.status, file_error=words(refusal))
    return go("staff.identity_pupil", pupil_id=pupil_id)


@screens.post('/identity/<uuid:pupil_id>/<any(send, "take-back", withdraw):move>')
@does(Action.APPLY)
def identity_move(pupil_id: UUID, move: str) -> Response:
    """Send a proof to the leader, take it back, or give it up."""
    who = guard.actor()
    own = identity_proofs.view_of(who, pupil_id).application
    if own is None:
        return _pupil(pupil_id, 409, error=_("还没有材料。先上传，再送出。"))
    act = getattr(applications, move.replace("-", "_"))
    refusal = tried(lambda: act(who, own.id, request.form.get("version", 0, type=int)))
    if refusal is not None:
        return _pupil(pupil_id, refusal.status, error=words(refusal))
    return go("staff.identity_pupil", pupil_id=pupil_id)


@screens.post("/identity/<uuid:pupil_id>/number")
@does(Action.APPLY)
def identity_number(pupil_id: UUID) -> Response:
    """The resident ID number is known now: a key-data change is drafted with it."""
    typed = request.form.get("id_number", "")[:40]
    try:
        made = identity_proofs.number_known(guard.actor(), pupil_id, typed)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _pupil(pupil_id, refusal.status, typed=typed, number_error=words(refusal))
    return go("staff.application", application_id=made.id)
