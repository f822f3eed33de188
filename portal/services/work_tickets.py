"""Tickets for work (sec 5.4): signed, bound to one browser, good for ten minutes and for one try.

A ticket is 64 signs: when it was given (8 hexadecimal), its bits (2 digits), a nonce (22) and a keyed digest over these
and the browser (32). Nothing is stored until it is used.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.keys import equal
from portal.models import Try, db, keyring
from portal.rules import work_proof
from portal.rules.clock import now

LIFE = timedelta(minutes=10)
#: so long a ticket with a little less work counts on, for pages that were opened before it became more
GRACE = timedelta(minutes=3)
#: a browser without scripts waits so long instead of working, and of these one each so often gets through per address
PATIENCE = timedelta(seconds=5)
TURN_SECONDS = 2
_HEAD = 32
_SKEW = timedelta(seconds=2)


@dataclass(frozen=True)
class Ticket:
    """A ticket that this deployment gave to this browser within the last ten minutes."""

    text: str
    bits: int
    age: timedelta

    def is_enough(self, wanted: int) -> bool:
        """True when it asks for enough bits; for a while also with a little less, for pages opened before."""
        return self.bits >= (wanted if self.age > GRACE else wanted - work_proof.STEP)

    def is_worked(self, answer: str, wanted: int) -> bool:
        """True when the answer is right and enough bits were asked for."""
        return self.is_enough(wanted) and work_proof.fits(self.text, answer, self.bits)


def give(device: str, bits: int) -> str:
    """A new ticket for a browser."""
    head = f"{int(now().timestamp()):08x}{bits:02d}{secrets.token_urlsafe(16)}"
    return head + _mac(device, head)


def read(text: str, device: str) -> Ticket | None:
    """The ticket behind a text, or None for one that is not whole, of another browser, or too old."""
    if len(text) != work_proof.TICKET_SIGNS or not text.isascii():
        return None
    if not equal(text[_HEAD:].encode(), _mac(device, text[:_HEAD]).encode()):
        return None
    age = now() - datetime.fromtimestamp(int(text[:8], 16), UTC)
    return Ticket(text, int(text[8:10]), age) if -_SKEW <= age <= LIFE else None


def use_up(ticket: Ticket) -> bool:
    """True for the first use of a ticket only: the row's own id is made from it. Commits."""
    return _first(f"ticket {ticket.text.encode().hex()}")


def take_turn(address: str) -> bool:
    """True for the first who asks at this address in these two seconds. Commits."""
    return _first(f"turn {int(now().timestamp()) // TURN_SECONDS} {address}")


def _first(thing: str) -> bool:
    bucket = keyring().blind("try.work", thing)
    db.session.add(Try(id=UUID(bytes=bucket[:16]), kind="work", bucket=bucket, failed=False))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _mac(device: str, head: str) -> str:
    digest = hmac.digest(keyring().derive("work"), f"{head}|{device}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:24]).decode()
