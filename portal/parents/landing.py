"""After the QR: whose sheet this is, why it is asked for, how to tell that it is genuine, and how far the sheet is."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.papers import PAPER
from portal.rules.access import Action
from portal.services import families
from portal.web.guard import does
from portal.web.page import page


@screens.get(PAPER)
@does(Action.OPEN_SHEET_LINK)
def landing(door: str, key: str) -> Response:
    """Whose sheet, and the way to send its photo; a closed paper says why and what to do."""
    paper = papers.find(door, key)
    progress = families.progress_of(paper.opened)
    template = "parents/closed.html" if paper.whose.closed else "parents/landing.html"
    return page(template, paper=paper, whose=paper.whose, progress=progress)


@screens.get(f"{PAPER}/genuine")
@does(Action.OPEN_SHEET_LINK)
def genuine(door: str, key: str) -> Response:
    """How a family can tell that this page is no trick."""
    paper = papers.find(door, key)
    return page("parents/genuine.html", paper=paper, whose=paper.whose)
