"""Files of accepted changes for the registry: made, fetched, taken with a receipt, or refused by it (12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.rules.access import Action
from portal.rules.clock import now
from portal.services import change_copies, change_file_views, change_files, change_lines, export_building
from portal.services.change_files import LONGEST_REASON, LONGEST_RECEIPT
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


class ReceiptForm(FlaskForm):
    """What the registry answered when it took a file."""

    receipt = StringField(
        _l("学籍系统的回执"),
        validators=[DataRequired(_l("请填学籍系统给的回执，例如批次号。")), Length(max=LONGEST_RECEIPT)],
        filters=[_trimmed],
    )
    version = HiddenField()


class RefusedForm(FlaskForm):
    """Why the registry did not take a file."""

    reason = TextAreaField(
        _l("学籍系统说了什么"),
        validators=[DataRequired(_l("请写明学籍系统为什么不收。")), Length(max=LONGEST_REASON)],
        filters=[_trimmed],
    )
    version = HiddenField()


@screens.get("/change-files", endpoint="round_files")
@does(Action.MAKE_CHANGE_FILE)
def files() -> Response:
    """What can be handed over now, what has to wait, and the files so far."""
    return _files()


def _files(error: str | None = None, status: int = 200) -> Response:
    who = guard.actor()
    due, made = change_lines.due(who, now()), change_file_views.files_of(who)
    return page(
        "staff/change_files.html",
        status=status,
        pupils=len(due.pupils),
        items=len(due.lines),
        lines=change_file_views.in_words(who, due.lines, _lang()),
        not_yet=change_lines.not_yet(who),
        files=made,
        following=max((file.number for file in made), default=0) + 1,
        error=error,
    )


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.post("/change-files", endpoint="round_make_file")
@does(Action.MAKE_CHANGE_FILE)
def make() -> Response:
    """Everything that is due becomes the next file."""
    try:
        file = change_files.make(guard.actor())
    except Refusal as refusal:
        return _files(words(refusal), refusal.status)
    return go("staff.round_file", file_id=file.id)


@screens.get("/change-files/<uuid:file_id>", endpoint="round_file")
@does(Action.MAKE_CHANGE_FILE)
def file(file_id: UUID) -> Response:
    """One file: what it holds and what became of it."""
    return _file(file_id)


def _file(file_id: UUID, error: str | None = None, status: int = 200, **forms: Any) -> Response:
    who = guard.actor()
    shown = change_file_views.file_of(who, file_id)
    lines = change_file_views.lines_of(who, file_id, _lang())
    receipt = forms.get("receipt") or ReceiptForm(formdata=None, version=str(shown.version))
    refused = forms.get("refused") or RefusedForm(formdata=None, version=str(shown.version))
    values: dict[str, Any] = {"file": shown, "lines": lines, "receipt": receipt, "refused": refused, "error": error}
    return page("staff/change_file.html", status=status, **values)


@screens.post("/change-files/<uuid:file_id>/content", endpoint="round_fetch_file")
@does(Action.MAKE_CHANGE_FILE)
def fetch(file_id: UUID) -> Response:
    """A copy with a mark of its own, locked: its password and the file are on the page that follows."""
    copy = change_copies.ask(guard.actor(), file_id)
    export_building.build_now(copy.id)
    return go("staff.export", export_id=copy.id)


@screens.post("/change-files/<uuid:file_id>/taken", endpoint="round_file_taken")
@does(Action.MAKE_CHANGE_FILE)
def taken(file_id: UUID) -> Response:
    """The registry has taken the file: keep its receipt."""
    form = ReceiptForm()
    if not form.validate_on_submit():
        return _file(file_id, status=400, receipt=form)
    try:
        change_files.taken(guard.actor(), file_id, _version(form), form.receipt.data or "")
    except Refusal as refusal:
        return _refused(file_id, refusal, receipt=form)
    return go("staff.round_file", file_id=file_id)


@screens.post("/change-files/<uuid:file_id>/refused", endpoint="round_file_refused")
@does(Action.MAKE_CHANGE_FILE)
def refused(file_id: UUID) -> Response:
    """The registry has refused the file: what it held comes into the next one."""
    form = RefusedForm()
    if not form.validate_on_submit():
        return _file(file_id, status=400, refused=form)
    try:
        change_files.drop(guard.actor(), file_id, _version(form), form.reason.data or "")
    except Refusal as refusal:
        return _refused(file_id, refusal, refused=form)
    return go("staff.round_files")


def _version(form: Any) -> int:
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _refused(file_id: UUID, refusal: Refusal, **forms: Any) -> Response:
    if refusal.status == 404:
        raise refusal
    return _file(file_id, words(refusal), refusal.status, **forms)
