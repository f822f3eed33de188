"""Deletion of records that were made by mistake: choosing the pupil, the application, removing a refused entry (M)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.applications import ApplicationState
from portal.rules.deletions import PROOFS
from portal.services import application_evidence, applications, deletions, lists, transactions
from portal.services.refusals import Refusal
from portal.staff import proof_files, screens
from portal.staff.proof_files import evidence_words, tried
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

LOOKS = {
    ApplicationState.DRAFTED: "changed",
    ApplicationState.WITH_LEADER: "waiting",
    ApplicationState.WITH_AUTHORITY: "waiting",
    ApplicationState.GRANTED: "accepted",
    ApplicationState.REFUSED_BY_LEADER: "refused",
    ApplicationState.REFUSED_BY_AUTHORITY: "refused",
    ApplicationState.WITHDRAWN: "past",
    ApplicationState.CLEARED: "past",
}


@screens.get("/deletions")
@does(Action.APPLY_DELETION)
def deletions_page() -> Response:
    """What is under way and what was; with a class its pupils to choose from."""
    who, class_id = guard.actor(), request.args.get("class", type=UUID)
    found = deletions.of_class(who, class_id) if class_id else None
    return _list(found=found, class_id=class_id)


@screens.post("/deletions")
@does(Action.APPLY_DELETION)
def deletions_find() -> Response:
    """Find a pupil by name; sent by post, because a name belongs in no address."""
    name = request.form.get("name", "").strip()[:60]
    return _list(found=deletions.named(guard.actor(), name) if name else None, name=name)


def _list(**more: Any) -> Response:
    who = guard.actor()
    open_, ended = deletions.list_of(who)
    values: dict[str, Any] = {"open": open_, "ended": ended, "classes": lists.classes_of(who.place_id), "looks": LOOKS}
    return page("staff/deletions.html", **{"found": None, "class_id": None, "name": ""} | values | more)


@screens.get("/deletions/pupil/<uuid:pupil_id>")
@does(Action.APPLY_DELETION)
def deletion_new(pupil_id: UUID) -> Response:
    """One pupil: whether the record may be deleted, and why it should."""
    return _new(pupil_id)


def _new(pupil_id: UUID, status: int = 200, **more: Any) -> Response:
    chosen = deletions.chosen(guard.actor(), pupil_id)
    return page("staff/deletion_new.html", status=status, chosen=chosen, **more)


@screens.post("/deletions/pupil/<uuid:pupil_id>")
@does(Action.APPLY_DELETION)
def deletion_make(pupil_id: UUID) -> Response:
    """Draft the application."""
    reason = request.form.get("reason", "")
    try:
        made = deletions.draft(guard.actor(), pupil_id, reason)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _new(pupil_id, refusal.status, given=reason, error=words(refusal))
    return go("staff.deletion", application_id=made.id)


@screens.get("/deletions/<uuid:application_id>")
@does(Action.APPLY_DELETION)
def deletion(application_id: UUID) -> Response:
    """One application: where it is, its reason and files, what can be done."""
    return _one(application_id)


def _one(application_id: UUID, status: int = 200, **more: Any) -> Response:
    view = deletions.view_of(guard.actor(), application_id)
    values: dict[str, Any] = {"view": view, "files": application_evidence.files_of(view.application), "looks": LOOKS}
    offered = [(kind, evidence_words(kind)) for kind in PROOFS]
    return page("staff/deletion.html", status=status, kinds=offered, evidence_words=evidence_words, **values, **more)


@screens.post("/deletions/<uuid:application_id>/files")
@does(Action.APPLY_DELETION)
def deletion_upload(application_id: UUID) -> Response:
    """Add files to a draft."""
    who = guard.actor()
    own = deletions.find(who, application_id)
    refusal = tried(lambda: proof_files.add(who, lambda: own.id))
    if refusal is not None:
        return _one(application_id, refusal.status, file_error=words(refusal))
    return go("staff.deletion", application_id=application_id)


@screens.post("/deletions/<uuid:application_id>/files/<uuid:evidence_id>/remove")
@does(Action.APPLY_DELETION)
def deletion_remove_file(application_id: UUID, evidence_id: UUID) -> Response:
    """Take a file away again."""
    who = guard.actor()
    own = deletions.find(who, application_id)
    refusal = tried(lambda: application_evidence.remove(who, own.id, evidence_id))
    if refusal is not None:
        return _one(application_id, refusal.status, file_error=words(refusal))
    return go("staff.deletion", application_id=application_id)


@screens.post("/deletions/<uuid:application_id>/reason")
@does(Action.APPLY_DELETION)
def deletion_reason(application_id: UUID) -> Response:
    """Write the reason of a draft anew."""
    who, reason = guard.actor(), request.form.get("reason", "")
    own = deletions.find(who, application_id)
    refusal = tried(lambda: applications.draft(who, own.id, request.form.get("version", 0, type=int), {}, reason))
    if refusal is not None:
        return _one(application_id, refusal.status, given=reason, error=words(refusal))
    return go("staff.deletion", application_id=application_id)


@screens.post('/deletions/<uuid:application_id>/<any(send, "take-back", withdraw, clear):move>')
@does(Action.APPLY_DELETION)
def deletion_move(application_id: UUID, move: str) -> Response:
    """Send it to the leader, take it back, give it up, or remove the entry of a refused one."""
    who = guard.actor()
    own = deletions.find(who, application_id)
    act = getattr(applications, move.replace("-", "_"))
    refusal = tried(lambda: act(who, own.id, request.form.get("version", 0, type=int)))
    if refusal is not None:
        return _one(application_id, refusal.status, error=words(refusal))
    return go("staff.deletion", application_id=application_id)
