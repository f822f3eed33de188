"""Accounts of the people who work here: found, invited, ended, helped with a new first password (P1, P2, P4).

Whoever gives a password or a post shows the own second step or password anew: what was given stays when the sign-in of
a browser that was left open has ended (sec-A10, A46).
"""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from flask import request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.roles import Level, Role
from portal.services import appointing, second_resets, second_step, staff_accounts
from portal.services.refusals import Refusal
from portal.services.staff_accounts import SHOWS, Asked
from portal.staff import screens
from portal.staff.account_forms import InviteForm, PostForm
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

_LAST_PAGE = 100_000


@screens.get("/accounts")
@does(Action.MANAGE_ACCOUNTS)
def manage_accounts() -> Response:
    """The accounts of the own place and below, 50 to a page; narrowed by place, role and state."""
    return _list(None)


def _list(error: str | None, status: int = 200) -> Response:
    who = guard.actor()
    asked = _asked()
    total, rows = staff_accounts.accounts_of(who, asked)
    return page(
        "staff/accounts.html",
        status=status,
        rows=rows,
        total=total,
        asked=asked,
        pages=max(1, -(-total // staff_accounts.PAGE)),
        places=appointing.places_for(who),
        roles=staff_accounts.STAFF_ROLES,
        may_end=may(who, Action.END_SIGN_INS),
        error=error,
    )


def _asked() -> Asked:
    role, show = request.values.get("role", ""), request.values.get("show", "live")
    return Asked(
        place_id=request.values.get("place", type=UUID),
        role=Role(role) if role in set(Role) else None,
        show=show if show in SHOWS else "live",
        page=min(max(1, request.values.get("page", 1, type=int)), _LAST_PAGE),
    )


@screens.post("/accounts/sign-ins")
@does(Action.END_SIGN_INS)
def manage_end_sign_ins() -> Response:
    """End the sign-ins of everybody who is ticked."""
    ids = request.form.getlist("user", type=UUID)
    if not ids:
        return _list(_("先勾上要退出的人。"), 400)
    appointing.end_sign_ins(guard.actor(), ids)
    return go("staff.manage_accounts", show="inside")


@screens.route("/accounts/new", methods=["GET", "POST"])
@does(Action.MANAGE_ACCOUNTS)
def manage_new_account() -> Response:
    """Invite somebody; the answer shows the first password, once."""
    who, error = guard.actor(), None
    second_step.require_recent(who)  # asked before anything is typed
    form = InviteForm.of(appointing.offered(who), appointing.places_for(who))
    if form.validate_on_submit():
        try:
            fresh = appointing.invite(
                who, form.place_id(who), form.chosen_role, form.name.data or "", form.login.data or ""
            )
            return page("staff/account_fresh.html", fresh=fresh, is_new=True)
        except Refusal as refusal:
            error = _said(refusal)
    bad = error or form.errors
    return page("staff/account_new.html", form=form, error=error, at_school=_at_school(), status=400 if bad else 200)


def _said(refusal: Refusal) -> str:
    """The sentence of a refusal that is shown beside the form; what does not exist has no form."""
    if refusal.status == 404:
        raise refusal
    return words(refusal)


def _at_school() -> bool:
    return guard.actor().level == Level.SCHOOL


@screens.get("/accounts/<uuid:user_id>")
@does(Action.MANAGE_ACCOUNTS)
def manage_account(user_id: UUID) -> Response:
    """One person: posts, when they were in, and what can be done."""
    return _one(user_id, None)


def _one(user_id: UUID, error: str | None, form: PostForm | None = None, status: int = 200) -> Response:
    who = guard.actor()
    shown = staff_accounts.account(who, user_id)
    if form is None and not shown.is_ended and not shown.is_self:
        form = PostForm.of(appointing.offered(who), appointing.places_for(who))
    values: dict[str, Any] = {"shown": shown, "form": form, "error": error, "at_school": _at_school()}
    return page("staff/account.html", status=status, may_end=may(who, Action.END_SIGN_INS), **values)


@screens.post("/accounts/<uuid:user_id>/reset")
@does(Action.MANAGE_ACCOUNTS)
def manage_reset(user_id: UUID) -> Response:
    """A new first password, shown once; the old one and all sign-ins end."""
    second_step.require_recent(guard.actor())
    try:
        fresh = appointing.reset(guard.actor(), user_id)
    except Refusal as refusal:
        return _one(user_id, _said(refusal), status=refusal.status)
    return page("staff/account_fresh.html", fresh=fresh, is_new=False)


@screens.post("/accounts/<uuid:user_id>/second")
@does(Action.MANAGE_ACCOUNTS)
def manage_reset_second(user_id: UUID) -> Response:
    """Take the second step of somebody who lost the phone; they set up a new one."""
    second_step.require_recent(guard.actor())
    try:
        second_resets.reset(guard.actor(), user_id)
    except Refusal as refusal:
        return _one(user_id, _said(refusal), status=refusal.status)
    return go("staff.manage_account", user_id=user_id)


@screens.post("/accounts/<uuid:user_id>/slip")
@does(Action.MANAGE_ACCOUNTS)
def manage_slip(user_id: UUID) -> Response:
    """The slip with the first password as PDF, once."""
    second_step.require_recent(guard.actor())
    out = io.BytesIO()
    try:
        appointing.print_slip(guard.actor(), user_id, out)
    except Refusal as refusal:
        return _one(user_id, _said(refusal), status=refusal.status)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("登录条") + ".pdf")


@screens.post("/accounts/<uuid:user_id>/end")
@does(Action.MANAGE_ACCOUNTS)
def manage_end_post(user_id: UUID) -> Response:
    """End one post; with the last one the account."""
    post_id = request.form.get("post", type=UUID)
    staff_accounts.account(guard.actor(), user_id)
    try:
        if post_id is None:
            raise Refusal(_("请选要停的岗位。"))
        appointing.end_post(guard.actor(), user_id, post_id)
    except Refusal as refusal:
        return _one(user_id, _said(refusal), status=refusal.status)
    return go("staff.manage_account", user_id=user_id)


@screens.post("/accounts/<uuid:user_id>/posts")
@does(Action.MANAGE_ACCOUNTS)
def manage_give_post(user_id: UUID) -> Response:
    """Give one more post to somebody who works here."""
    who = guard.actor()
    second_step.require_recent(who)
    staff_accounts.account(who, user_id)
    form = PostForm.of(appointing.offered(who), appointing.places_for(who))
    if not form.validate_on_submit():
        return _one(user_id, None, form, 400)
    try:
        appointing.give_post(who, user_id, form.place_id(who), form.chosen_role)
    except Refusal as refusal:
        return _one(user_id, _said(refusal), form, refusal.status)
    return go("staff.manage_account", user_id=user_id)
