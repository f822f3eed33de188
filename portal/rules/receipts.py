"""What the receipts of a school's day add up to: a digest that anybody with the list can compute again without us.

SHA-256 over the school, the round, the day, the digest of the day before and the sorted lines `receipt address`; the
address is the keyed fingerprint of the photo's bytes. Whoever takes a photo out, puts one in or changes one changes
this day's digest, and with it those of all later days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.rules.numbers import grouped, symbols

_FORM = "portal receipts of a day, form 1"
SHORT_SYMBOLS = 16
_WHOLE_SYMBOLS = 52


@dataclass(frozen=True)
class Day:
    """A school's day in a round; `before` is the digest of the last day before it that had photos, empty for the
    first."""

    school_id: UUID
    round_id: UUID
    day: date
    before: bytes = b""


def digest_of(day: Day, lines: Iterable[tuple[str, str]]) -> bytes:
    """The 32 bytes over (receipt, address) of every photo of a day, in any order."""
    head = [_FORM, day.school_id.hex, day.round_id.hex, day.day.isoformat(), day.before.hex()]
    body = sorted(f"{receipt} {address}" for receipt, address in lines)
    return hashlib.sha256("\n".join([*head, *body, ""]).encode("ascii")).digest()


def short_text(digest: bytes) -> str:
    """80 bits of a digest as people compare it on paper: XXXX-XXXX-XXXX-XXXX."""
    return grouped(symbols(int.from_bytes(digest[:10], "big"), SHORT_SYMBOLS))


def whole_text(digest: bytes) -> str:
    """All 256 bits of a digest: 13 groups of four, the last bits padded with zeros."""
    return grouped(symbols(int.from_bytes(digest, "big") << 4, _WHOLE_SYMBOLS))
