"""Which post to work in, for people who have several."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.services import accounts, posts
from portal.services.refusals import NotFound
from portal.web import guard
from portal.web.account import home_of, screens
from portal.web.guard import does
from portal.web.page import page


@screens.get("/post")
@does(Action.CHOOSE_POST)
def choose_post() -> Response:
    """All posts of this person, the present one marked."""
    target = guard.safe_next(request.args.get("next"))
    return page("post.html", choices=posts.choices(guard.actor()), next=target)


@screens.post("/post")
@does(Action.CHOOSE_POST)
def work_in_post() -> Response:
    """Go on in this post; the sign-in is a new one, so that nothing of the other post is left."""
    post_id = request.form.get("post", type=UUID)
    if post_id is None:
        raise NotFound
    token = posts.work_in(guard.actor(), post_id)
    guard.begin(token)
    who = accounts.actor_of(token)
    if who is None:  # its time was over at this very moment
        return guard.sign_in_first(None)
    return redirect(guard.safe_next(request.form.get("next")) or home_of(who), 303)
