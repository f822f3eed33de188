"""The own page of security: second step, where one is signed in, when one was last in (sec-A9, A10)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.roles import Role
from portal.rules.words import N_
from portal.services import own_sign_ins, second_step
from portal.web import guard
from portal.web.account import screens
from portal.web.guard import does
from portal.web.page import go, page

#: a word of `known.browser` -> what people call it
DEVICES = {"phone": N_("手机"), "computer": N_("电脑")}
BROWSERS = {
    "wechat": N_("微信"),
    "edge": "Edge",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "other": N_("别的浏览器"),
}


@screens.get("/security")
@does(Action.SECURE_OWN_ACCOUNT)
def security() -> Response:
    """Everything about the own way in."""
    who = guard.actor()
    is_family = who.role == Role.PARENT
    return page(
        "security.html",
        standing=None if is_family else second_step.standing(who),
        sign_ins=own_sign_ins.of(who),
        last=own_sign_ins.last_in(who),
        devices=DEVICES,
        browsers=BROWSERS,
    )


@screens.post("/security/sign-ins")
@does(Action.SECURE_OWN_ACCOUNT)
def end_other_sign_ins() -> Response:
    """End every sign-in but this one."""
    own_sign_ins.end_others(guard.actor())
    return go("web.security")


@screens.post("/here")
@does(Action.SECURE_OWN_ACCOUNT)
def here() -> Response:
    """Somebody types here: the sign-in does not idle out. The guard has noted it."""
    return Response("", 204)
