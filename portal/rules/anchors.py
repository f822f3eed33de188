"""Anchors: what somebody outside keeps of the history, so that nobody can cut it or write it anew (sec 7.3).

A line says: up to this position, at this time, the chain ended in this head. Kept where another person watches it, it
gives away every later change of what lies before it; its short form is written down by hand once a day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from portal.rules.numbers import ALPHABET, symbols

_FORM = "portal anchor 1"
SHORT_SYMBOLS = 16
_GROUP = 8
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


class NotAnAnchor(ValueError):
    """A line that cannot be an anchor."""


@dataclass(frozen=True)
class Anchor:
    """The head (32 bytes) of the chain at `position`; `count` steps were sealed since the anchor before."""

    position: int
    head: bytes
    count: int
    time: datetime
    signature: bytes = b""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return f"{_FORM}|{self.position}|{self.head.hex()}|{self.count}|{self.time.isoformat()}".encode()

    @property
    def line(self) -> str:
        """The line of the file, without its end."""
        told = {"position": self.position, "head": self.head.hex(), "count": self.count}
        return json.dumps(told | {"time": self.time.isoformat(), "signature": self.signature.hex()})

    @property
    def short(self) -> str:
        """80 bits of the head in two groups, as they are written down by hand."""
        return short_code(self.head)


def short_code(head: bytes) -> str:
    """80 bits of a head: XXXXXXXX XXXXXXXX."""
    text = symbols(int.from_bytes(head[:10], "big"), SHORT_SYMBOLS)
    return " ".join(text[at : at + _GROUP] for at in range(0, SHORT_SYMBOLS, _GROUP))


def typed_code(text: str) -> str | None:
    """A code as somebody typed it from a note, in the form of `short_code`; None when it cannot be one."""
    kept = "".join(sign for sign in text.upper().translate(_MISREAD) if sign in ALPHABET)
    if len(kept) != SHORT_SYMBOLS:
        return None
    return f"{kept[:_GROUP]} {kept[_GROUP:]}"


def parse(line: str) -> Anchor:
    """An anchor from its line. Raises `NotAnAnchor`."""
    try:
        told = json.loads(line)
        moment = datetime.fromisoformat(told["time"])
        found = Anchor(
            int(told["position"]),
            bytes.fromhex(told["head"]),
            int(told["count"]),
            moment,
            bytes.fromhex(told["signature"]),
        )
    except (ValueError, KeyError, TypeError):
        raise NotAnAnchor("not a line of anchors") from None
    if found.position < 0 or len(found.head) != 32 or moment.tzinfo is None:
        raise NotAnAnchor("not a line of anchors")
    return found
