"""A pile of photos at once: chosen or taken, sent one after the other, and what became of them."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.place_settings import Switch
from portal.rules.roles import Level
from portal.services import pile_results, piles, quarantine, scan_files, transactions
from portal.services.piles import NotTaken
from portal.services.refusals import Refusal
from portal.teachers import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page
from portal.web.switched import off_page

PILE = "/pile/<uuid:pile_id>"


@screens.get("/pile")
@does(Action.SEND_PILE)
def pile() -> Response:
    """Begin a pile, and the earlier ones; registrars choose a class first."""
    return _begin(None)


def _begin(error: str | None, status: int = 200) -> Response:
    who = guard.actor()
    if who.level != Level.CLASS:
        return go("staff.piles_page")
    if (off := off_page(who.path, Switch.PILES)) is not None:
        return off
    return page(
        "teachers/pile.html", status=status, earlier=piles.earlier(who), error=error, most=piles.most_megabytes()
    )


@screens.post("/pile")
@does(Action.SEND_PILE)
def open_pile() -> Response:
    """Open a pile; a form that was sent without scripts brings its photos at once."""
    files = _files()
    if not files and not request.headers.get("HX-Request"):
        return _begin(_nothing(), 400)
    opened = piles.open_pile(guard.actor())
    return _add(opened.id, files) if files else go("teachers.pile_result", pile_id=opened.id)


@screens.get(PILE)
@does(Action.SEND_PILE)
def pile_result(pile_id: UUID) -> Response:
    """What became of a pile; while photos are being read the page asks again by itself."""
    return show_result(pile_id)


def show_result(pile_id: UUID, refused: list[NotTaken] | None = None, refusal: Refusal | None = None) -> Response:
    """The page of a pile; after files that were not taken, or an act that was refused, with the sentences on top."""
    if refusal is not None:
        transactions.undo()
    who = guard.actor()
    found = pile_results.result(who, pile_id)
    return page(
        "teachers/pile_result.html",
        part="teachers/_pile_result.html",
        status=refusal.status if refusal else 400 if refused else 200,
        found=found,
        unnamed={} if found.is_busy else quarantine.unnamed_of(who, pile_id),
        refused=[(one.nth, words(one.refusal)) for one in refused or ()],
        error=words(refusal) if refusal else None,
        most=piles.most_megabytes(),
    )


@screens.get(f"{PILE}/photos")
@does(Action.SEND_PILE)
def pile_more(pile_id: UUID) -> Response:
    """Choose photos for a pile that is open already."""
    return _more(pile_id, None)


def _more(pile_id: UUID, error: str | None, status: int = 200) -> Response:
    found = pile_results.result(guard.actor(), pile_id)
    most = piles.most_megabytes()
    return page("teachers/pile_more.html", status=status, found=found, error=error, most=most)


@screens.post(f"{PILE}/photos")
@does(Action.SEND_PILE)
def pile_add(pile_id: UUID) -> Response:
    """Take photos: one from the script, which asks until it is acknowledged, or as many as a form brings."""
    piles.find(guard.actor(), pile_id)
    files = _files()
    if not files:
        return _more(pile_id, _nothing(), 400)
    return _add(pile_id, files)


def _add(pile_id: UUID, files: list[bytes]) -> Response:
    who = guard.actor()
    if request.headers.get("HX-Request"):
        for data in files:
            piles.add(who, pile_id, data)
        return go("teachers.pile_result", pile_id=pile_id)
    refused = piles.add_many(who, pile_id, files)
    return show_result(pile_id, refused) if refused else go("teachers.pile_result", pile_id=pile_id)


def _files() -> list[bytes]:
    """The files of this request that hold anything."""
    return [data for data in (sent.read() for sent in request.files.getlist("photo")) if data]


def _nothing() -> str:
    return _("还没有选照片。请先选一张或者很多张。")


@screens.post("/pile/photo/<uuid:photo_id>/split")
@does(Action.SEND_PILE)
def split_again(photo_id: UUID) -> Response:
    """Have a file of scans split after all."""
    return go("teachers.pile_result", pile_id=scan_files.split_again(guard.actor(), photo_id))
