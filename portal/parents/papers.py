"""Which paper a request is about: behind its printed link, or behind a code this browser has typed."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from flask import g, session, url_for

from portal.services import doors, families
from portal.services.doors import Opened
from portal.services.families import Whose
from portal.services.refusals import NotFound

#: `/s/` is printed on page 1 (in capitals, as the QR has it), `/c/` follows a typed code
PAPER = "/<any(s, S, c):door>/<string(minlength=8, maxlength=11):key>"
_MOST_CODES = 6
_MOST_RECEIPTS = 8


@dataclass(frozen=True)
class Paper:
    """A paper and its address; `whose` is what every page says at the top."""

    door: str
    key: str
    opened: Opened
    whose: Whose

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another screen of the same paper."""
        return url_for(f"parents.{endpoint}", door=self.door, key=self.key, **values)


def find(door: str, key: str) -> Paper:
    """The paper of a request; raises `NotFound` for a wrong token or a handle of another browser."""
    opened = _by_handle(key) if door == "c" else doors.by_link(key)
    whose = families.whose(opened)
    g.place_name, g.support = whose.province, whose.support
    return Paper("c" if door == "c" else "s", key, opened, whose)


def _by_handle(handle: str) -> Opened:
    selector = session.get("codes", {}).get(handle)
    if selector is None:
        raise NotFound
    return doors.by_selector(selector)


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


def sent_here(receipt: str) -> bool:
    """True when this browser sent the photo: the link on the paper alone is no right to look at pictures."""
    return receipt in session.get("sent", [])
