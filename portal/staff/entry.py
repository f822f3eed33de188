"""Entering what families wrote, sheet by sheet, with the handwriting beside each input."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.codes import table
from portal.rules.items import ITEMS, PARENT_ITEMS, Item
from portal.rules.problems import message_of
from portal.services import application_sheets, evidence, readings
from portal.services import entry as service
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.web import guard, pictures
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.get("/entry")
@does(Action.ENTER_CHANGES)
def entry() -> Response:
    """Classes with sheets to enter."""
    return page("staff/entry.html", queue=service.queue(guard.actor()))


@screens.get("/entry/next")
@does(Action.ENTER_CHANGES)
def entry_next() -> Response:
    """On to the next sheet, of one class when it is given."""
    class_id = request.args.get("class", type=UUID)
    sheet = service.next_sheet(guard.actor(), class_id)
    return go("staff.entry_sheet", sheet_id=sheet.id) if sheet else go("staff.entry")


@screens.get("/entry/sheet/<uuid:sheet_id>")
@does(Action.ENTER_CHANGES)
def entry_sheet(sheet_id: UUID) -> Response:
    """One sheet: its changes, each with crop, old value and one input."""
    return _sheet(sheet_id)


def _sheet(
    sheet_id: UUID, errors: dict[UUID, list[str]] | None = None, typed: dict[UUID, str] | None = None, status: int = 200
) -> Response:
    sheet = service.sheet_to_enter(guard.actor(), sheet_id)
    lines = service.lines_of(sheet, _lang())
    return page(
        "staff/entry_sheet.html",
        part="staff/_entry_sheet.html",
        status=status,
        sheet=sheet,
        lines=lines,
        ways=application_sheets.ways_of([line.change.id for line in lines]),
        options={line.item.code: _options(line.item) for line in lines},
        others=[ITEMS[code] for code in PARENT_ITEMS if code not in {line.item.code for line in lines}],
        errors=errors or {},
        typed=typed or {},
        lang=_lang(),
    )


def _options(item: Item) -> list[tuple[str, str]]:
    """Codes with their words for an item with a table that is short enough to choose from."""
    if not item.code_table or item.code_table == "country":
        return []
    codes = table(item.code_table)
    return [(code, codes.label(code, _lang())) for code in codes.codes]


@screens.post("/entry/change/<uuid:change_id>")
@does(Action.ENTER_CHANGES)
def entry_change(change_id: UUID) -> Response:
    """Save, refuse, or hand on one change; `do` says which."""
    who, raw = guard.actor(), request.form.get("value", "")
    version = request.form.get("version", type=int)
    sheet_id = service.sheet_of_change(who, change_id)
    try:
        match request.form.get("do", "save"):
            case "refuse":
                service.refuse_value(who, change_id, request.form.get("reason", ""), version)
            case "apply":
                service.apply_for(who, change_id, version)
            case "nothing":
                service.nothing_written(who, change_id, version)
            case _:
                service.enter_value(who, change_id, raw, version)
    except service.NotValid as refusal:
        sentences = [_(text) % values for text, values in (message_of(p, _lang()) for p in refusal.problems)]
        return _sheet(sheet_id, {change_id: sentences}, {change_id: raw}, 400)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _sheet(sheet_id, {change_id: [words(refusal)]}, {change_id: raw}, refusal.status)
    return go("staff.entry_sheet", sheet_id=sheet_id)


@screens.post("/entry/sheet/<uuid:sheet_id>/add")
@does(Action.ENTER_CHANGES)
def entry_add(sheet_id: UUID) -> Response:
    """Add an item that is written on the paper and was not seen by the machine."""
    service.add_change(guard.actor(), sheet_id, request.form.get("item", ""))
    return go("staff.entry_sheet", sheet_id=sheet_id)


@screens.post("/entry/sheet/<uuid:sheet_id>/finish")
@does(Action.ENTER_CHANGES)
def entry_finish(sheet_id: UUID) -> Response:
    """The sheet is done; on to the next of the class."""
    sheet = service.finish(guard.actor(), sheet_id)
    return go("staff.entry_next", **{"class": sheet.class_id})


@screens.get("/entry/change/<uuid:change_id>/crop.jpg")
@does(Action.ENTER_CHANGES)
def entry_crop(change_id: UUID) -> Response:
    """The handwriting of one item."""
    return pictures.jpeg(service.crop_of(guard.actor(), change_id))


@screens.get("/evidence/<uuid:evidence_id>/<any(page, small):size>.jpg")
@does(Action.SEE_SHEET)
def evidence_picture(evidence_id: UUID, size: str) -> Response:
    """The photo of a document that a family sent for a change of key data."""
    return pictures.jpeg(evidence.picture(guard.actor(), evidence_id, large=size == "page"))


@screens.get("/sheet/<uuid:sheet_id>/page.jpg")
@does(Action.SEE_SHEET)
def sheet_page(sheet_id: UUID) -> Response:
    """The flattened page of the photo that is shown for a sheet."""
    return pictures.jpeg(readings.page_of_sheet(guard.actor(), sheet_id))
