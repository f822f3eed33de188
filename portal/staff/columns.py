"""Column entry: one item's handwriting of a class or the whole school, row after row, with the keyboard alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.items import ITEMS, PARENT_ITEMS
from portal.rules.problems import message_of
from portal.rules.roles import Actor
from portal.rules.standards import STANDARDS
from portal.services import column_entry, column_undo, entry, finishing, letters, paper_places, transactions
from portal.services.column_entry import Whose
from portal.services.refusals import NotFound, Refusal
from portal.staff import column_inputs, screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, is_part, page, row_only

Errors = dict[UUID, list[str]]


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


def _class_id() -> UUID | None:
    return request.values.get("class", type=UUID)


@screens.get("/columns")
@does(Action.ENTER_CHANGES)
def columns() -> Response:
    """Which items wait, in a class or in the whole school."""
    who, class_id = guard.actor(), _class_id()
    return page(
        "staff/columns/index.html",
        heaps=column_entry.heaps(who, class_id),
        class_=column_entry.class_chosen(who, class_id),
        classes=entry.queue(who),
        done=finishing.done(who, class_id),
        lang=_lang(),
    )


@screens.post("/columns/open")
@does(Action.ENTER_CHANGES)
def columns_open() -> Response:
    """Take the next rows of an item and show them."""
    who, item, class_id = guard.actor(), request.form.get("item", ""), _class_id()
    column_entry.claim(who, item, class_id)
    if is_part():
        return _column(item, class_id)
    return go("staff.columns_item", item=item, **_chosen(class_id))


def _chosen(class_id: UUID | None) -> dict[str, Any]:
    return {"class": class_id} if class_id else {}


@screens.get("/columns/<item>")
@does(Action.ENTER_CHANGES)
def columns_item(item: str) -> Response:
    """The rows before the operator."""
    return _column(item, _class_id())


def _column(
    item: str,
    class_id: UUID | None,
    errors: Errors | None = None,
    typed: dict[UUID, str] | None = None,
    status: int = 200,
) -> Response:
    who = guard.actor()
    found = column_entry.column(who, item, class_id, _lang())
    return page(
        "staff/columns/column.html",
        part="staff/columns/_rows.html",
        status=status,
        column=found,
        heaps=column_entry.heaps(who, class_id),
        classes=entry.queue(who),
        done=finishing.done(who, class_id),
        standard=_(STANDARDS[item]),
        errors=errors or {},
        typed=typed or {},
        **_row_data(item),
    )


def _row_data(item: str) -> dict[str, Any]:
    return {
        "widget": column_inputs.widget_of(ITEMS[item], _lang()),
        "begins_with": column_inputs.begins_with,
        "spot": paper_places.on_page(item),
        "lang": _lang(),
    }


@screens.post("/columns/rows/<uuid:change_id>")
@does(Action.ENTER_CHANGES)
def columns_row(change_id: UUID) -> Response:
    """Save a row, call it unclear or empty, or take back what was done to it; `do` says which."""
    who, raw = guard.actor(), request.form.get("value", "")
    what = request.form.get("do", "save")
    version = request.form.get("version", 0, type=int)
    sentences: list[str] = []
    status, before = 200, column_entry.whose(who, change_id) if what == "nothing" else None
    try:
        _act(what, change_id, version, raw)
    except entry.NotValid as refusal:
        sentences, status = [_(text) % values for text, values in map(_told, refusal.problems)], 400
    except NotFound:
        raise
    except Refusal as refusal:
        sentences, status = [words(refusal)], refusal.status
    if sentences:
        transactions.undo()
    return _row(who, change_id, (what, sentences, raw, before), status)


def _told(found: Any) -> tuple[str, dict[str, Any]]:
    return message_of(found, _lang())


def _act(what: str, change_id: UUID, version: int, raw: str) -> None:
    who = guard.actor()
    match what:
        case "unclear":
            entry.mark_unclear(who, change_id, version)
        case "nothing":
            entry.nothing_written(who, change_id, version)
        case "undo":
            column_undo.undo(who, change_id)
        case _:
            code = request.form.get("item", "")
            item = ITEMS[code if code in PARENT_ITEMS else column_entry.item_of_row(who, change_id)]
            column_entry.save(who, change_id, version, column_inputs.meant(item, raw))


def _row(who: Actor, change_id: UUID, told: tuple[str, list[str], str, Whose | None], status: int) -> Response:
    """The row as it is now: as a part, or the page at the row."""
    what, sentences, raw, before = told
    class_id, gone = _class_id(), what == "nothing" and not sentences and not column_entry.is_there(who, change_id)
    row = None if gone else column_entry.row(who, change_id, _lang())
    item = row.change.item if row else request.form.get("item", "")
    if item not in ITEMS:
        raise NotFound
    if not is_part():
        if sentences:
            return _column(item, class_id, {change_id: sentences}, {change_id: raw}, status)
        address = url_for("staff.columns_item", item=item, **_chosen(class_id))
        return Response("", 303, {"Location": f"{address}#r{change_id.hex}"})
    shown: dict[str, Any] = {"change_id": change_id, "item": ITEMS[item], "class_id": class_id}
    if row is None:
        return row_only("staff/columns/_gone.html", gone=before, **shown, **_row_data(item))
    kept = {change_id: raw} if sentences or what == "undo" else {}
    more: dict[str, Any] = {"row": row, "errors": {change_id: sentences} if sentences else {}, "typed": kept}
    return row_only("staff/columns/_row.html", status=status, **shown, **more, **_row_data(item))


@screens.post("/columns/finish")
@does(Action.ENTER_CHANGES)
def columns_finish() -> Response:
    """Hand on all sheets that are done."""
    who, class_id = guard.actor(), _class_id()
    finishing.hand_on(who, class_id)
    item = request.form.get("item", "")
    if item in ITEMS:
        return go("staff.columns_item", item=item, **_chosen(class_id))
    return go("staff.columns", **_chosen(class_id))


@screens.post("/columns/places")
@does(Action.ENTER_CHANGES)
def columns_places() -> Response:
    """Places that fit what is being typed, as a list to choose from; posted, so that no address names a birthplace."""
    found = letters.places(request.form.get("q", "")[:40])
    return row_only("staff/columns/_places.html", places=found)
