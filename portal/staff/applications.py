"""Key-data changes as the school makes them: the list, a new one by hand, and the way of one (H1, H5, H7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.applications import OPEN, REFUSED, ApplicationMove, ApplicationState
from portal.rules.codes import table
from portal.services import (
    application_cases,
    application_drafts,
    application_evidence,
    application_list,
    applications,
    history,
    lists,
    movements,
    place_settings,
    transactions,
)
from portal.services.application_list import Application
from portal.services.refusals import Refusal
from portal.staff import application_forms, screens
from portal.staff.application_forms import Trouble
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import is_data, language, words_of
from portal.web.page import go, page


@screens.get("/applications")
@does(Action.APPLY)
def applications_list() -> Response:
    """What is where: drafts, with the leader, with the authority, refused, ended."""
    return _list(None)


@screens.post("/applications/find")
@does(Action.APPLY)
def applications_find() -> Response:
    """By name; sent by post, because a name belongs in no address."""
    return _list(request.form.get("name", "").strip()[:60])


def _list(name: str | None) -> Response:
    who, mine = guard.actor(), request.args.get("mine") == "1"
    counts = application_list.counts(who, mine)
    shown = request.args.get("show", "")
    if shown not in counts:
        shown = next((group for group in ("refused", "draft", "leader", "authority") if counts[group]), "ended")
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    return page(
        "staff/applications/list.html",
        counts=counts,
        show=shown,
        mine=mine,
        name=name,
        rows=application_list.named(who, name) if name else application_list.rows(who, shown, mine, number),
        number=number,
        pages=max(1, -(-counts[shown] // application_list.PAGE)),
        waiting=application_list.waiting_sheets(who),
    )


@screens.get("/applications/new")
@does(Action.APPLY)
def application_choose() -> Response:
    """Choose a class, then a pupil."""
    return _choose(request.args.get("class", type=UUID), None)


@screens.post("/applications/new")
@does(Action.APPLY)
def application_choose_named() -> Response:
    """Find a pupil by name."""
    return _choose(None, request.form.get("name", "").strip()[:60])


def _choose(class_id: UUID | None, name: str | None) -> Response:
    who = guard.actor()
    found = movements.pupils_of(who, class_id) if class_id else movements.named(who, name) if name else None
    classes = lists.classes_of(who.place_id)
    values: dict[str, Any] = {"classes": classes, "class_id": class_id, "name": name or ""}
    return page("staff/applications/choose.html", found=found, **values)


@screens.get("/applications/new/<uuid:pupil_id>")
@does(Action.APPLY)
def application_items(pupil_id: UUID) -> Response:
    """Choose what is to be changed of a pupil."""
    return _items(pupil_id)


def _items(pupil_id: UUID, error: str | None = None, status: int = 200) -> Response:
    pupil = application_drafts.pupil_of(guard.actor(), pupil_id)
    values: dict[str, Any] = {"pupil": pupil, "items": application_drafts.items_of(pupil.path)}
    values |= {"words_of": words_of, "is_data": is_data}
    blocking = applications.blocking(pupil.id)
    return page("staff/applications/items.html", status=status, error=error, blocking=blocking, **values)


@screens.post("/applications/new/<uuid:pupil_id>")
@does(Action.APPLY)
def application_make(pupil_id: UUID) -> Response:
    """A draft with the chosen items."""
    try:
        made = application_drafts.by_hand(guard.actor(), pupil_id, request.form.getlist("item"))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _items(pupil_id, words(refusal), refusal.status)
    return go("staff.application", application_id=made.id)


@screens.post("/applications/of-sheet/<uuid:sheet_id>")
@does(Action.APPLY)
def application_of_sheet(sheet_id: UUID) -> Response:
    """A draft with everything on a sheet that waits for one."""
    return go("staff.application", application_id=application_drafts.from_sheet(guard.actor(), sheet_id).id)


@screens.get("/applications/<uuid:application_id>")
@does(Action.APPLY)
def application(application_id: UUID) -> Response:
    """One application: while it is a draft to be filled in, after that to see how far it is."""
    return _show(application_list.find(guard.actor(), application_id))


@screens.post("/applications/<uuid:application_id>")
@does(Action.APPLY)
def application_act(application_id: UUID) -> Response:
    """Save, send, add and remove files, leave an item out, take back, withdraw, apply again; `do` says which."""
    who = guard.actor()
    found = application_list.find(who, application_id)
    try:
        there = application_forms.act(who, found)
    except Trouble as trouble:
        return _show(application_list.find(who, application_id), trouble)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        told = Trouble(refusal.status, [(None, words(refusal))])
        return _show(application_list.find(who, application_id), told)
    if there is None:
        return go("staff.applications_list")
    return go("staff.application", application_id=there, saved=1 if there == application_id else None)


def _show(found: Application, trouble: Trouble | None = None) -> Response:
    who = guard.actor()
    lines = application_drafts.lines_of(found, language())
    drafted = found.state == ApplicationState.DRAFTED
    previous = application_list.find(who, found.previous_id) if found.previous_id else None
    return page(
        "staff/applications/draft.html" if drafted else "staff/applications/sent.html",
        status=trouble.status if trouble else 200,
        found=found,
        state=ApplicationState(found.state),
        lines=lines,
        inputs=application_forms.inputs_of(found, lines, trouble) if drafted else {},
        files=application_evidence.files_of(found),
        kinds=application_forms.kinds_for(lines),
        kind_words=table("evidence_type"),
        required=place_settings.evidence_is_required(found.path),
        choice=place_settings.evidence_choice(found.path),
        trouble=trouble,
        saved=request.args.get("saved"),
        previous=previous,
        successor=application_list.successor(found),
        near=application_cases.near_of(found)[1] if drafted else (),
        steps=_steps(found),
        pending=applications.decision_on(found) is not None,
        is_open=found.state in OPEN,
        is_refused=found.state in REFUSED,
        may_see_sheet=may(who, Action.SEE_SHEET),
        words_of=words_of,
        is_data=is_data,
    )


def _steps(found: Application) -> list[tuple[str, Any, str, str]]:
    """(what, when, who, why) of every move, oldest first."""
    moves = {move.value: move.label for move in ApplicationMove}
    steps = history.steps_of(found.id)
    made = [("DRAFT", application_forms.MADE)]
    labels = dict(made) | moves
    return [(labels[step.move], step.at, by, step.reason or "") for step, by in steps if step.move in labels]
