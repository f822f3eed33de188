"""Files of proofs of identity and of deletions: several at once, of one kind, added to a draft."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import request
from flask_babel import get_locale

from portal.rules.codes import table
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import application_evidence, transactions
from portal.services.refusals import Refusal


def evidence_words(code: str) -> str:
    """A kind of evidence in the language of the page."""
    return table("evidence_type").label(code, "en" if str(get_locale()) == "en" else "zh")


def tried(act: Callable[[], object]) -> Refusal | None:
    """Do something and return why it was refused, with nothing of it done; what does not exist is no answer here."""
    try:
        act()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return refusal
    return None


def add(actor: Actor, draft: Callable[[], UUID]) -> None:
    """Keep the files of the request for the draft; `draft` finds or makes it, once there is a file and a kind.

    Raises `Refusal` without either, and for the first file that is not taken; those before it are kept.
    """
    files = [one for one in request.files.getlist("file") if one.filename]
    if not files:
        raise Refusal(N_("还没有选文件。先选文件，再点上传。"))
    kind = request.form.get("kind", "")
    if kind not in table("evidence_type").offered:
        raise Refusal(N_("请先选是哪一种证明材料。"))
    application_id = draft()
    for one in files:
        application_evidence.send(actor, application_id, "", kind, one.filename or "", one.read())
