"""The page-2 code: typed by hand, or brought by the QR behind # and so never in an address that is sent or logged."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.forms import CodeForm
from portal.rules.access import Action
from portal.services import doors
from portal.services.refusals import Refusal
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/r")
@does(Action.USE_REGISTRATION_CODE)
def code() -> Response:
    """Where the code is typed; opening the page consumes nothing."""
    return page("parents/code.html", form=CodeForm(), error=None)


@screens.post("/r")
@does(Action.USE_REGISTRATION_CODE)
def use_code() -> Response:
    """Open the paper behind a typed code in this browser."""
    form = CodeForm()
    if not form.validate():
        return page("parents/code.html", form=form, error=_("请填第 2 页上的注册码。"), status=400)
    try:
        selector = doors.use_code(form.code.data or "")
    except Refusal as refusal:
        return page("parents/code.html", form=form, error=words(refusal), status=refusal.status)
    return go("parents.landing", door="c", key=papers.remember_code(selector))
