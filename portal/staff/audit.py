"""The auditor's screens: how the history stands, its steps, one step, the anchors to write down. All read only."""

from __future__ import annotations

from datetime import date
from typing import Any
from unicodedata import normalize
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.anchors import typed_code
from portal.rules.step_words import Kind
from portal.services import audit_anchors, audit_reading, lists
from portal.services.audit_reading import Wanted
from portal.services.refusals import NotFound
from portal.staff import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page

#: no step is older, and at the ends of the calendar a day has no day after it
_YEARS = 2000, 2999


@screens.get("/audit")
@does(Action.SEE_AUDIT)
def audit() -> Response:
    """The state of the chain, what somebody should look into, and the steps that fit."""
    return _page(_wanted())


def _page(wanted: Wanted, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    who = guard.actor()
    steps = [] if wrong else audit_reading.steps(who, wanted)
    is_first = wanted == Wanted()
    data: dict[str, Any] = {"chain": audit_reading.chain(), "alarms": audit_reading.alarms(who) if is_first else []}
    older = _arguments(wanted) | {"before": steps[-1].position} if len(steps) == audit_reading.PAGE else None
    found: dict[str, Any] = {
        "steps": steps,
        "wanted": wanted,
        "kinds": list(Kind),
        "older": older,
        "is_first": is_first,
    }
    return page("staff/audit.html", status=status, wrong=wrong or {}, **data, **found)


def _wanted() -> Wanted:
    """What the address asks for; what cannot be read of it is left out."""
    given = request.args
    kind = given.get("kind")
    return Wanted(
        kind=Kind(kind) if kind in set(Kind) else None,
        who=given.get("who", type=UUID),
        place=given.get("place", "")[:30],
        day=_day(given.get("day", "")),
        thing=given.get("thing", type=UUID),
        before=_number(given.get("before", "")),
    )


def _arguments(wanted: Wanted) -> dict[str, Any]:
    """The address of what is asked for."""
    told = {"kind": wanted.kind, "who": wanted.who, "place": wanted.place, "day": wanted.day, "thing": wanted.thing}
    return {name: str(value) for name, value in told.items() if value}


@screens.post("/audit")
@does(Action.SEE_AUDIT)
def audit_find() -> Response:
    """Turn what was typed into an address without a name in it."""
    form, who = request.form, guard.actor()
    kind, place = form.get("kind", ""), form.get("place", "").strip()[:30]
    login, day = form.get("login", "").strip(), form.get("day", "").strip()
    wanted: dict[str, Any] = {"kind": kind} if kind in set(Kind) else {}
    wrong = {}
    try:
        wanted |= {"who": audit_reading.person(who, login)} if login else {}
    except NotFound:
        wrong["login"] = _("这里没有这个账号。")
    if place and not _is_here(place):
        wrong["place"] = _("没有这个单位。")
    if day and _day(day) is None:
        wrong["day"] = _("日期要写成 2026-03-01 这样。")
    if wrong:
        return _page(_wanted(), wrong, 400)
    return go("staff.audit", **wanted, **{name: text for name, text in (("place", place), ("day", day)) if text})


def _is_here(code: str) -> bool:
    try:
        lists.place_coded(guard.actor(), code)
    except NotFound:
        return False
    return True


@screens.get("/audit/steps/<uuid:step_id>")
@does(Action.SEE_AUDIT)
def audit_step(step_id: UUID) -> Response:
    """One step with all that it says."""
    return page("staff/audit_step.html", step=audit_reading.step(guard.actor(), step_id))


@screens.get("/audit/anchors")
@does(Action.SEE_AUDIT)
def anchor_list() -> Response:
    """A line of each day, to be written down by hand."""
    return _anchors()


@screens.post("/audit/anchors")
@does(Action.SEE_AUDIT)
def anchor_compare() -> Response:
    """Does a line that was written down earlier still agree?"""
    position, code = _number(request.form.get("position", "")), typed_code(request.form.get("code", "")[:80])
    if position is None or code is None:
        return _anchors("mistyped", 400)
    kept = audit_anchors.code_at(position)
    return _anchors("agrees" if kept == code else "differs", position=position)


def _anchors(answer: str = "", status: int = 200, position: int | None = None) -> Response:
    try:
        days = audit_anchors.days()
    except OSError:
        days = []
    data: dict[str, Any] = {
        "days": days,
        "public": audit_anchors.public_key().hex(),
        "answer": answer,
        "position": position,
    }
    return page("staff/audit_anchors.html", status=status, **data)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if _YEARS[0] <= day.year <= _YEARS[1] else None


def _number(text: str) -> int | None:
    plain = "".join(sign for sign in normalize("NFKC", text) if sign not in " ,")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 18 else None
