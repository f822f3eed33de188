"""The photo of a document that a change of key data needs: which one will do, send it, look at it, take it away."""

from __future__ import annotations

from uuid import UUID

from flask import g, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.parents import screens
from portal.rules.access import Action
from portal.rules.check_groups import group_of, label
from portal.rules.evidence import WORDS
from portal.services import evidence, family_check, transactions
from portal.services.refusals import Refusal
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import language
from portal.web.page import go, page
from portal.web.pictures import jpeg

DOCUMENTS = "/home/<uuid:child_id>/documents"


@screens.route(f"{DOCUMENTS}/<string(maxlength=40):item>", methods=["GET", "POST"])
@does(Action.SEND_DOCUMENT)
def document(child_id: UUID, item: str) -> Response:
    """Choose which document, take its photo and send it; what has been sent stands below."""
    if request.method == "GET":
        return _show(child_id, item)
    sent = request.files.get("photo")
    data = sent.read() if sent else b""
    if not data:
        return _show(child_id, item, _("还没有选照片。请先点上面的格子拍一张，或者选一张。"), 400)
    try:
        evidence.send(guard.actor(), child_id, item, request.form.get("kind", ""), data)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _show(child_id, item, words(refusal), refusal.status)
    return go("parents.document", child_id=child_id, item=item)


def _show(child_id: UUID, item: str, error: str | None = None, status: int = 200) -> Response:
    who = guard.actor()
    needed = evidence.needed(who, child_id, item)
    g.support = family_check.support_of(who, child_id)
    group = group_of(item)
    assert group is not None, "only items that families correct need documents"
    return page(
        "parents/document.html",
        status=status,
        item=label(item, language()),
        child_id=child_id,
        needed=needed,
        group=group,
        names={code: _(said) for code, said in WORDS.items()},
        chosen=request.form.get("kind"),
        error=error,
        is_checked=family_check.next_group(who, child_id) is None,
    )


@screens.post(f"{DOCUMENTS}/<uuid:evidence_id>/remove")
@does(Action.SEND_DOCUMENT)
def document_remove(child_id: UUID, evidence_id: UUID) -> Response:
    """Take an own picture away; back to the item it was sent for."""
    item = evidence.remove(guard.actor(), child_id, evidence_id)
    return go("parents.document", child_id=child_id, item=item)


@screens.get(f"{DOCUMENTS}/<uuid:evidence_id>/<any(page, small):size>.jpg")
@does(Action.SEND_DOCUMENT)
def document_picture(child_id: UUID, evidence_id: UUID, size: str) -> Response:
    """A picture for the guardian who sent it."""
    return jpeg(evidence.own_picture(guard.actor(), child_id, evidence_id, large=size == "page"))
