"""Taking figures along: what for, which rows, and the workbook with its watermark."""

from __future__ import annotations

import io

from flask import request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField

from portal.rules.access import Action
from portal.services import figure_export as service
from portal.services import lists
from portal.services.figure_export import LONGEST, Scope, Wanted
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.staff.figure_rows import opened_of
from portal.staff.roster import XLSX
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import page


class ExportForm(FlaskForm):
    """What for, and which rows."""

    purpose = StringField(_l("做什么用"))
    scope = RadioField(_l("哪些行"), default=Scope.SCHOOLS.value)
    opened = HiddenField()


@screens.get("/figures/export", endpoint="figures_export")
@does(Action.EXPORT_FIGURES)
def figure_export() -> Response:
    """Ask what for."""
    form = ExportForm(formdata=None)
    form.opened.data = ",".join(opened_of(request.args.getlist("open")))
    return _page(form)


def _page(form: ExportForm, status: int = 200) -> Response:
    who = guard.actor()
    lists.round_of(who)
    scopes = service.scopes_of(who)
    form.scope.choices = [(scope.value, _(scope.label)) for scope in scopes]
    if form.scope.data not in {scope.value for scope in scopes}:
        form.scope.data = (Scope.OPENED if form.opened.data else scopes[-1 if len(scopes) < 3 else 1]).value
    return page("staff/figure_export.html", form=form, longest=LONGEST, opened=form.opened.data, status=status)


@screens.post("/figures/export", endpoint="figures_export_file")
@does(Action.EXPORT_FIGURES)
def figure_export_file() -> Response:
    """The workbook; a post, because each time is written down."""
    form = ExportForm()
    opened = frozenset(opened_of([form.opened.data or ""]))
    try:
        scope = Scope(form.scope.data) if form.scope.data in set(Scope) else Scope.OPENED
        name, content = service.export(guard.actor(), Wanted(scope, form.purpose.data or "", opened), _)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        form.purpose.errors = [words(refusal)]
        return _page(form, refusal.status)
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)
