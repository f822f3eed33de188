"""What families typed and also wrote, accepted for a class from a list of exactly these rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import column_entry, column_typed, entry
from portal.services.column_typed import Outcome
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.get("/columns/typed")
@does(Action.ENTER_CHANGES)
def columns_typed() -> Response:
    """The list of a class."""
    return _list(request.args.get("class", type=UUID))


def _list(class_id: UUID | None, outcome: Outcome | None = None) -> Response:
    who = guard.actor()
    classes = entry.queue(who)
    if class_id is None and classes:
        class_id = classes[0][0].id
    rows = column_typed.agreeing(who, class_id, _lang()) if class_id else []
    chosen = column_entry.class_chosen(who, class_id)
    shown: dict[str, Any] = {"rows": rows, "class_": chosen, "classes": classes, "outcome": outcome, "lang": _lang()}
    return page("staff/columns/typed.html", **shown)


@screens.post("/columns/typed")
@does(Action.ENTER_CHANGES)
def columns_accept_typed() -> Response:
    """Accept the rows of the list but those taken out of it."""
    out = {_uuid(text) for text in request.form.getlist("out")}
    versions: dict[UUID, int] = {}
    for text in request.form.getlist("row"):
        name, _, version = text.partition(":")
        change_id = _uuid(name)
        if change_id is not None and change_id not in out and version.isascii() and version.isdigit():
            versions[change_id] = int(version[:9])
    outcome = column_typed.accept(guard.actor(), versions, _lang())
    return _list(request.form.get("class", type=UUID), outcome)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
