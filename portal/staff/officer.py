"""The security officer's screen: second steps, unused accounts, wrong passwords; ends sign-ins (安全管理员)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import appointing, security_watch
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page

_LAST_PAGE = 100_000


@screens.get("/officer")
@does(Action.WATCH_SIGN_INS)
def officer() -> Response:
    """What is to be looked at, and the accounts behind each number."""
    return _shown(None)


@screens.post("/officer")
@does(Action.WATCH_SIGN_INS)
def officer_end_sign_ins() -> Response:
    """End the sign-ins of everybody who is ticked."""
    ids = request.form.getlist("user", type=UUID)
    if not ids:
        return _shown(_("先勾上要退出的人。"), 400)
    appointing.end_sign_ins(guard.actor(), ids)
    return go("staff.officer", show=_show())


def _show() -> str:
    show = request.values.get("show", "")
    return show if show in security_watch.SHOWS else security_watch.SHOWS[0]


def _shown(error: str | None, status: int = 200) -> Response:
    number = min(max(1, request.values.get("page", 1, type=int)), _LAST_PAGE)
    show = _show()
    counts, rows = security_watch.watch(guard.actor(), show, number)
    pages = max(1, -(-counts[show] // security_watch.PAGE))
    values: dict[str, Any] = {"counts": counts, "rows": rows, "show": show, "number": number, "pages": pages}
    return page("staff/officer.html", status=status, error=error, **values)
