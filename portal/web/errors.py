"""Refusals and failures meet here: one clear sentence, in the user's language, never a trace."""

from __future__ import annotations

import logging
import re
import traceback

from flask import Flask, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response

from portal.rules.workflow import NotAllowedNow
from portal.services import refused as refused_before
from portal.services import transactions
from portal.services.refusals import Refusal
from portal.services.seats import SeatClosed
from portal.services.second_step import Unproven
from portal.services.shredding import Shredded
from portal.services.viewing import TooMany
from portal.web import guard

log = logging.getLogger("portal")

#: fields of forms that nobody types
_NOT_TYPED = {"csrf_token", "version", "do", "next", "old", "new", "password"}
_ID = re.compile(r"[0-9a-f]{32}")
PAGES = {400, 403, 404, 409, 410, 413, 429, 500, 503}


def words(refusal: Refusal) -> str:
    """The refusal's sentence in the language of the request."""
    return _(refusal.text) % refusal.values if refusal.values else _(refusal.text)


def answer(status: int, sentence: str | None = None) -> Response:
    """The error page, or its part for htmx."""
    shown = status if status in PAGES else (400 if status < 500 else 503)
    part = bool(request.headers.get("HX-Request"))
    template = "errors/_part.html" if part else f"errors/{shown}.html"
    response = Response(
        render_template(template, sentence=sentence, status=shown), status, content_type="text/html; charset=utf-8"
    )
    if status == 503:
        response.headers["Retry-After"] = "5"
    if part:  # beside the page, never in the place of what the answer should have replaced
        response.headers["HX-Retarget"] = "#live"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _refused(refusal: Refusal) -> Response:
    transactions.undo()
    refused_before.note(guard.current_actor(), request.endpoint or "", refusal.status)
    return answer(refusal.status, None if refusal.status == 404 else words(refusal))


def _seat_closed(refusal: SeatClosed) -> Response:
    """The window of a seat has closed: whatever the form held is shown again, so that nobody types it twice (R101)."""
    transactions.undo()
    if request.headers.get("HX-Request"):
        return answer(refusal.status, words(refusal))  # beside the form, which stays
    said = [text for name, text in request.form.items(multi=True) if name not in _NOT_TYPED and not _ID.fullmatch(text)]
    typed = [text for text in said if text.strip()]
    sentence = words(refusal) if typed else _("核查时间已过，核查账号不能再登录和保存。")
    page = render_template("errors/seat.html", sentence=sentence, typed=typed)
    return Response(page, refusal.status, content_type="text/html; charset=utf-8")


def _place(error: Exception) -> str:
    """File and line of a failure; its text stays out of the log, it may name a person."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/portal/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"


def init(app: Flask) -> None:
    """Register all handlers."""
    _proofs(app)
    _refusals(app)
    _failures(app)


def _proofs(app: Flask) -> None:
    """What leads elsewhere first and then back: an act that asks for a fresh proof. A form names its way `back`."""

    @app.errorhandler(Unproven)
    def unproven(_refusal: Unproven) -> Response:
        transactions.undo()
        asked = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back")
        return guard.to(url_for("web.prove", next=guard.safe_next(asked)))

    @app.errorhandler(TooMany)
    def too_many(_refusal: TooMany) -> Response:
        transactions.undo()
        asked = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back")
        return guard.to(url_for("web.see_more", next=guard.safe_next(asked)))


def _refusals(app: Flask) -> None:
    """What a user asked for cannot be done."""

    app.register_error_handler(SeatClosed, _seat_closed)
    app.register_error_handler(Refusal, _refused)

    @app.errorhandler(NotAllowedNow)
    def not_now(error: NotAllowedNow) -> Response:
        transactions.undo()
        sentence = _("现在是“%(state)s”，不能“%(move)s”。请刷新后再看。")
        return answer(409, sentence % {"state": _(error.state.label), "move": _(error.move.label)})

    @app.errorhandler(StaleDataError)
    def changed_meanwhile(_error: StaleDataError) -> Response:
        transactions.undo()
        return answer(409, _("刚才别人先改了。您填的没有存，请看一眼新的再做。"))

    @app.errorhandler(DataError)
    def no_value(_error: DataError) -> Response:
        """A text with a zero byte or a number without end, which PostgreSQL does not take."""
        transactions.undo()
        return answer(400)

    @app.errorhandler(Shredded)
    def shredded(_error: Shredded) -> Response:
        """What a finished round held was destroyed, as its time was over."""
        transactions.undo()
        return answer(410)

    @app.errorhandler(CSRFError)
    def old_page(_error: CSRFError) -> Response:
        return answer(400, _("这一页放得太久了，没有存。请退回上一页，刷新后再做一次。"))

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return answer(413)


def _failures(app: Flask) -> None:
    """What went wrong on the way or with us."""

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_away(error: OperationalError | InterfaceError) -> Response:
        transactions.undo()
        guard.without_database()
        log.error("database not available: %s", type(error.orig).__name__)
        return answer(503)

    @app.errorhandler(SecurityError)
    def other_host(_error: SecurityError) -> Response:
        """Another name than ours was asked (sec-A19): no page, since no address of a page can be made for it."""
        sentence = _("没有这个网址。请照通知或确认表上的网址打开。")
        return Response(f"{sentence}\n", 400, content_type="text/plain; charset=utf-8")

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        response = answer(error.code or 500)
        if error.code == 405:
            response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
        return response

    @app.errorhandler(Exception)
    def failure(error: Exception) -> Response:
        transactions.undo()
        if app.testing:
            raise error
        log.error("unexpected failure in %s: %s at %s", request.endpoint, type(error).__name__, _place(error))
        return answer(500)
