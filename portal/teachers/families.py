"""Families of the class: who waits for consent, help with a password, a wrong claim undone."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from flask import request, send_file
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.numbers import grouped
from portal.services import family_help, transactions
from portal.services.refusals import Refusal
from portal.teachers import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

GUARDIAN = "/guardian/<uuid:guardianship_id>"


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.context_processor
def waiting_guardians() -> dict[str, Any]:
    """Every page of a class may say that guardians wait; counted only where it is asked for."""
    who = guard.current_actor()
    allowed = who is not None and may(who, Action.DECIDE_GUARDIANS)
    return {"count_waiting": lambda: family_help.count_waiting(who) if allowed and who else 0}


@screens.get("/requests")
@does(Action.DECIDE_GUARDIANS)
def requests() -> Response:
    """Second guardians who wait for consent."""
    return _requests()


def _requests(refusal: Refusal | None = None) -> Response:
    if refusal is not None:
        transactions.undo()
    return page(
        "teachers/requests.html",
        status=refusal.status if refusal else 200,
        found=family_help.waiting(guard.actor(), _language()),
        error=words(refusal) if refusal else None,
    )


@screens.post(f"{GUARDIAN}/decide")
@does(Action.DECIDE_GUARDIANS)
def decide(guardianship_id: UUID) -> Response:
    """Agree, or refuse with a reason."""
    agreed = request.form.get("decision") == "yes"
    try:
        family_help.decide(guard.actor(), guardianship_id, agreed, request.form.get("reason", "")[:500])
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _requests(refusal)
    return go("teachers.requests")


@screens.get("/sheet/<uuid:sheet_id>/family")
@does(Action.HELP_FAMILY)
def family(sheet_id: UUID) -> Response:
    """The claimed guardians of one pupil and what can be done for them."""
    return _family(sheet_id)


def _family(sheet_id: UUID, error: str | None = None, status: int = 200) -> Response:
    who = guard.actor()
    sheet, found = family_help.of_sheet(who, sheet_id, _language())
    return page("teachers/family.html", status=status, sheet_id=sheet.id, found=found, error=error)


@screens.post(f"{GUARDIAN}/password")
@does(Action.HELP_FAMILY)
def reset_password(guardianship_id: UUID) -> Response:
    """A one-time password, shown once and in no address."""
    sheet_id, phone, password = family_help.reset_password(guard.actor(), guardianship_id)
    return page(
        "teachers/family_password.html",
        sheet_id=sheet_id,
        phone=phone,
        password=password,
        guardianship_id=guardianship_id,
    )


@screens.post(f"{GUARDIAN}/password-slip")
@does(Action.HELP_FAMILY)
def password_slip(guardianship_id: UUID) -> Response:
    """The one-time password as a slip for the child to take home, a PDF."""
    out = io.BytesIO()
    family_help.print_slip(guard.actor(), guardianship_id, out)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("临时密码") + ".pdf")


@screens.post(f"{GUARDIAN}/end")
@does(Action.HELP_FAMILY)
def end(guardianship_id: UUID) -> Response:
    """Undo a wrong claim; the new code is shown once."""
    who = guard.actor()
    try:
        ended = family_help.end(who, guardianship_id, request.form.get("reason", "")[:500])
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _family(family_help.sheet_behind(who, guardianship_id), words(refusal), refusal.status)
    if ended.code is None:
        return go("web.home")
    return page("teachers/new_code.html", sheet_id=ended.sheet_id, name=ended.name, code=grouped(ended.code))
