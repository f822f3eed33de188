"""Screens that belong to nobody in particular: way in, password, language, large type, health."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.rules.access import Action
from portal.rules.roles import Actor, Level, Role
from portal.services import accounts, posts, sign_in_work, sign_ins, strips
from portal.services.refusals import Refusal
from portal.services.slowing import WorkFirst
from portal.web import device, guard, known
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import ARRIVED, go, page

screens = Blueprint("web", __name__)


class SignInForm(FlaskForm):
    """Login and password of a member of staff."""

    login = StringField(_l("账号"), validators=[InputRequired(_l("请填账号。")), Length(max=64)])
    password = PasswordField(_l("密码"), validators=[InputRequired(_l("请填密码。")), Length(max=1024)])


class PasswordForm(FlaskForm):
    """The present and a new password."""

    old = PasswordField(_l("现在的密码"), validators=[InputRequired(_l("请填现在的密码。")), Length(max=1024)])
    new = PasswordField(_l("新密码"), validators=[InputRequired(_l("请填新密码。")), Length(max=1024)])


def home_of(actor: Actor) -> str:
    """The address where this role begins."""
    if actor.must_change:
        return url_for("web.password")
    if actor.must_secure:
        return url_for("web.second_set_up")
    at_authority = actor.level not in (Level.SCHOOL, Level.CLASS)
    endpoints = {Role.TEACHER: "teachers.class_list", Role.OPERATOR: "staff.entry", Role.LEADER: "staff.queue"}
    endpoints[Role.PARENT] = "parents.home"
    if actor.role == Role.SECURITY:
        return url_for("staff.officer")
    if actor.role == Role.AUDITOR:
        return url_for("staff.audit")
    if at_authority and actor.role == Role.OPERATOR:
        return url_for("staff.reviews")
    if at_authority:
        return url_for("staff.figures")
    return url_for(endpoints.get(actor.role, "staff.round"))


@screens.get("/")
@does(Action.SEE_PUBLIC_PAGE)
def home() -> Response:
    """The first page: for families and for staff."""
    who = guard.current_actor()
    return redirect(home_of(who)) if who else page("home.html")


@screens.route("/sign-in", methods=["GET", "POST"])
@does(Action.SIGN_IN)
def sign_in() -> Response:
    """Sign in with login and password."""
    form = SignInForm()
    target = guard.safe_next(request.args.get("next"))
    if form.validate_on_submit():
        try:
            typed = form.login.data or "", form.password.data or ""
            token = accounts.sign_in(*typed, known.cookie(), known.browser(), device.asker())
        except Refusal as refusal:
            return _sign_in(form, target, refusal.status, refusal)
        if sign_ins.waiting(token) is not None:
            guard.wait(token)
            return redirect(url_for("web.second", next=target), 303)
        return enter(token, target)
    return _sign_in(form, target, 400 if form.errors else 200)


def _sign_in(form: SignInForm, target: str | None, status: int, refusal: Refusal | None = None) -> Response:
    """The form, where many passwords were wrong with work for a browser that is not known. Passwords are never sent
    back: whoever has to work first types it once more meanwhile."""
    error = words(refusal) if refusal else None
    waiting = _("已经等了 %(waited)s 秒，一般不超过 %(usual)s 秒。")
    wanted, busy = sign_in_work.wanted(device.asker()), isinstance(refusal, WorkFirst)
    told: dict[str, Any] = {"error": None if busy else error, "wanted": wanted, "busy": busy, "waiting": waiting}
    return page("sign_in.html", form=form, next=target, status=status, **told)


def enter(token: str, target: str | None) -> Response:
    """Into the portal with a whole sign-in: to what comes first, to the choice of a post, or where asked for."""
    guard.begin(token)
    session[ARRIVED] = True
    who = accounts.actor_of(token)
    assert who is not None
    is_held = who.must_change or who.must_secure
    if not is_held and posts.has_several(who):
        return known.keep(redirect(url_for("web.choose_post", next=target), 303), who)
    return known.keep(redirect(target if target and not is_held else home_of(who), 303), who)


@screens.post("/sign-out")
@does(Action.SIGN_OUT)
def sign_out() -> Response:
    """End this sign-in."""
    accounts.sign_out(guard.actor())
    guard.end()
    return go("web.home")


@screens.route("/password", methods=["GET", "POST"])
@does(Action.CHANGE_OWN_PASSWORD)
def password() -> Response:
    """Replace the own password; forced at the first sign-in (C2, R98)."""
    form, error, who = PasswordForm(), None, guard.actor()
    if form.validate_on_submit():
        try:
            guard.begin(accounts.change_password(who, form.old.data or "", form.new.data or ""))
            return go("web.home")
        except Refusal as refusal:
            error = words(refusal)
    values: dict[str, Any] = {"form": form, "error": error, "first": who.must_change, "family": who.role == Role.PARENT}
    return page("password.html", status=400 if error or form.errors else 200, **values)


@screens.post("/language")
@does(Action.CHOOSE_LOOK)
def language() -> Response:
    """Change the language and stay on the page."""
    session["language"] = "en" if request.form.get("to") == "en" else "zh"
    return redirect(guard.safe_next(request.form.get("next")) or "/", 303)


@screens.post("/large")
@does(Action.CHOOSE_LOOK)
def large() -> Response:
    """Change the type size and stay on the page."""
    session["large"] = request.form.get("to") == "large"
    return redirect(guard.safe_next(request.form.get("next")) or "/", 303)


@screens.get("/health")
@does(Action.SEE_PUBLIC_PAGE)
def health() -> Response:
    """Alive and with a database: for the load balancer."""
    return Response(
        _("好") if strips.alive() else "", 200 if strips.alive() else 503, content_type="text/plain; charset=utf-8"
    )
