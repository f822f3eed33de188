"""What was asked for and refused: written down, not as a flood (sec 7.2). One step tells of all of one person and page
in ten minutes: the first is written at once, how many came after it with the next one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import OperationalError

from portal.models import Place, db, writing
from portal.rules.roles import Actor
from portal.services.history import record

MOVE = "REFUSED"
WINDOW = 600.0
#: pages of one person of which each gets a step of its own in a window
_MOST_PAGES = 20
_MOST_PEOPLE = 10_000


@dataclass
class _Count:
    since: float
    more: int = 0


class Refusals:
    """What this process has refused lately."""

    def __init__(self) -> None:
        self._people: dict[UUID, dict[str, _Count]] = {}
        self._lock = threading.Lock()

    def due(self, user_id: UUID, page: str, moment: float) -> int | None:
        """How many refusals a step should tell of now; None when this one is only counted."""
        with self._lock:
            if len(self._people) > _MOST_PEOPLE:
                self._people.clear()
            pages = self._people.setdefault(user_id, {})
            if page not in pages and len(pages) >= _MOST_PAGES:
                page = ""
            count = pages.get(page)
            if count is not None and moment - count.since < WINDOW:
                count.more += 1
                return None
            pages[page] = _Count(moment)
            return 1 + (count.more if count else 0)


_refusals = Refusals()


def note(actor: Actor | None, page: str, status: int) -> None:
    """Somebody who is signed in asked for what the post does not allow (403), or what does not exist for it (404);
    other answers are no refusals. Commits in a transaction of its own; a database too busy for it fails no page."""
    if status not in (403, 404) or actor is None or actor.user_id is None:
        return
    count = _refusals.due(actor.user_id, page, time.monotonic())
    if count is None:
        return
    db.session.rollback()
    try:
        with writing():
            place = db.session.get_one(Place, actor.place_id)
            record(actor, place, MOVE, place.id, page=page, status=status, n=count)
            db.session.commit()
    except OperationalError:
        db.session.rollback()
