"""The class at a glance: who has not sent anything, who must do it again, what waits for the teacher."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.standing import Group
from portal.services import classes, findings, looking
from portal.services.classes import ClassList
from portal.teachers import screens
from portal.web import guard
from portal.web.guard import does
from portal.web.page import page

_ACTS = (Action.SET_CAUSE, Action.TICK_RETURNED, Action.CHECK_RECEIPT)


@screens.get("", defaults={"class_id": None})
@screens.get("/<uuid:class_id>")
@does(Action.SEE_CLASS)
def class_list(class_id: UUID | None) -> Response:
    """Every pupil with a standing; `show` chooses a group, by default what there is to do first."""
    who = guard.actor()
    listed = classes.class_list(who, class_id)
    can = {action.value: may(who, action) for action in _ACTS}
    accepted = looking.accepted(who, request.args.get("done", type=UUID))
    return page(
        "teachers/class_list.html",
        listed=listed,
        groups=list(Group),
        chosen=_chosen(listed),
        can=can,
        accepted=accepted,
        check=findings.facts(who, listed.class_id) if may(who, Action.CHECK_PERSONS) else None,
    )


def _chosen(listed: ClassList) -> Group | None:
    asked = request.args.get("show", "")
    if asked == "all":
        return None
    if asked in set(Group):
        return Group(asked)
    first = (Group.WAITING, Group.MISSING, Group.REDO)
    return next((group for group in first if listed.count(group)), None)
