"""Quarantine: one page that no machine could name, and the acts that say whose it is."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.roles import Actor
from portal.services import classes, quarantine, thumbnails
from portal.services.refusals import NotFound, Refusal
from portal.teachers import screens
from portal.teachers.pile import show_result
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page
from portal.web.pictures import jpeg

PHOTO = "/pile/photo/<uuid:photo_id>"


@screens.get(PHOTO)
@does(Action.ASSIGN_PHOTO)
def pile_photo(photo_id: UUID) -> Response:
    """The page in large, and the pupils it may be of; a registrar chooses the class first."""
    found = quarantine.unnamed(guard.actor(), photo_id, request.args.get("class_id", type=UUID))
    return page("teachers/pile_photo.html", found=found)


@screens.get("/photo/<uuid:photo_id>/small.jpg")
@does(Action.SEE_SHEET)
def small_image(photo_id: UUID) -> Response:
    """The flattened page of a photo, small."""
    return jpeg(thumbnails.small(classes.page_image(guard.actor(), photo_id), thumbnails.PAGE_WIDTH))


@screens.post(f"{PHOTO}/assign")
@does(Action.ASSIGN_PHOTO)
def assign(photo_id: UUID) -> Response:
    """It is this pupil's."""
    return _done(photo_id, lambda who: quarantine.assign(who, photo_id, _sheet()), "assigned")


@screens.post(f"{PHOTO}/dismiss")
@does(Action.ASSIGN_PHOTO)
def dismiss(photo_id: UUID) -> Response:
    """It is no confirmation sheet."""
    return _done(photo_id, lambda who: quarantine.dismiss(who, photo_id), "strange")


@screens.post(f"{PHOTO}/undo")
@does(Action.ASSIGN_PHOTO)
def undo(photo_id: UUID) -> Response:
    """It is not this pupil's after all."""
    return _done(photo_id, lambda who: quarantine.undo(who, photo_id, _sheet()), "unknown")


def _done(photo_id: UUID, act: Callable[[Actor], UUID], part: str) -> Response:
    """Back to the pile; whoever was too late sees there what has become of the page."""
    who = guard.actor()
    pile_id = quarantine.pile_of(who, photo_id)
    try:
        act(who)
    except NotFound:
        raise
    except Refusal as refusal:
        return show_result(pile_id, refusal=refusal)
    return go("teachers.pile_result", pile_id=pile_id, _anchor=part)


def _sheet() -> UUID:
    found = request.form.get("sheet_id", type=UUID)
    if found is None:
        raise NotFound
    return found
