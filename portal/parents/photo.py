"""Sending the photo of the signed sheet, with or without an account, and the answer to it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.papers import PAPER, Paper
from portal.rules.access import Action
from portal.services import families, family_differences, transactions
from portal.services.refusals import NotFound, Refusal
from portal.web.errors import words
from portal.web.guard import current_actor, does
from portal.web.item_inputs import language
from portal.web.page import go, page
from portal.web.pictures import jpeg

RECEIPT = f"{PAPER}/photo/<string(length=8):receipt>"


@screens.route(f"{PAPER}/photo", methods=["GET", "POST"])
@does(Action.SEND_PHOTO)
def photo(door: str, key: str) -> Response:
    """Choose or take a photo and send it; the answer stands at the address of its receipt."""
    sending = request.method == "POST"
    with transactions.reading() if sending else nullcontext():  # phones that send at once only wait where they write
        paper = papers.find(door, key)
    if paper.opened.closed:
        return redirect(paper.url("landing"), 303)
    if sending:
        return _send(paper)
    return page("parents/photo.html", paper=paper, whose=paper.whose, error=None)


def _send(paper: Paper) -> Response:
    sent = request.files.get("photo")
    data = sent.read() if sent else b""
    if not data:
        return _again(paper, _("还没有选照片。请先点上面的格子拍一张，或者选一张。"), 400)
    try:
        receipt = families.send(paper.opened, data, paper.guardian)
    except NotFound:
        raise
    except Refusal as refusal:
        return _again(paper, words(refusal), refusal.status)
    papers.remember_receipt(receipt)
    return go("parents.answer", door=paper.door, key=paper.key, receipt=receipt)


def _again(paper: Paper, error: str, status: int) -> Response:
    return page("parents/photo.html", status=status, paper=paper, whose=paper.whose, error=error)


@screens.get(RECEIPT)
@does(Action.OPEN_SHEET_LINK)
def answer(door: str, key: str, receipt: str) -> Response:
    """What was seen on a photo, for the claimed guardian also where the screen says otherwise; while it waits the page
    asks again by itself."""
    paper = papers.find(door, key)
    found = families.answer(paper.opened, receipt, papers.may_see(paper, receipt))
    differs = family_differences.of_photo(current_actor(), paper.opened, receipt, language())
    told: dict[str, Any] = {"paper": paper, "whose": paper.whose, "answer": found, "differs": differs}
    return page("parents/answer.html", part="parents/_answer.html", **told)


@screens.get(f"{RECEIPT}/<any(page, small):size>.jpg")
@does(Action.OPEN_SHEET_LINK)
def photo_page(door: str, key: str, receipt: str, size: str) -> Response:
    """The flattened page, for the browser or guardian that sent it."""
    paper = _sender(door, key, receipt)
    return jpeg(families.picture(paper.opened, receipt, large=size == "page"))


@screens.get(f"{RECEIPT}/<string(maxlength=40):item>.jpg")
@does(Action.OPEN_SHEET_LINK)
def photo_crop(door: str, key: str, receipt: str, item: str) -> Response:
    """What was written in one box, for the browser or guardian that sent it."""
    paper = _sender(door, key, receipt)
    return jpeg(families.crop(paper.opened, receipt, item))


def _sender(door: str, key: str, receipt: str) -> Paper:
    paper = papers.find(door, key)
    if not papers.may_see(paper, receipt):
        raise NotFound
    return paper
