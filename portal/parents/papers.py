"""Which paper a request is about: behind its printed link, a code typed in this browser, or a claimed child."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import abort, g, session, url_for

from portal.rules.access import Action, may
from portal.rules.roles import Actor
from portal.services import doors, families, guardians
from portal.services.doors import Opened
from portal.services.families import Whose
from portal.services.refusals import NotFound
from portal.web.guard import current_actor, sign_in_first

#: `/s/` is printed on page 1 (in capitals, as the QR has it), `/c/` follows a typed code, `/h/` a claimed child
PAPER = "/<any(s, S, c, h):door>/<string(minlength=8, maxlength=32):key>"
_MOST_CODES = 6
_MOST_RECEIPTS = 8


@dataclass(frozen=True)
class Paper:
    """A paper and its address; `guardian` is who has claimed the child and is signed in."""

    door: str
    key: str
    opened: Opened
    guardian: Actor | None = None

    @cached_property
    def whose(self) -> Whose:
        """What every page says at the top; looked up by those that show it, not by every photo that comes in."""
        whose = families.whose(self.opened)
        g.place_name, g.support = whose.province, whose.support
        return whose

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another screen of the same paper; a claimed child begins at its own page."""
        if self.door == "h" and endpoint == "landing":
            return url_for("parents.child", child_id=UUID(hex=self.key))
        return url_for(f"parents.{endpoint}", door=self.door, key=self.key, **values)


def find(door: str, key: str) -> Paper:
    """The paper of a request; raises `NotFound` for a wrong token, a handle of another browser, another's child."""
    guardian = _guardian() if door == "h" else None
    if guardian is not None:
        opened = doors.of_sheet(guardians.sheet_of(guardian, _child_id(key)))
    else:
        opened = doors.by_selector(selector_of(key)) if door == "c" else doors.by_link(key)
    return Paper(door.lower(), key, opened, guardian)


def _guardian() -> Actor:
    """The family that is signed in; nobody is sent to the sign-in, staff have no children here."""
    who = current_actor()
    if who is None or who.must_change:
        abort(sign_in_first(who))
    if not may(who, Action.SEE_OWN_CHILDREN):
        raise NotFound
    return who


def _child_id(key: str) -> UUID:
    try:
        return UUID(hex=key)
    except ValueError as wrong:
        raise NotFound from wrong


def selector_of(handle: str) -> str:
    """The selector of a code typed in this browser; raises `NotFound` for a handle of another."""
    selector: str | None = session.get("codes", {}).get(handle)
    if selector is None:
        raise NotFound
    return selector


def remember_code(selector: str) -> str:
    """Keep a code's selector in this browser's signed session; returns the handle that stands in addresses."""
    codes = dict(session.get("codes", {}))
    handle = next((h for h, known in codes.items() if known == selector), None) or token_hex(4)
    codes[handle] = selector
    session["codes"] = dict(list(codes.items())[-_MOST_CODES:])
    return handle


def remember_receipt(receipt: str) -> None:
    """This browser sent the photo, so it may see it."""
    kept = [known for known in session.get("sent", []) if known != receipt]
    session["sent"] = [*kept, receipt][-_MOST_RECEIPTS:]


def may_see(paper: Paper, receipt: str) -> bool:
    """True when this browser or this signed-in guardian sent the photo: the link on the paper alone is no right to
    look at pictures."""
    return receipt in session.get("sent", []) or families.is_sender(paper.opened, receipt, paper.guardian)
