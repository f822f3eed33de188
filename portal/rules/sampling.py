"""Which sheets with nothing written a person must look at all the same, and how much the machine misses (sheet.md).

The draw follows a keyed hash of the sheet: nobody can choose it, and asking again gives the same answer.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from uuid import UUID

#: ranks lie below this
TOP = 1 << 64
#: so many of a class are looked at however small the share is, and so many more for each miss found there
LEAST, MORE_AFTER_A_MISS = 1, 2
_Z = 1.959964  # of 95 %


def rank(key: bytes, round_id: UUID, sheet_id: UUID) -> int:
    """The place of a sheet in the draw of its round: an even spread over 0 <= rank < `TOP`."""
    return int.from_bytes(hmac.digest(key, round_id.bytes + sheet_id.bytes, hashlib.sha256)[:8], "big")


def drawn(waiting: Mapping[UUID, int], looked: Mapping[UUID, int], misses: int, percent: int) -> frozenset[UUID]:
    """The sheets of a class, of those `waiting` with nothing written, that must be looked at (id -> rank).

    These are the ones whose rank lies inside the share, and the first of the class in the order of the ranks: one,
    and more for each miss. `looked` are sheets that have been looked at; they count towards these first ones.
    """
    line = TOP * percent // 100
    everything = sorted({**looked, **waiting}.items(), key=lambda pair: (pair[1], pair[0].bytes))
    first = {sheet_id for sheet_id, _ in everything[: LEAST + MORE_AFTER_A_MISS * misses]}
    return frozenset(one for one, place in waiting.items() if place < line or one in first)


@dataclass(frozen=True, slots=True)
class Measured:
    """How many drawn sheets were looked at, and on how many of them writing had been missed."""

    looked: int
    misses: int

    @property
    def rate(self) -> float:
        """Misses of those looked at, 0 to 1; 0 when nothing was looked at."""
        return self.misses / self.looked if self.looked else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the rate (Wilson); (0, 1) when nothing was looked at."""
        return wilson(self.misses, self.looked)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share, inside 0 to 1; it holds for small numbers and for no hit at all."""
    if n == 0:
        return 0.0, 1.0
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return low, 1.0 if hits == n else min(1.0, middle + half)
