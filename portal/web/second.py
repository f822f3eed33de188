"""The second step on the screen: at the sign-in, before dangerous acts, set up on a phone (sec-A11, A46, A47)."""

from __future__ import annotations

from typing import Any

import qrcode
from flask import redirect, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.rules.access import Action
from portal.services import accounts, second_step, sign_ins, transactions
from portal.services.refusals import Refusal
from portal.web import guard, known
from portal.web.account import enter, screens
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


class CodeForm(FlaskForm):
    """Digits of the app, or a recovery code."""

    code = StringField(_l("验证码"), validators=[InputRequired(_l("请填验证码。")), Length(max=80)])


class ProofForm(FlaskForm):
    """The password once more, for who has no second step."""

    code = PasswordField(_l("密码"), validators=[InputRequired(_l("请填密码。")), Length(max=1024)])


@screens.route("/sign-in/second", methods=["GET", "POST"])
@does(Action.SIGN_IN)
def second() -> Response:
    """The second page of a sign-in: nobody is signed in until it is answered."""
    form, error = CodeForm(), None
    token, target = str(session.get(guard.WAITING_NAME, "")), guard.safe_next(request.args.get("next"))
    if not token or sign_ins.waiting(token) is None:
        return redirect(url_for("web.sign_in", next=target), 303)
    if form.validate_on_submit():
        try:
            return enter(second_step.finish(token, form.code.data or "", known.browser(), known.cookie()), target)
        except second_step.Over:
            return redirect(url_for("web.sign_in", next=target), 303)
        except Refusal as refusal:
            transactions.undo()
            error = refusal
    status = error.status if error else 400 if form.errors else 200
    return page("second.html", form=form, error=words(error) if error else None, next=target, status=status)


@screens.route("/prove", methods=["GET", "POST"])
@does(Action.SECURE_OWN_ACCOUNT)
def prove() -> Response:
    """Once more, before an act that one sign-in alone must not open; then back to where it was asked for."""
    who, error = guard.actor(), None
    target = guard.safe_next(request.args.get("next")) or url_for("web.security")
    has_second = second_step.has_second(who)
    form = CodeForm() if has_second else ProofForm()
    if form.validate_on_submit():
        try:
            guard.go_on(second_step.prove(who, form.code.data or ""))
            return redirect(target, 303)
        except Refusal as refusal:
            transactions.undo()
            error = refusal
    status = error.status if error else 400 if form.errors else 200
    return page(
        "prove.html",
        form=form,
        error=words(error) if error else None,
        next=target,
        has_second=has_second,
        status=status,
    )


@screens.route("/security/second", methods=["GET", "POST"])
@does(Action.SECURE_OWN_ACCOUNT)
def second_set_up() -> Response:
    """Put the secret into an app and show one code of it; the answer shows the recovery codes, once."""
    who, form, error = guard.actor(), CodeForm(), None
    offered = second_step.offer(who)
    if form.validate_on_submit():
        try:
            token, codes = second_step.turn_on(who, form.code.data or "")
            return _codes(codes, token)
        except second_step.Unproven:
            raise
        except Refusal as refusal:
            transactions.undo()
            error = refusal
    status = error.status if error else 400 if form.errors else 200
    values: dict[str, Any] = {"form": form, "offered": offered, "qr": _qr(offered.address), "first": who.must_secure}
    return page("second_set_up.html", status=status, error=words(error) if error else None, **values)


@screens.post("/security/second/codes")
@does(Action.SECURE_OWN_ACCOUNT)
def second_codes() -> Response:
    """Eight new recovery codes, shown once."""
    return _codes(second_step.new_codes(guard.actor()), None)


@screens.post("/security/second/off")
@does(Action.SECURE_OWN_ACCOUNT)
def second_off() -> Response:
    """Give up the second step where nobody requires it."""
    guard.go_on(second_step.turn_off(guard.actor()))
    return go("web.security")


def _codes(codes: list[str], token: str | None) -> Response:
    login = accounts.login_shown(guard.actor())
    answer = page("second_codes.html", codes=codes, login=login)
    if token is not None:
        guard.go_on(token)
    return answer


def _qr(address: str) -> tuple[int, str]:
    """(modules along a side with the quiet zone, the black ones as an SVG path)."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(address)
    rows = code.get_matrix()
    cells = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, black in enumerate(row) if black]
    return len(rows), "".join(cells)
