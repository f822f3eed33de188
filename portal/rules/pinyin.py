"""How Chinese words are spelled in Latin letters, well enough to find a name inside a password.

The first level of GB 2312 (3,755 characters) stands in the order of pinyin, so the first character of each syllable
tells all others. Characters of the second level, rarer ones and other readings are not known.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

_LEVEL_ONE = (0xB0A1, 0xD7F9)


def syllables(text: str) -> list[str | None]:
    """The syllable of each character, None where it is not known."""
    return [_syllable(sign) for sign in text]


def spelled_parts(text: str, length: int) -> set[str]:
    """Every row of so many known syllables next to each other, written together."""
    known = syllables(text)
    rows = [known[n : n + length] for n in range(len(known) - length + 1)]
    return {"".join(part for part in row if part) for row in rows if None not in row}


def _syllable(sign: str) -> str | None:
    try:
        code = int.from_bytes(sign.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return None
    if not _LEVEL_ONE[0] <= code <= _LEVEL_ONE[1]:
        return None
    codes, names = _table()
    return names[bisect_right(codes, code) - 1]


@lru_cache
def _table() -> tuple[list[int], list[str]]:
    """(GB 2312 codes of the first characters, their syllables), in order."""
    words = (Path(__file__).parent / "pinyin.txt").read_text(encoding="utf-8").split()
    codes = [int.from_bytes(word[0].encode("gb2312"), "big") for word in words]
    assert all(one < other for one, other in pairwise(codes))
    return codes, [word[1:] for word in words]
