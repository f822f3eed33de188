"""Home of a claimed account: its children, each with three steps, what came of the changes, and the way out."""

from __future__ import annotations

from uuid import UUID

from flask import g, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.parents import screens
from portal.rules.access import Action
from portal.services import accounts, family_differences, family_home, guardians, who_looked
from portal.web import guard
from portal.web.guard import does
from portal.web.page import go, page


@screens.get("/home")
@does(Action.SEE_OWN_CHILDREN)
def home() -> Response:
    """The only child's page, or the list of several."""
    who = guard.actor()
    children = guardians.children(who)
    if len(children) == 1 and children[0].state == "active" and not family_home.closed_records(who):
        return _child(children[0].child_id)
    g.support = family_home.support_of(who)
    return page("parents/home.html", children=family_home.overview(who), closed=family_home.closed_records(who))


@screens.get("/home/<uuid:child_id>")
@does(Action.SEE_OWN_CHILDREN)
def child(child_id: UUID) -> Response:
    """One child: steps, notice, what was changed."""
    return _child(child_id)


def _child(child_id: UUID) -> Response:
    found = family_home.child_home(guard.actor(), child_id, "en" if str(get_locale()) == "en" else "zh")
    g.support = found.support
    several = len(guardians.children(guard.actor())) > 1
    photo = url_for("parents.photo", door="h", key=child_id.hex)
    check = url_for("parents.check", child_id=child_id)
    return page("parents/child.html", found=found, child=found.child, several=several, photo=photo, check=check)


@screens.post("/home/<uuid:child_id>/differences")
@does(Action.CHECK_DATA)
def leave_differences(child_id: UUID) -> Response:
    """What was shown as different is left to the signed paper."""
    family_differences.leave(guard.actor(), child_id, request.form.getlist("line"))
    return go("parents.child", child_id=child_id)


@screens.get("/home/<uuid:child_id>/looks")
@does(Action.SEE_OWN_CHILDREN)
def looks(child_id: UUID) -> Response:
    """Who was shown the child's record in full: when, in which role, where; no names."""
    who = guard.actor()
    g.support = family_home.support_of(who)
    found = who_looked.looks(who, child_id)
    return page("parents/looks.html", child=guardians.leaving(who, child_id), looks=found)


@screens.get("/home/<uuid:child_id>/leave")
@does(Action.LEAVE_CHILD)
def leaving(child_id: UUID) -> Response:
    """What leaving means, before it is done."""
    who = guard.actor()
    g.support = family_home.support_of(who)
    return page("parents/leave.html", child=guardians.leaving(who, child_id))


@screens.post("/home/<uuid:child_id>/leave")
@does(Action.LEAVE_CHILD)
def leave(child_id: UUID) -> Response:
    """Withdraw the consent; with the last child the account ends."""
    who = guard.actor()
    if guardians.leave(who, child_id):
        return go("parents.home")
    accounts.sign_out(who)
    guard.end()
    return page("parents/left.html")
