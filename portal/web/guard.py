"""One way through: each view names its action, one map says who may, the actor comes from the server-side sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import accounts
from portal.services.refusals import NotYours

View = TypeVar("View", bound=Callable[..., Any])

#: views an actor may open before the first password has been replaced (C2, R98)
BEFORE_FIRST_CHANGE = frozenset(
    {Action.CHANGE_OWN_PASSWORD, Action.SIGN_OUT, Action.CHOOSE_LOOK, Action.SEE_PUBLIC_PAGE}
)
#: and before a second step that is due has been set up (sec-A47)
BEFORE_SECOND = BEFORE_FIRST_CHANGE | {Action.SECURE_OWN_ACCOUNT}
#: where flask-login keeps what `Signed.get_id` says
TOKEN_NAME = "_user_id"
#: where the token of a sign-in stands that waits for its second step: nobody is signed in by it
WAITING_NAME = "waiting"

manager = LoginManager()


class Signed(UserMixin):
    """What flask-login holds for a request: the actor and the token of the sign-in."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor, self.token = actor, token

    def get_id(self) -> str:
        return self.token


def does(action: Action) -> Callable[[View], View]:
    """Declare what a view does; a view without it stops the application from building."""

    def mark(view: View) -> View:
        view.__action__ = action  # type: ignore[attr-defined]
        return view

    return mark


def action_of(app: Flask, endpoint: str) -> Action | None:
    """The declared action of an endpoint."""
    return getattr(app.view_functions[endpoint], "__action__", None)


def refuse_views_without_action(app: Flask) -> None:
    """Raise when any view has no declared action."""
    missing = sorted(e for e in app.view_functions if action_of(app, e) is None)
    if missing:
        raise RuntimeError(f"views without @does(...): {missing}")


def current_actor() -> Actor | None:
    """The actor of this request, or None."""
    return current_user.actor if current_user.is_authenticated else None


def actor() -> Actor:
    """The actor of this request; only in views that need one."""
    found = current_actor()
    assert found is not None, "the guard lets nobody else through"
    return found


@manager.user_loader
def _load(token: str) -> Signed | None:
    found = accounts.actor_of(token)
    return Signed(found, token) if found else None


def without_database() -> None:
    """From here on this request is nobody's: the page that says that the database is away must not ask it."""
    g.database_away = True
    g._login_user = manager.anonymous_user()


def begin(token: str) -> None:
    """Put a new sign-in into this browser; everything the browser held before is dropped."""
    end()
    session[TOKEN_NAME] = token
    session["_fresh"] = True
    session.permanent = False


def go_on(token: str) -> None:
    """The same person goes on under another token."""
    session[TOKEN_NAME] = token


def wait(token: str) -> None:
    """Keep a sign-in that waits for its second step; whoever was signed in here before is not any more."""
    end()
    session[WAITING_NAME] = token


def end() -> None:
    """Forget the sign-in of this browser, keep its language and type size."""
    kept = {name: session[name] for name in ("language", "large") if name in session}
    session.clear()
    session.update(kept)


def before_request(app: Flask) -> Response | None:
    """Let through, send to the sign-in, or refuse."""
    if request.endpoint is None:
        return None  # no such page: the router's 404 or 405 follows
    action = action_of(app, request.endpoint)
    assert action is not None
    g.action = action
    who = current_actor()
    if may(None, action):
        return None
    if who is None and action != Action.SIGN_OUT:
        _refuse_closed_seat()
    if who is None or _something_first(who, action):
        return sign_in_first(who)
    if not may(who, action):
        raise NotYours(N_("您的岗位不能做这件事。"))
    if not request.headers.get("X-Polling"):
        accounts.seen(who)
    return None


def _something_first(who: Actor, action: Action) -> bool:
    """True while a first password is to be replaced, or a second step to be set up."""
    if who.must_change:
        return action not in BEFORE_FIRST_CHANGE
    return who.must_secure and action not in BEFORE_SECOND


def _refuse_closed_seat() -> None:
    """A verification seat whose window has closed is told so where it is: what was typed stays on the screen (R101)."""
    refusal = accounts.shut_out(session[TOKEN_NAME]) if TOKEN_NAME in session else None
    if refusal is not None:
        raise refusal


def sign_in_first(who: Actor | None) -> Response:
    """To the sign-in, or to what comes first: the change of a first password, the second step."""
    if who is not None:
        return to(url_for("web.password" if who.must_change else "web.second_set_up"))
    return to(url_for("web.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None))


def to(address: str) -> Response:
    """A redirect, also when htmx asked: otherwise the sign-in form would land inside a table."""
    if request.headers.get("HX-Request"):
        return Response("", 200, {"HX-Redirect": address})
    return redirect(address)


def safe_next(target: str | None) -> str | None:
    """A path of this site, or None: one leading slash, no backslash, no scheme, no control characters (sec-A20)."""
    if not target or len(target) > 512 or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    return None if any(ord(c) < 33 or ord(c) == 127 for c in target) else target
