"""The small acts on one sheet: a photo for a family, the paper ticked in, a cause, a new code."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.numbers import grouped
from portal.rules.words import N_
from portal.services import checking, classes, new_codes
from portal.services.refusals import Refusal
from portal.teachers import screens
from portal.teachers.sheet import show
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.post("/sheet/<uuid:sheet_id>/upload")
@does(Action.UPLOAD_FOR_FAMILY)
def upload(sheet_id: UUID) -> Response:
    """Send a photo for a family (E7); the answer stands on the sheet's page."""
    sent = request.files.get("photo")
    data = sent.read() if sent else b""
    try:
        if not data:
            raise Refusal(N_("还没有选照片。请先拍一张或者选一张。"))
        classes.upload(guard.actor(), sheet_id, data)
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return go("teachers.sheet", sheet_id=sheet_id)


@screens.post("/sheet/<uuid:sheet_id>/returned")
@does(Action.TICK_RETURNED)
def tick(sheet_id: UUID) -> Response:
    """The paper is back, or not after all."""
    try:
        classes.tick(guard.actor(), sheet_id, request.form.get("returned") == "yes")
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return go("teachers.sheet", sheet_id=sheet_id)


@screens.post("/sheet/<uuid:sheet_id>/cause")
@does(Action.SET_CAUSE)
def cause(sheet_id: UUID) -> Response:
    """Why nothing comes from this family."""
    try:
        classes.set_cause(guard.actor(), sheet_id, request.form.get("cause", ""))
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return go("teachers.sheet", sheet_id=sheet_id)


@screens.post("/sheet/<uuid:sheet_id>/code")
@does(Action.RESET_CODE)
def reset_code(sheet_id: UUID) -> Response:
    """A new registration code, shown once and in no address (E8)."""
    name, code = new_codes.reset_code(guard.actor(), sheet_id)
    return page("teachers/new_code.html", sheet_id=sheet_id, name=name, code=grouped(code))


@screens.post("/sheet/<uuid:sheet_id>/code-slip")
@does(Action.RESET_CODE)
def code_slip(sheet_id: UUID) -> Response:
    """The present code as a slip to hand over, a PDF."""
    out = io.BytesIO()
    try:
        new_codes.print_slip(guard.actor(), sheet_id, out)
    except Refusal as refusal:
        return show(sheet_id, refusal)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("注册码") + ".pdf")


@screens.post("/photo/<uuid:photo_id>/recognise")
@does(Action.CHECK_SHEET)
def recognise(photo_id: UUID) -> Response:
    """Say whether a photo that the machine could not name is this pupil's sheet."""
    sheet = checking.recognise(guard.actor(), photo_id, request.form.get("is_it") == "yes")
    return go("teachers.sheet", sheet_id=sheet.id)
