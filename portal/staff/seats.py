"""Verification seats of the own place: who has one, who is inside, made, renamed, ended, signed out (B1, B2, P2)."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.rules.access import Action, may
from portal.rules.roles import Level, Role
from portal.services import appointing, seat_list, second_step
from portal.services.refusals import Refusal
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


class SeatForm(FlaskForm):
    """The real name of who gets a seat."""

    name = StringField(_l("姓名"), validators=[InputRequired(_l("请填姓名，账号是实名的。")), Length(max=40)])


@screens.get("/seats", endpoint="manage_seats")
@does(Action.MANAGE_ACCOUNTS)
def seats() -> Response:
    """The seats of the own place and who is inside."""
    return _seats()


def _seats(error: str | None = None, status: int = 200, form: SeatForm | None = None) -> Response:
    who = guard.actor()
    return page(
        "staff/seats.html",
        status=status,
        shown=seat_list.seats_of(who),
        form=form or SeatForm(formdata=None),
        error=error,
        at_school=who.level == Level.SCHOOL,
        sees_others=may(who, Action.END_SIGN_INS),
    )


@screens.post("/seats", endpoint="manage_new_seat")
@does(Action.MANAGE_ACCOUNTS)
def new() -> Response:
    """A seat for a person; the answer shows the first password, once."""
    who, form = guard.actor(), SeatForm()
    second_step.require_recent(who)
    if not form.validate_on_submit():
        return _seats(status=400, form=form)
    try:
        fresh = appointing.invite(who, who.place_id, Role.OPERATOR, form.name.data or "")
    except Refusal as refusal:
        return _seats(words(refusal), refusal.status, form)
    return page("staff/account_fresh.html", fresh=fresh, is_new=True, back=url_for("staff.manage_seats"))


@screens.post("/seats/<uuid:user_id>/name", endpoint="manage_rename_seat")
@does(Action.MANAGE_ACCOUNTS)
def rename(user_id: UUID) -> Response:
    """Correct a name."""
    try:
        seat_list.rename(guard.actor(), user_id, request.form.get("name", ""))
    except Refusal as refusal:
        return _refused(refusal)
    return go("staff.manage_seats")


@screens.post("/seats/<uuid:user_id>/password", endpoint="manage_reset_seat")
@does(Action.MANAGE_ACCOUNTS)
def reset(user_id: UUID) -> Response:
    """A new first password, shown once."""
    who = guard.actor()
    second_step.require_recent(who)
    seat_list.post_of(who, user_id)
    try:
        fresh = appointing.reset(who, user_id)
    except Refusal as refusal:
        return _refused(refusal)
    return page("staff/account_fresh.html", fresh=fresh, is_new=False, back=url_for("staff.manage_seats"))


@screens.post("/seats/<uuid:user_id>/end", endpoint="manage_end_seat")
@does(Action.MANAGE_ACCOUNTS)
def end(user_id: UUID) -> Response:
    """Take a seat away; who sits in it is signed out at once."""
    who = guard.actor()
    try:
        appointing.end_post(who, user_id, seat_list.post_of(who, user_id))
    except Refusal as refusal:
        return _refused(refusal)
    return go("staff.manage_seats")


@screens.post("/seats/sign-ins", endpoint="manage_sign_out_seats")
@does(Action.MANAGE_ACCOUNTS)
def sign_out() -> Response:
    """End the sign-ins of the seats that are ticked, one or many."""
    ids = request.form.getlist("user", type=UUID)
    if not ids:
        return _seats(_("先勾上要退出的人。"), 400)
    try:
        seat_list.sign_out(guard.actor(), ids)
    except Refusal as refusal:
        return _refused(refusal)
    return go("staff.manage_seats")


def _refused(refusal: Refusal) -> Response:
    if refusal.status == 404:
        raise refusal
    return _seats(words(refusal), refusal.status)
