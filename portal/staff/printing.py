"""Printing confirmation sheets: choose, watch, fetch, hand out."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.items import ITEMS
from portal.services import lineage, print_choices, print_runs, printing
from portal.services.print_content import Selection
from portal.services.refusals import NotFound, Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.address import client_address
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


def posted_ids(name: str) -> tuple[UUID, ...]:
    """The ids of ticked boxes; a text that is none does not exist."""
    try:
        return tuple(UUID(text) for text in request.form.getlist(name))
    except ValueError:
        raise NotFound from None


@screens.get("/print")
@does(Action.PRINT_SHEETS)
def print_page() -> Response:
    """Classes to print, or with `class` the pupils of one; and the runs so far."""
    return _choices(None)


def _choices(error: str | None, status: int = 200) -> Response:
    who, class_id = guard.actor(), request.values.get("class", type=UUID)
    if class_id is not None:
        name, pupils = print_choices.pupils_to_print(who, class_id)
        return page(
            "staff/print_class.html", status=status, class_id=class_id, class_name=name, pupils=pupils, error=error
        )
    classes, obstacle = print_choices.classes_to_print(who), printing.obstacle(who, client_address())
    runs = print_runs.runs_of(who)
    return page("staff/print.html", status=status, classes=classes, runs=runs, obstacle=obstacle, error=error)


@screens.post("/print")
@does(Action.PRINT_SHEETS)
def print_start() -> Response:
    """Begin a run: the whole school, ticked classes, a whole class or ticked pupils of it (R96)."""
    who, what = guard.actor(), request.form.get("what")
    chosen = Selection(posted_ids("class"), posted_ids("sheet") if what == "class" else ())
    if what != "school" and not (chosen.class_ids or chosen.sheet_ids):
        return _choices(_("还没有勾选班级。请先勾要印的班；要印全校，点“打印全校”。"), 400)
    if what == "school":
        chosen = Selection()
    try:
        run = printing.start_run(who, chosen, client_address())
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _choices(words(refusal), refusal.status)
    return go("staff.print_run", run_id=run.id)


@screens.get("/print/<uuid:run_id>")
@does(Action.PRINT_SHEETS)
def print_run(run_id: UUID) -> Response:
    """One run: how far it is, then its file, what could not be printed as it is, and the hand-out."""
    run = print_runs.run_view(guard.actor(), run_id)
    lang = "en" if str(get_locale()) == "en" else "zh"
    found = print_runs.findings_of(guard.actor(), run_id)
    findings = [(f, ITEMS[f.item].name(lang), [(sign, f"U+{ord(sign):04X}") for sign in f.signs]) for f in found]
    return page("staff/print_run.html", part="staff/_print_run.html", run=run, findings=findings)


@screens.get("/print/<uuid:run_id>/leaves")
@does(Action.PRINT_SHEETS)
def print_leaves(run_id: UUID) -> Response:
    """What became of the leaves of a run, by class and, for one class, pupil by pupil."""
    found = lineage.leaves_of(guard.actor(), run_id, request.args.get("class", type=UUID))
    return page("staff/print_leaves.html", run_id=run_id, leaves=found, fates=list(lineage.Fate))


@screens.post("/print/<uuid:run_id>/file")
@does(Action.PRINT_SHEETS)
def print_file(run_id: UUID) -> Response:
    """The PDF; a post, because each time is written down."""
    name, content = print_runs.fetch_file(guard.actor(), run_id, client_address())
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=name)


@screens.post("/print/<uuid:run_id>/go-on")
@does(Action.PRINT_SHEETS)
def print_go_on(run_id: UUID) -> Response:
    """Print although some of it will not be whole."""
    printing.go_on(guard.actor(), run_id, client_address())
    return go("staff.print_run", run_id=run_id)


@screens.post("/print/<uuid:run_id>/cancel")
@does(Action.PRINT_SHEETS)
def print_cancel(run_id: UUID) -> Response:
    """Stop a run that is not finished."""
    print_runs.cancel_run(guard.actor(), run_id)
    return go("staff.print_run", run_id=run_id)


@screens.post("/print/<uuid:run_id>/revoke")
@does(Action.PRINT_SHEETS)
def print_revoke(run_id: UUID) -> Response:
    """Take a lost batch out of use, with a reason."""
    print_runs.revoke_run(guard.actor(), run_id, request.form.get("reason", ""))
    return go("staff.print_run", run_id=run_id)


@screens.post("/hand-out")
@does(Action.HAND_OUT)
def hand_out() -> Response:
    """The paper has gone to the class teachers: of a run, or of whole classes."""
    who, run_id = guard.actor(), request.form.get("run", type=UUID)
    if run_id is not None:
        print_runs.hand_out_run(who, run_id)
        return go("staff.print_run", run_id=run_id)
    print_runs.hand_out_classes(who, posted_ids("class"))
    return go("staff.print_page")
