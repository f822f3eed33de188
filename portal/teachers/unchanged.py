""" "Nothing written and signed": confirmed in one press, with one question on each sheet that has been drawn."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import transactions
from portal.services import unchanged as service
from portal.services.refusals import NotFound, Refusal
from portal.teachers import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

ANSWERS = {"nothing": False, "written": True}


@screens.get("/<uuid:class_id>/unchanged")
@does(Action.CHECK_SHEET)
def unchanged(class_id: UUID) -> Response:
    """What can be confirmed together, and the drawn sheets to be looked at."""
    return _show(class_id)


def _show(class_id: UUID, refusal: Refusal | None = None) -> Response:
    given = {} if refusal is None else _answers()
    status = 200
    if refusal is not None:
        transactions.undo()
        status = refusal.status
    found = service.page_of(guard.actor(), class_id)
    missed = request.args.get("missed", 0, type=int)
    wrong = words(refusal) if refusal else None
    return page("teachers/unchanged.html", status=status, found=found, given=given, missed=missed, wrong=wrong)


@screens.post("/<uuid:class_id>/unchanged")
@does(Action.CHECK_SHEET)
def confirm_unchanged(class_id: UUID) -> Response:
    """Keep what was seen on the drawn sheets and accept the others with them."""
    try:
        done = service.confirm(guard.actor(), class_id, _versions(), _answers())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(class_id, refusal)
    if done.missed:
        return go("teachers.unchanged", class_id=class_id, missed=done.missed)
    return go("teachers.class_list", class_id=class_id)


def _versions() -> dict[UUID, int]:
    """The sheets of the page with the version each had on it; a text that is none does not exist."""
    try:
        pairs = [text.split(":") for text in request.form.getlist("sheet")]
        return {UUID(sheet_id): int(version) for sheet_id, version in pairs}
    except ValueError:
        raise NotFound from None


def _answers() -> dict[UUID, bool]:
    """Drawn sheet -> whether there is writing on it; what was not answered is not in it."""
    found = {}
    for name, text in request.form.items():
        start, _dash, sheet_id = name.partition("-")
        if start == "look" and text in ANSWERS:
            try:
                found[UUID(sheet_id)] = ANSWERS[text]
            except ValueError:
                raise NotFound from None
    return found
