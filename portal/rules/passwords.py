"""What a new password must be: long enough, not common, not made of the owner's own words (R98, research sec 5.2).

Common are the 30,000 words of zxcvbn's list, and a few that are tried first at schools here and are not among them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from portal.rules.pinyin import spelled_parts
from portal.rules.problems import Problem, problem

SHORTEST = 8
SHORTEST_STAFF = 12
LONGEST = 128

_LEAST_OWN_WORD = 3
_LEAST_DIFFERENT = 5
#: of a name two syllables in a row, of a longer word three; shorter ones stand in too many words by chance
_LONGEST_NAME, _NAME_SYLLABLES, _PLACE_SYLLABLES, _LEAST_SPELLED = 4, 2, 3, 6
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv")
_RUN = 4
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def check_new_password(
    new: str, is_staff: bool, own_words: Iterable[str] = (), same_as_old: bool = False
) -> list[Problem]:
    """The first thing that speaks against a new password; nothing when it may be used.

    `own_words` are name, account, telephone, school: none may be inside, nor their pinyin. `same_as_old` is the answer
    of the stored hash (R98). Length counts characters; ask for it before hashing.
    """
    if len(new) > LONGEST:
        return [problem("R98.long", count=len(new))]
    shortest = SHORTEST_STAFF if is_staff else SHORTEST
    if len(new) < shortest:
        return [problem("R98.short", limit=shortest, count=len(new))]
    if same_as_old:
        return [problem("R98.same")]
    if is_common(new):
        return [problem("R98.common")]
    return [problem("R98.own")] if _holds_own(new.casefold(), own_words) else []


def _holds_own(small: str, own_words: Iterable[str]) -> bool:
    """True when one of the owner's words is inside, as it stands or spelled in pinyin, whatever is put between."""
    letters = "".join(sign for sign in small if sign.isascii() and sign.isalpha())
    for word in own_words:
        if len(word) >= _LEAST_OWN_WORD and word.casefold() in small:
            return True
        length = _NAME_SYLLABLES if len(word) <= _LONGEST_NAME else _PLACE_SYLLABLES
        if any(len(part) >= _LEAST_SPELLED and part in letters for part in spelled_parts(word, length)):
            return True
    return False


def is_common(password: str) -> bool:
    """True for what attackers try first: common words with figures, dates, rows of keys, few different signs."""
    small = password.casefold()
    if len(set(small)) < _LEAST_DIFFERENT or {small, _AROUND.sub("", small)} & _common():
        return True
    if small.isdecimal() and len(small) < SHORTEST_STAFF:
        return True
    return _without_runs(small) <= 2


def _without_runs(text: str) -> int:
    """How many signs are left when rows of keys, upward or downward, are taken out."""
    left, place = 0, 0
    while place < len(text):
        length = _run_at(text, place)
        left += 0 if length else 1
        place += length or 1
    return left


def _run_at(text: str, place: int) -> int:
    """The length of the row of keys that begins here, 0 for fewer than four."""
    longest = 0
    for end in range(place + _RUN, len(text) + 1):
        part = text[place:end]
        if not any(part in run or part[::-1] in run for run in _RUNS):
            break
        longest = end - place
    return longest


@lru_cache
def _common() -> frozenset[str]:
    """Read when the first password is judged: the list is large."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    own = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="ascii").split()
    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(own)
