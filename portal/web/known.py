"""The cookie of browsers in which somebody has signed in before (sec-A39); `services.known_devices` reads it."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from portal.rules.roles import Actor
from portal.services import known_devices

#: browsers as their user agents name them, from the particular to the general
_BROWSERS = (
    ("micromessenger", "wechat"),
    ("edg/", "edge"),
    ("edga/", "edge"),
    ("firefox/", "firefox"),
    ("fxios/", "firefox"),
    ("chrome/", "chrome"),
    ("crios/", "chrome"),
    ("safari/", "safari"),
)


def cookie() -> str:
    """What this browser brings."""
    return request.cookies.get(_name(), "")


def keep(answer: Response, actor: Actor | None) -> Response:
    """Remember in this browser that the actor has signed in here; forgotten after 180 days."""
    if actor is not None and actor.user_id is not None:
        answer.set_cookie(
            _name(),
            known_devices.with_entry(cookie(), actor.user_id),
            max_age=known_devices.LIFE,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
    return answer


def browser() -> str:
    """What is used, in two words such as "phone wechat", for the list of own sign-ins; nothing more is kept of it."""
    said = (request.user_agent.string or "").lower()
    kind = "phone" if any(word in said for word in ("mobile", "android", "iphone", "ipad")) else "computer"
    return f"{kind} {next((name for mark, name in _BROWSERS if mark in said), 'other')}"


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"
