"""Looking a sheet through: its picture with the written boxes, then accept it or send it back with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.place_settings import Switch
from portal.services import checking, classes, lineage, looking, new_codes, place_settings, transactions
from portal.services.refusals import Refusal
from portal.services.sheets import CAUSES
from portal.teachers import screens
from portal.teachers.forms import CheckForm, SendBackForm, version_of
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page
from portal.web.pictures import jpeg

_ACTS = (Action.CHECK_SHEET, Action.UPLOAD_FOR_FAMILY, Action.TICK_RETURNED, Action.SET_CAUSE, Action.RESET_CODE)


@screens.get("/sheet/<uuid:sheet_id>")
@does(Action.SEE_SHEET)
def sheet(sheet_id: UUID) -> Response:
    """One sheet of the class."""
    return show(sheet_id)


def show(sheet_id: UUID, refusal: Refusal | None = None) -> Response:
    """The sheet's page, after a refusal with its sentence; asked by htmx only the answer to the newest photo."""
    if refusal is not None:
        if refusal.status == 404:
            raise refusal
        transactions.undo()
    who = guard.actor()
    found = looking.look(who, sheet_id, "en" if str(get_locale()) == "en" else "zh")
    return page(
        "teachers/sheet.html",
        part="teachers/_newest.html",
        status=refusal.status if refusal else 200,
        look=found,
        walk=looking.walk(who, found),
        papers=lineage.papers_of(who, sheet_id),
        accepted=looking.accepted(who, request.args.get("done", type=UUID)),
        error=words(refusal) if refusal else None,
        check=CheckForm(formdata=None, version=found.version, signed=False),
        back=SendBackForm(formdata=None, version=found.version),
        causes=CAUSES,
        code_used_up=new_codes.is_used_up(who, sheet_id),
        can={action.value: may(who, action) for action in _ACTS},
        upload_off=None if place_settings.is_on(who.path, Switch.TEACHER_UPLOAD) else Switch.TEACHER_UPLOAD.off_words,
    )


@screens.post("/sheet/<uuid:sheet_id>/check")
@does(Action.CHECK_SHEET)
def check(sheet_id: UUID) -> Response:
    """Accept, and on to the next that waits."""
    form = CheckForm()
    try:
        done = checking.check(guard.actor(), sheet_id, version_of(form), form.eyes())
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return _onward(done.class_id, sheet_id, accepted=True)


@screens.post("/sheet/<uuid:sheet_id>/undo")
@does(Action.CHECK_SHEET)
def undo_check(sheet_id: UUID) -> Response:
    """Take the last acceptance back, and look at that sheet again."""
    try:
        checking.undo_check(guard.actor(), sheet_id)
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return go("teachers.sheet", sheet_id=sheet_id)


@screens.post("/sheet/<uuid:sheet_id>/send-back")
@does(Action.CHECK_SHEET)
def send_back(sheet_id: UUID) -> Response:
    """Back to the family, and on to the next that waits."""
    form = SendBackForm()
    try:
        done = checking.send_back(guard.actor(), sheet_id, version_of(form), form.sentence())
    except Refusal as refusal:
        return show(sheet_id, refusal)
    return _onward(done.class_id, sheet_id)


def _onward(class_id: UUID, sheet_id: UUID, accepted: bool = False) -> Response:
    """The next sheet that waits, else the class; `done` lets that page take the acceptance back."""
    following = looking.next_waiting(guard.actor(), class_id, sheet_id)
    done = sheet_id if accepted else None
    if following is None:
        return go("teachers.class_list", class_id=class_id, done=done)
    return go("teachers.sheet", sheet_id=following, done=done)


@screens.get("/photo/<uuid:photo_id>/page.jpg")
@does(Action.SEE_SHEET)
def page_image(photo_id: UUID) -> Response:
    """The flattened page of a photo."""
    return jpeg(classes.page_image(guard.actor(), photo_id))


@screens.get("/photo/<uuid:photo_id>/<string(maxlength=40):item>.jpg")
@does(Action.SEE_SHEET)
def crop(photo_id: UUID, item: str) -> Response:
    """What was written in one box."""
    return jpeg(classes.crop(guard.actor(), photo_id, item))
