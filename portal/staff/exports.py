"""Bulk exports: ask, decide about what others asked for, see the password, fetch once (sec-A35)."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from flask import request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField

from portal.rules.access import Action
from portal.rules.exports import LONGEST, LONGEST_REASON, Kind, Purpose, State, asked_kinds
from portal.rules.roles import Level
from portal.services import export_files, export_views, exports, lists, second_step
from portal.services.exports import Wanted, Wrong
from portal.staff import screens
from portal.staff.roster import XLSX
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

#: the shape of a state's chip
LOOKS = {
    State.ASKED: "waiting",
    State.RELEASED: "open",
    State.REFUSED: "refused",
    State.WITHDRAWN: "past",
    State.BUILDING: "waiting",
    State.BUILT: "open",
    State.FETCHED: "accepted",
    State.ENDED: "past",
}


class AskForm(FlaskForm):
    """What is wanted, what for, and whether the numbers are needed in full."""

    kind = HiddenField()
    place = HiddenField()
    school = StringField(_l("哪所学校"))
    purpose = RadioField(_l("做什么用"))
    words = StringField(_l("写具体些"))
    numbers = BooleanField(_l("要完整的证件号和学籍号"))
    numbers_for = StringField(_l("为什么要完整的号码"))


class RefuseForm(FlaskForm):
    """Why an export is not released."""

    reason = TextAreaField(_l("为什么不放行"))
    version = HiddenField()


@screens.get("/exports", endpoint="exports")
@does(Action.SEE_EXPORTS)
def all_exports() -> Response:
    """What waits for me, and what was asked for here."""
    who = guard.actor()
    values: dict[str, Any] = {"waiting": export_views.waiting_for(who), "own": export_views.own_of(who)}
    return page("staff/exports.html", looks=LOOKS, may_ask=bool(asked_kinds(who)), at_school=_at_school(), **values)


def _at_school() -> bool:
    return guard.actor().level == Level.SCHOOL


@screens.get("/exports/new", endpoint="exports_new")
@does(Action.ASK_EXPORT)
def new_export() -> Response:
    """The form, for what the link before said."""
    form = AskForm(formdata=None, kind=request.args.get("kind"), place=request.args.get("place"))
    form.purpose.data = (Purpose.REGISTRY if form.kind.data == Kind.REGISTRATION else Purpose.CHECK).value
    return _form(form)


def _form(form: AskForm, status: int = 200) -> Response:
    who = guard.actor()
    kinds = asked_kinds(who)
    kind = Kind(form.kind.data) if form.kind.data in kinds else Kind.ROSTER
    form.kind.data = kind.value
    form.purpose.choices = [(purpose.value, _(purpose.label)) for purpose in Purpose]
    about = export_views.about(who, _id(form.place.data)) if _at_school() else ""
    values: dict[str, Any] = {"kind": kind, "about": about, "longest": LONGEST, "at_school": _at_school()}
    return page("staff/export_new.html", form=form, status=status, **values)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@screens.post("/exports/new", endpoint="exports_ask")
@does(Action.ASK_EXPORT)
def ask() -> Response:
    """Hand the request to the second person."""
    form, who = AskForm(), guard.actor()
    place_id = _id(form.place.data)
    try:
        if not _at_school():
            place_id = lists.place_coded(who, form.school.data or "").id if form.school.data else None
        made = exports.ask(who, _wanted(form, place_id))
    except Wrong as wrong:
        field = form.school if wrong.field == "place" else form[wrong.field]
        field.errors = [words(wrong)]
        return _form(form, wrong.status)
    return go("staff.export", export_id=made.id)


def _wanted(form: AskForm, place_id: UUID | None) -> Wanted:
    kind = Kind(form.kind.data) if form.kind.data in set(Kind) else Kind.ROSTER
    purpose = Purpose(form.purpose.data) if form.purpose.data in set(Purpose) else Purpose.OTHER
    said = form.words.data or "", form.numbers_for.data or ""
    return Wanted(kind, purpose, said[0], place_id, bool(form.numbers.data), said[1])


@screens.get("/exports/<uuid:export_id>", endpoint="export")
@does(Action.SEE_EXPORTS)
def one_export(export_id: UUID) -> Response:
    """One export: what is asked for, who decides, where it is."""
    return _export(export_id)


def _export(
    export_id: UUID, form: RefuseForm | None = None, password: str | None = None, status: int = 200
) -> Response:
    shown = export_views.view(guard.actor(), export_id)
    refusal = form or RefuseForm(formdata=None, version=str(shown.version))
    values: dict[str, Any] = {"looks": LOOKS, "longest": LONGEST_REASON, "at_school": _at_school()}
    part = "staff/_export.html" if request.headers.get("X-Polling") else None
    return page("staff/export.html", part=part, status=status, export=shown, form=refusal, password=password, **values)


@screens.post("/exports/<uuid:export_id>/release", endpoint="export_release")
@does(Action.RELEASE_EXPORT)
def release(export_id: UUID) -> Response:
    """The second person lets it go, who proves it: a browser that was left open releases nothing."""
    second_step.require_recent(guard.actor())
    exports.release(guard.actor(), export_id, _version(request.form.get("version")))
    return go("staff.export", export_id=export_id)


@screens.post("/exports/<uuid:export_id>/refuse", endpoint="export_refuse")
@does(Action.RELEASE_EXPORT)
def refuse(export_id: UUID) -> Response:
    """The second person does not, with a reason."""
    form = RefuseForm()
    try:
        exports.refuse(guard.actor(), export_id, _version(form.version.data), form.reason.data or "")
    except Wrong as wrong:
        form.reason.errors = [words(wrong)]
        return _export(export_id, form, status=wrong.status)
    return go("staff.export", export_id=export_id)


def _version(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


@screens.post("/exports/<uuid:export_id>/withdraw", endpoint="export_withdraw")
@does(Action.ASK_EXPORT)
def withdraw(export_id: UUID) -> Response:
    """Take one's own request back."""
    export_files.withdraw(guard.actor(), export_id)
    return go("staff.export", export_id=export_id)


@screens.post("/exports/<uuid:export_id>/build", endpoint="export_build")
@does(Action.ASK_EXPORT)
def build(export_id: UUID) -> Response:
    """Have the file made."""
    export_files.build(guard.actor(), export_id)
    return go("staff.export", export_id=export_id)


@screens.post("/exports/<uuid:export_id>/password", endpoint="export_password")
@does(Action.ASK_EXPORT)
def show_password(export_id: UUID) -> Response:
    """The password, once."""
    password = export_files.show_password(guard.actor(), export_id)
    return _export(export_id, password=password)


@screens.post("/exports/<uuid:export_id>/file", endpoint="export_file")
@does(Action.ASK_EXPORT)
def fetch(export_id: UUID) -> Response:
    """The locked workbook, once."""
    name, content = export_files.fetch(guard.actor(), export_id)
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)
