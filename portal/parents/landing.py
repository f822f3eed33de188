"""After the QR: whose sheet this is, why it is asked for, how to tell that it is genuine, and how far the sheet is."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.papers import PAPER, Paper
from portal.rules.access import Action
from portal.services import families, guardians
from portal.web.guard import current_actor, does
from portal.web.page import page


@screens.get(PAPER)
@does(Action.OPEN_SHEET_LINK)
def landing(door: str, key: str) -> Response:
    """Whose sheet, and the way to send its photo; a closed paper says why and what to do."""
    paper = papers.find(door, key)
    if paper.guardian is not None:
        return redirect(paper.url("landing"), 303)
    progress = families.progress_of(paper.opened)
    template = "parents/closed.html" if paper.whose.closed else "parents/landing.html"
    return page(template, paper=paper, whose=paper.whose, progress=progress, home=_home(paper))


def _home(paper: Paper) -> str | None:
    """The child's own page, for the claimed guardian who is signed in."""
    who = current_actor()
    child_id = guardians.child_behind(who, paper.opened) if who else None
    return url_for("parents.child", child_id=child_id) if child_id else None


@screens.get(f"{PAPER}/genuine")
@does(Action.OPEN_SHEET_LINK)
def genuine(door: str, key: str) -> Response:
    """How a family can tell that this page is no trick."""
    paper = papers.find(door, key)
    return page("parents/genuine.html", paper=paper, whose=paper.whose)
