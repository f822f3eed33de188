"""Logins of class teachers: names in, slips out (C1-C4)."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import second_step, teacher_logins
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

_PREFIX = "name-"


@screens.get("/logins")
@does(Action.MAKE_TEACHER_LOGINS)
def logins() -> Response:
    """Every class with its teacher, and the slips that wait."""
    return _logins(None)


def _logins(error: str | None, typed: dict[UUID, str] | None = None, status: int = 200) -> Response:
    rows = teacher_logins.logins_of(guard.actor().place_id)
    return page("staff/logins.html", status=status, logins=rows, error=error, typed=typed or {})


@screens.post("/logins")
@does(Action.MAKE_TEACHER_LOGINS)
def name_teachers() -> Response:
    """Save the names that were filled in; those left blank change nothing."""
    names: dict[UUID, str] = {}
    for field, name in request.form.items():
        if field.startswith(_PREFIX) and (class_id := _id(field.removeprefix(_PREFIX))) is not None:
            names[class_id] = name
    try:
        teacher_logins.name_teachers(guard.actor(), names)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _logins(words(refusal), names, refusal.status)
    return go("staff.logins")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@screens.post("/logins/<uuid:class_id>/reset")
@does(Action.MAKE_TEACHER_LOGINS)
def reset_login(class_id: UUID) -> Response:
    """A new first password; the slip can then be printed."""
    second_step.require_recent(guard.actor())
    teacher_logins.reset_login(guard.actor(), class_id)
    return go("staff.logins")


@screens.post("/login-slips")
@does(Action.MAKE_TEACHER_LOGINS)
def login_slips() -> Response:
    """The slips of one class, or of all that have not changed their first password, as PDF."""
    second_step.require_recent(guard.actor())
    class_id, out = request.form.get("class", type=UUID), io.BytesIO()
    try:
        teacher_logins.print_slips(guard.actor(), out, [class_id] if class_id else None)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _logins(words(refusal), status=refusal.status)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("班主任登录条") + ".pdf")
