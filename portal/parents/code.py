"""The page-2 code: typed by hand, or brought by the QR behind # and so never in an address that is sent or logged."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.forms import CodeForm
from portal.rules.access import Action
from portal.services import doors, slowing
from portal.services.doors import Slip
from portal.services.refusals import Refusal
from portal.services.slowing import WorkFirst
from portal.web import device
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/r")
@does(Action.USE_REGISTRATION_CODE)
def code() -> Response:
    """Where the code is typed; opening the page consumes nothing."""
    return _show(CodeForm())


@screens.post("/r")
@does(Action.USE_REGISTRATION_CODE)
def use_code() -> Response:
    """Open the paper behind a typed code in this browser."""
    form = CodeForm()
    if not form.validate():
        return _show(form, _("请填第 2 页上的注册码。"), 400)
    try:
        selector = doors.use_code(form.code.data or "", device.asker())
    except WorkFirst:
        return _show(form, goes_on=True)
    except Refusal as refusal:
        return _show(form, words(refusal), refusal.status, again=isinstance(refusal, Slip))
    return go("parents.landing", door="c", key=papers.remember_code(selector))


def _show(form: CodeForm, error: str | None = None, status: int = 200, **how: bool) -> Response:
    """The form, with a ticket for a browser that is not known and the words for slips that it tells by itself.

    `goes_on`: the typed code is sent again as soon as the browser has worked; `again`: the ticket that came is unused.
    """
    return page(
        "parents/code.html",
        form=form,
        error=error,
        status=status,
        wanted=slowing.work_for(device.asker(), how.get("again", False)),
        goes_on=how.get("goes_on", False),
        slips={name: _(text) for name, text in doors.SLIPS.items()},
        waiting=_("已经等了 %(waited)s 秒，一般不超过 %(usual)s 秒。"),
    )
