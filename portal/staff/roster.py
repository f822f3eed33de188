"""The roster: classes and pupils, taking a file in, and taking a class along."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import roster_export, roster_jobs, roster_pages, roster_workbook, rosters
from portal.services.refusals import Refusal
from portal.services.roster_files.refused import FileRefused
from portal.staff import roster_words, screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(name: str, content: bytes) -> Response:
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)


@screens.get("/roster")
@does(Action.IMPORT_ROSTER)
def roster() -> Response:
    """Classes, drafts, imports so far, and the way to send a file."""
    return _roster()


def _roster(error: str | None = None, names: list[str] | None = None, status: int = 200) -> Response:
    who = guard.actor()
    return page(
        "staff/roster.html",
        status=status,
        classes=roster_pages.classes(who),
        drafts=roster_pages.count_drafts(who),
        imports=roster_pages.imports(who),
        states=roster_words.STATES,
        error=error,
        names=names or [],
    )


@screens.post("/roster")
@does(Action.IMPORT_ROSTER)
def roster_upload() -> Response:
    """Take a file in: it is looked at, nothing is imported yet."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _roster(_("还没有选文件。先选名册文件，再点上传。"), status=400)
    try:
        row = roster_jobs.submit(guard.actor(), upload.filename, upload.read())
    except FileRefused as refused:
        return _roster(words(refused), refused.names, refused.status)
    return go("staff.roster_import", import_id=row.id)


@screens.get("/roster/template")
@does(Action.IMPORT_ROSTER)
def roster_template() -> Response:
    """The empty template with notes."""
    return _file("roster-template.xlsx", roster_workbook.template())


@screens.get("/roster/class/<uuid:class_id>")
@does(Action.IMPORT_ROSTER)
def roster_class(class_id: UUID) -> Response:
    """The pupils of a class, names and numbers in part."""
    class_, pupils = roster_pages.pupils_of(guard.actor(), class_id)
    return page("staff/roster_class.html", class_id=class_id, class_name=class_.name, code=class_.code, pupils=pupils)


@screens.post("/roster/drafts/file")
@does(Action.IMPORT_ROSTER)
def roster_drafts_file() -> Response:
    """The rows that were left out, with what is wrong in them."""
    return _file(*roster_pages.export_drafts(guard.actor(), _, roster_words.lang()))


@screens.post("/roster/drafts/drop")
@does(Action.IMPORT_ROSTER)
def roster_drafts_drop() -> Response:
    """Throw away the rows that were left out."""
    roster_pages.drop_drafts(guard.actor())
    return go("staff.roster")


@screens.get("/roster/imports/<uuid:import_id>")
@does(Action.IMPORT_ROSTER)
def roster_import(import_id: UUID) -> Response:
    """What a file would do: counts, faults by row and column, differences."""
    view = roster_pages.import_view(guard.actor(), import_id)
    if view.standing is None and request.headers.get("X-Polling"):
        return go("staff.roster_import", import_id=import_id)  # the worker is done: the whole page is another one now
    return _import(view)


def _import(view: roster_pages.ImportView, full: bool = False, error: str | None = None, status: int = 200) -> Response:
    shown = roster_words.shown(view, request.args.get("show"), request.args.get("page", 1, type=int), full)
    return page(
        "staff/roster_import.html", part="staff/_roster_import.html", status=status, view=view, error=error, **shown
    )


@screens.post("/roster/imports/<uuid:import_id>/full")
@does(Action.IMPORT_ROSTER)
def roster_full(import_id: UUID) -> Response:
    """The same page with names and numbers in full; a post, because each look is written down."""
    return _import(roster_pages.look_in_full(guard.actor(), import_id), full=True)


@screens.post("/roster/imports/<uuid:import_id>/faults")
@does(Action.IMPORT_ROSTER)
def roster_faults(import_id: UUID) -> Response:
    """The rows to correct, with the wrong cells marked."""
    return _file(*roster_export.export_faults(guard.actor(), import_id, _, roster_words.lang()))


@screens.post("/roster/imports/<uuid:import_id>/confirm")
@does(Action.IMPORT_ROSTER)
def roster_confirm(import_id: UUID) -> Response:
    """Carry the import out; what stands in the way is said on the same page."""
    who = guard.actor()
    try:
        roster_jobs.submit_confirm(who, import_id, request.form.get("leave_out") == "1")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _import(roster_pages.import_view(who, import_id), error=words(refusal), status=refusal.status)
    return go("staff.roster_import", import_id=import_id)


@screens.post("/roster/imports/<uuid:import_id>/discard")
@does(Action.IMPORT_ROSTER)
def roster_discard(import_id: UUID) -> Response:
    """Put a preview away; nothing was imported."""
    rosters.discard(guard.actor(), import_id)
    return go("staff.roster")
