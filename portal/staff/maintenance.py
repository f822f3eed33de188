"""Changing what needs no authority: find a pupil, open a group of the record, change, save (G4-G7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules import check_groups, inputs
from portal.rules.access import Action
from portal.rules.check_groups import CheckGroup
from portal.rules.items import ITEMS, PARENT_ITEMS
from portal.rules.masks import mask_id
from portal.services import lists, maintenance, maintenance_journal, transactions
from portal.services.maintenance import Opened, Outcome, Row
from portal.services.refusals import NotFound, Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import (
    Input,
    document_words,
    input_of,
    is_data,
    label_of,
    language,
    posted_of,
    said,
    summary_of,
    version_in,
    words_of,
)
from portal.web.page import go, page

PUPIL = "/maintenance/<uuid:pupil_id>/<string(maxlength=12):group>"
Posted = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Shown:
    """A row in words. `data`: the value is text of the record, which stays Chinese on an English page."""

    row: Row
    label: str
    value: str
    old: str | None
    data: bool
    doubts: tuple[str, ...]
    documents: str


@screens.get("/maintenance")
@does(Action.ENTER_CHANGES)
def maintenance_choose() -> Response:
    """Choose a class, then a pupil."""
    return _choose(request.args.get("class", type=UUID), None)


@screens.post("/maintenance")
@does(Action.ENTER_CHANGES)
def maintenance_find() -> Response:
    """Find a pupil by name; sent by post, because a name belongs in no address."""
    return _choose(None, request.form.get("name", "").strip()[:60])


def _choose(class_id: UUID | None, name: str | None) -> Response:
    who, found = guard.actor(), None
    if class_id is not None:
        found = maintenance.pupils_of(who, class_id)
    elif name:
        found = maintenance.named(who, name)
    classes = lists.classes_of(who.place_id)
    refused = maintenance_journal.refused(who)
    data: dict[str, Any] = {"classes": classes, "class_id": class_id, "name": name or "", "found": found}
    return page("staff/maintenance.html", refused=refused, **data)


@screens.get("/maintenance/<uuid:pupil_id>")
@does(Action.ENTER_CHANGES)
def maintenance_pupil(pupil_id: UUID) -> Response:
    """On to the first group of a pupil's record."""
    found = maintenance.opened(guard.actor(), pupil_id)
    return go("staff.maintenance_group", pupil_id=found.pupil.id, group=check_groups.GROUPS[0].code)


@screens.get(PUPIL)
@does(Action.ENTER_CHANGES)
def maintenance_group(pupil_id: UUID, group: str) -> Response:
    """One group of a pupil's record; `item` names a row to open."""
    maintenance.look(guard.actor(), pupil_id)
    item = request.args.get("item", "")
    return _show(pupil_id, group, {item: None} if item in PARENT_ITEMS else {}, focus=request.args.get("saved") or item)


@screens.post(PUPIL)
@does(Action.ENTER_CHANGES)
def maintenance_save(pupil_id: UUID, group: str) -> Response:
    """Save all open rows together, or open and close one; whatever was typed in the others stays."""
    maintenance.look(guard.actor(), pupil_id)
    posted, (act, _dot, item) = posted_of(request.form, PARENT_ITEMS), request.form.get("do", "save").partition(":")
    if act == "open":
        return _show(pupil_id, group, {**posted, **({} if item in posted else {item: None})}, focus=item)
    if act in ("close", "place"):
        kept = {code: fields for code, fields in posted.items() if act == "place" or code != item}
        return _show(pupil_id, group, kept, focus=item)
    try:
        version = max((version_in(fields) for fields in posted.values()), default=0)
        outcome = maintenance.save(guard.actor(), pupil_id, version, _raw(pupil_id, posted))
    except Refusal as refusal:
        return _refused(pupil_id, group, posted, refusal)
    if not outcome.is_whole:
        return _show(pupil_id, group, _with_needed(posted, outcome), errors=_sentences(outcome), status=400)
    return _saved(pupil_id, group, outcome, next(iter(posted), ""))


def _saved(pupil_id: UUID, group: str, outcome: Outcome, first: str) -> Response:
    """The group as it is now: as a part, or at its own address so that a reload sends nothing again."""
    first = next(iter(outcome.saved), first)
    if request.headers.get("HX-Request"):
        return _show(pupil_id, group, {}, focus=first, saved=len(outcome.saved))
    address = url_for("staff.maintenance_group", pupil_id=pupil_id, group=group, saved=first, n=len(outcome.saved))
    return Response("", 303, {"Location": f"{address}#row-{first}"})


def _refused(pupil_id: UUID, group: str, posted: Posted, refusal: Refusal) -> Response:
    """Closed or changed meanwhile, or not to be changed here: the sentence stands on top, what was typed stays."""
    if refusal.status == 404:
        raise refusal
    transactions.undo()
    return _show(pupil_id, group, posted, status=refusal.status, refusal=words(refusal))


@screens.post(f"{PUPIL}/try")
@does(Action.ENTER_CHANGES)
def maintenance_try(pupil_id: UUID, group: str) -> Response:
    """What the values typed so far make necessary elsewhere, told while one types; nothing is saved."""
    posted = posted_of(request.form, PARENT_ITEMS)
    outcome = maintenance.try_out(guard.actor(), pupil_id, _raw(pupil_id, posted))
    needed = [
        (item, _because(one), item in posted) for item, found in outcome.wrong.items() for one in found if one.because
    ]
    return page("staff/_maintenance_needed.html", needed=needed)


def _raw(pupil_id: UUID, posted: Posted) -> dict[str, str | None]:
    """What was posted as text; a place not chosen to its end is None."""
    address = posted.get("current_address", {}).get("value")
    if address is None and any(fields.get("same") for fields in posted.values()):
        address = maintenance.opened(guard.actor(), pupil_id).record.get("current_address", "")
    return {item: inputs.raw_of(ITEMS[item], fields, address or "") for item, fields in posted.items()}


def _with_needed(posted: Posted, outcome: Outcome) -> dict[str, Mapping[str, str] | None]:
    """What was open, and the items that these changes make necessary."""
    return {**posted, **{item: None for item in outcome.wrong if item not in posted}}


def _because(wrong: maintenance.Wrong) -> str:
    if not wrong.because:
        return said(wrong.problem)
    changed = _("、").join(label_of(item) for item in wrong.because)
    return _("因为改了%(items)s：%(text)s", items=changed, text=said(wrong.problem))


def _sentences(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    found = {item: tuple(_because(one) for one in wrong) for item, wrong in outcome.wrong.items()}
    return found | {item: (words(refusal),) for item, refusal in outcome.said.items()}


def _show(
    pupil_id: UUID,
    group: str,
    open_rows: Mapping[str, Mapping[str, str] | None],
    errors: Mapping[str, tuple[str, ...]] | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """One group; `open_rows` stay open as they were typed, those of other groups stand below."""
    one, found, errors = _group(group), maintenance.opened(guard.actor(), pupil_id), errors or {}
    closed = found.standing.closed
    opened = {} if closed else _inputs(found, open_rows, errors)
    asides = [item for item in opened if item not in one.items]
    saved = more.pop("saved", request.args.get("n", 0, type=int) if request.method == "GET" else 0)
    told = more.pop("refusal", None)
    data = {
        "found": found,
        "group": one,
        "groups": check_groups.GROUPS,
        "rows": [_shown(row) for row in found.rows(one)],
        "asides": [_shown(found.row(item)) for item in asides],
        "inputs": opened,
        "closed": words(closed) if closed else None,
        "summary": ([(None, told)] if told else []) + summary_of(errors),
        "saved": saved,
        "doubts": {each.code: len(found.doubts.keys() & set(each.items)) for each in check_groups.GROUPS},
        "apply_url": url_for("staff.application_items", pupil_id=pupil_id),
        "journal": maintenance_journal.of_pupil(found, language()),
    }
    return page("staff/maintenance_pupil.html", part="staff/_maintenance_group.html", status=status, **data, **more)


def _group(code: str) -> CheckGroup:
    found = check_groups.group(code)
    if found is None:
        raise NotFound
    return found


def _inputs(
    found: Opened, rows: Mapping[str, Mapping[str, str] | None], errors: Mapping[str, tuple[str, ...]]
) -> dict[str, Input]:
    return {
        item: input_of(ITEMS[item], found.record.get(item, ""), found.version, fields, errors.get(item, ()))
        for item, fields in rows.items()
        if found.may_change(item)
    }


def _shown(row: Row) -> Shown:
    item = row.item
    is_number = item.type == "id_number"
    return Shown(
        row=row,
        label=label_of(item.code),
        value=mask_id(row.now) if is_number else words_of(item, row.now),
        old=None if row.was is None else mask_id(row.was) if is_number else words_of(item, row.was),
        data=is_data(item),
        doubts=tuple(said(one) for one in row.doubts),
        documents=document_words(row.documents),
    )
