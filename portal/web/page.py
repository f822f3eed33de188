"""Answers: the same data as a full page or, when htmx asks, as a part of it."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.services import own_sign_ins, posts, review_queue, strips, ticket_answers
from portal.web import asking
from portal.web.guard import current_actor
from portal.web.language import is_large


def is_part() -> bool:
    """True when htmx asks for a part of a page."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")


def page(template: str, part: str | None = None, status: int = 200, **data: Any) -> Response:
    """Render `template`, or `part` when htmx asks and a part exists; both see the same data."""
    wanted = part if part and is_part() else template
    answer = make_response(render_template(wanted, **data), status)
    if part:
        answer.vary.add("HX-Request")
    return answer


def row_only(template: str, status: int = 200, **data: Any) -> Response:
    """A part without the values of the frame around a page, for answers that come with every key press."""
    return make_response(current_app.jinja_env.get_template(template).render(data), status)


def go(endpoint: str, **values: Any) -> Response:
    """Redirect after a change (303); htmx follows it as a page load, a boosted form without one."""
    address = url_for(endpoint, **values)
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        return Response("", 204, {"HX-Redirect": address})
    return redirect(address, 303)


#: in the session of who has just signed in: the next page tells when they were in before
ARRIVED = "arrived"

TABS: dict[tuple[Role, bool], tuple[tuple[str, str], ...]] = {
    # (role, at an authority): (words, endpoint)
    (Role.TEACHER, False): ((N_("我的班"), "teachers.class_list"),),
    (Role.REGISTRAR, False): (
        (N_("本轮"), "staff.round"),
        (N_("各班"), "staff.classes"),
        (N_("录入"), "staff.entry"),
        (N_("数字"), "staff.figures"),
        (N_("问题"), "web.questions"),
        (N_("管理"), "staff.manage"),
    ),
    (Role.OPERATOR, False): ((N_("录入"), "staff.entry"),),
    (Role.LEADER, False): (
        (N_("审批"), "staff.queue"),
        (N_("本轮"), "staff.round"),
        (N_("数字"), "staff.figures"),
        (N_("问题"), "web.questions"),
    ),
    (Role.OPERATOR, True): ((N_("审批"), "staff.reviews"),),
    (Role.REGISTRAR, True): (
        (N_("数字"), "staff.figures"),
        (N_("审批"), "staff.reviews"),
        (N_("窗口"), "staff.windows"),
        (N_("问题"), "web.questions"),
        (N_("管理"), "staff.manage"),
    ),
    (Role.SECURITY, True): ((N_("登录安全"), "staff.officer"),),
    (Role.AUDITOR, True): ((N_("操作记录"), "staff.audit"), (N_("抄下来"), "staff.anchor_list")),
    (Role.LEADER, True): (
        (N_("数字"), "staff.figures"),
        (N_("申请"), "staff.review_places_own"),
        (N_("窗口"), "staff.windows"),
        (N_("问题"), "web.questions"),
        (N_("管理"), "staff.manage"),
    ),
}

#: screens that stand under another tab than their own name says
UNDER = {
    "staff.queue": ("staff.queue", "staff.review", "staff.export"),
    "staff.reviews": ("staff.review",),
    "staff.review_places_own": ("staff.review_places",),
    "staff.manage": (
        "staff.manage",
        "staff.export",
        "staff.roster",
        "staff.logins",
        "staff.findings",
        "staff.registration",
    ),
    "staff.entry": ("staff.entry", "staff.columns", "staff.maintenance"),
}


class ActorView:
    """What templates see of the actor."""

    def __init__(self, actor: Actor) -> None:
        self.name, self.place_name = actor.name, actor.place_name
        self.role_label = gettext(actor.role.label)
        is_held = actor.must_change or actor.must_secure
        self.has_posts = not is_held and posts.has_several(actor)
        at_authority = actor.level not in (Level.SCHOOL, Level.CLASS)
        tabs = TABS.get((actor.role, at_authority), ())
        here = request.endpoint or ""
        answers = may(actor, Action.SEE_QUESTIONS) and not is_held and not is_part()
        self.questions = ticket_answers.waiting_count(actor) if answers else 0
        reviews = any(tab[1] == "staff.reviews" for tab in tabs) and not is_held and not is_part()
        self.reviews = review_queue.waiting_count(actor) if reviews else 0
        self.tabs = [(self._tab(*tab), url_for(tab[1]), here.startswith(UNDER.get(tab[1], tab[1]))) for tab in tabs]
        self.may_secure = not actor.must_change
        if is_held:
            self.tabs = []

    def _tab(self, words: str, endpoint: str) -> str:
        """The words of a tab, with how many questions or applications wait."""
        waiting = {"web.questions": self.questions, "staff.reviews": self.reviews}.get(endpoint, 0)
        return gettext(words) + (f" {waiting}" if waiting else "")


def _arrived(who: Actor | None) -> own_sign_ins.LastIn | None:
    """When the reader was in before: once, on the first page after the sign-in."""
    if who is None or who.must_change or who.must_secure or is_part() or not session.pop(ARRIVED, False):
        return None
    last = own_sign_ins.last_in(who)
    return last if last.at else None


def context() -> dict[str, Any]:
    """What every template may use. Who tells that the database is away must not ask it (`guard.without_database`)."""
    away, who = bool(g.get("database_away")), current_actor()
    return {
        "actor": ActorView(who) if who else None,
        "language": "en" if str(get_locale()) == "en" else "zh",
        "large": is_large(),
        "place_name": who.place_name if who else g.get("place_name"),
        "strip": strips.strip_of(who) if who and not who.must_change else None,
        "support": g.get("support") or (strips.support_of(who) if who else None),
        "asks": None if away or is_part() else asking.here(),
        "arrived": _arrived(who),
        "static_url": current_app.extensions["portal.static_url"],
        "base_url": current_app.extensions["portal.settings"].base_url,
    }


def init(app: Flask) -> None:
    """Give templates their common values."""
    app.context_processor(context)
