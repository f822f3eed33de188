"""Which printed leaf a page is: leaf number and page side <-> the six marks, the QR texts and the printed number.

A leaf number has 28 bits. With the page bit it is a message of three symbols over GF(997), spread over the six marks as
a [6,3] Reed-Solomon word, so that four marks prove it and one of five or six may be misread (sheet.md, "six marks").
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations

from portal.rules.numbers import LEAF_BITS, number_of, symbols

FIELD = 997
MARKS = 6
LEAF_SYMBOLS = 6
"""Symbols of the leaf in the QR: the token proves it, so the check symbol of the printed number is left out."""
TOKEN_SYMBOLS = 5
SMALL_QR_TEXT = 38
"""Longest upper-case text of a QR of 25 x 25 modules at level M."""

_LOOKALIKES = str.maketrans("OIL", "011")
_POINTS = tuple(range(1, MARKS + 1))
_FRONT = re.compile(r"HTTPS?://[^/\s]+/S/([0-9A-TV-Z]{11})/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PaperKey:
    """The deployment's secret for marks and page-1 tokens, at least 16 bytes; never shown in a repr."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError("a paper key needs at least 16 bytes")

    def digest(self, purpose: str) -> bytes:
        return hmac.new(self.secret, purpose.encode(), sha256).digest()

    def offset(self) -> tuple[int, ...]:
        """What is added to each mark, so that another deployment's sheets do not decode here."""
        stream = self.digest("paper marks")
        return tuple(int.from_bytes(stream[4 * i : 4 * i + 4]) % FIELD for i in range(MARKS))


@dataclass(frozen=True, slots=True)
class Identity:
    """A leaf and its page (1 or 2), how many marks agree on it, and whether that is proof or only a hint."""

    leaf: int
    page: int
    agreeing: int
    certain: bool


def marks_of(leaf: int, page: int, key: PaperKey) -> tuple[int, ...]:
    """Ids (ArUco 5x5_1000, 0-996) of the six marks of a page, in the order of `layout.Page.marks`."""
    _check(leaf)
    if page not in (1, 2):
        raise ValueError(f"a leaf has pages 1 and 2, not {page}")
    message = leaf * 2 + (page - 1)
    word = (message % FIELD, message // FIELD % FIELD, message // FIELD**2)
    return tuple((_value(word, x) + add) % FIELD for x, add in zip(_POINTS, key.offset(), strict=True))


def identify(ids: Mapping[int, int], key: PaperKey) -> Identity | None:
    """The leaf on which the found marks (position 0-5 -> id) agree, or None.

    Certain: all of four, four of five, or five of six agree. Otherwise the one leaf that most of at least three marks
    agree on is a hint (`certain` False), to be believed only together with the QR or the uploader's own child or class.
    """
    offset = key.offset()
    found = {at: mark for at, mark in ids.items() if 0 <= at < MARKS}
    good = [(at, (mark - offset[at]) % FIELD) for at, mark in found.items() if 0 <= mark < FIELD]
    votes: dict[int, int] = {}
    for three in combinations(good, 3):
        word = _interpolate([(_POINTS[at], value) for at, value in three])
        message = word[0] + word[1] * FIELD + word[2] * FIELD**2
        if message >> (LEAF_BITS + 1) == 0:
            votes[message] = sum(_value(word, _POINTS[at]) == value for at, value in good)
    if not votes:
        return None
    best = max(votes.values())
    winners = [message for message, count in votes.items() if count == best]
    if len(winners) != 1:
        return None
    certain = best >= max(4, len(found) - 1)
    return Identity(leaf=winners[0] >> 1, page=(winners[0] & 1) + 1, agreeing=best, certain=certain)


def likely(ids: Mapping[int, int], key: PaperKey, among: Iterable[int], most: int = 3) -> tuple[int, ...]:
    """Those of the leaves `among` that fit most of the found marks (position 0-5 -> id), the best first.

    Never proof: even one mark that fits is listed, for a person to look at the picture and say which it is.
    """
    fitting = []
    for leaf in among:
        sides = (marks_of(leaf, page, key) for page in (1, 2))
        agreeing = max(sum(side[at] == mark for at, mark in ids.items() if 0 <= at < MARKS) for side in sides)
        if agreeing:
            fitting.append((-agreeing, leaf))
    return tuple(leaf for _, leaf in sorted(fitting)[:most])


def leaf_token(leaf: int, key: PaperKey) -> str:
    """Five symbols that only this deployment can put behind a leaf number."""
    _check(leaf)
    return symbols(int.from_bytes(key.digest(f"leaf {leaf}")[:4]) >> 7, TOKEN_SYMBOLS)


def leaf_symbols(leaf: int) -> str:
    """The leaf number as six Crockford base32 symbols."""
    _check(leaf)
    return symbols(leaf, LEAF_SYMBOLS)


def qr_text_front(host: str, leaf: int, key: PaperKey, scheme: str = "https") -> str:
    """Text of the page-1 QR; hosts of up to 16 characters stay within 25 x 25 modules (`SMALL_QR_TEXT`)."""
    return f"{scheme}://{host}/S/{leaf_symbols(leaf)}{leaf_token(leaf, key)}".upper()


def parse_front(text: str, key: PaperKey) -> int | None:
    """The leaf of a page-1 QR text or link of this deployment, whatever its host; None for anything else."""
    found = _FRONT.fullmatch(text.strip().upper())
    if not found:
        return None
    read = found[1].translate(_LOOKALIKES)
    leaf = number_of(read[:LEAF_SYMBOLS])
    if leaf >> LEAF_BITS:
        return None
    return leaf if hmac.compare_digest(leaf_token(leaf, key), read[LEAF_SYMBOLS:]) else None


def qr_text_back(base_url: str, code: str) -> str:
    """Text of the page-2 QR: the code stands behind # and so never reaches a server's log."""
    return f"{base_url.rstrip('/')}/r#{code}"


def _check(leaf: int) -> None:
    if not 0 <= leaf < 1 << LEAF_BITS:
        raise ValueError(f"a leaf number has {LEAF_BITS} bits: {leaf}")


def _value(word: tuple[int, int, int], x: int) -> int:
    return (word[0] + x * (word[1] + x * word[2])) % FIELD


def _interpolate(points: list[tuple[int, int]]) -> tuple[int, int, int]:
    """The polynomial of degree two through three points over GF(997), lowest coefficient first."""
    (x0, y0), (x1, y1), (x2, y2) = points
    first = (y1 - y0) * pow(x1 - x0, -1, FIELD)
    second = ((y2 - y1) * pow(x2 - x1, -1, FIELD) - first) * pow(x2 - x0, -1, FIELD)
    return (y0 - first * x0 + second * x0 * x1) % FIELD, (first - second * (x0 + x1)) % FIELD, second % FIELD
