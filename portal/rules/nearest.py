"""Correct resident ID numbers next to one that fails: one slip of the hand away, never applied by themselves (H, R2).

A slip is one wrong character, two neighbours swapped, one missing, or one too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from portal.rules import divisions
from portal.rules.dates import real_date
from portal.rules.divisions import Divisions
from portal.rules.idnumber import LENGTH, check_digit_fits, has_id_shape, is_valid_id, sex_in

MOST = 10
_SIGNS = "0123456789"
_LAST = "0123456789X"


@dataclass(frozen=True)
class Candidate:
    """A correct number; `fits_birth` and `fits_sex`: it says what is registered. `pieces`: the number in parts, each
    with whether it differs from what was typed."""

    number: str
    fits_birth: bool
    fits_sex: bool
    pieces: tuple[tuple[str, bool], ...]

    @property
    def fits(self) -> bool:
        """Birth date and sex both agree."""
        return self.fits_birth and self.fits_sex


def slips_of(number: str) -> Iterator[str]:
    """Every text of 18 characters that one slip could have turned into `number`; some come twice."""
    if len(number) == LENGTH:
        for at in range(LENGTH):
            for sign in _LAST if at == LENGTH - 1 else _SIGNS:
                yield number[:at] + sign + number[at + 1 :]
        for at in range(LENGTH - 1):
            yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    elif len(number) == LENGTH - 1:
        for at in range(LENGTH):
            for sign in _LAST if at == LENGTH - 1 else _SIGNS:
                yield number[:at] + sign + number[at:]
    elif len(number) == LENGTH + 1:
        for at in range(LENGTH + 1):
            yield number[:at] + number[at + 1 :]


def all_near(number: str, known: Divisions | None = None) -> list[str]:
    """The correct numbers among `slips_of`: check digit, real birth date, a division that is or was; in order."""
    known = known or divisions.current()
    found = {one for one in slips_of(number) if has_id_shape(one) and check_digit_fits(one) and one != number}
    return sorted(one for one in found if real_date(one[6:14]) and known.exists(one[:6]))


def fails(number: str, known: Divisions | None = None) -> bool:
    """True for what looks like a resident ID number and cannot be one."""
    if not LENGTH - 1 <= len(number) <= LENGTH + 1 or not number[:-1].isascii() or not number[:6].isdigit():
        return False
    return not is_valid_id(number) or not (known or divisions.current()).exists(number[:6])


def nearest(number: str, birth_date: str = "", sex: str = "", known: Divisions | None = None) -> list[Candidate]:
    """At most `MOST` correct numbers next to a failing one; none next to a correct one.

    `birth_date` (8 digits) and `sex` (code) as registered: numbers that agree with both come first, then those that
    agree with the birth date, then with the sex; existing divisions before abolished ones.
    """
    known = known or divisions.current()
    if not fails(number, known):
        return []
    found = [_candidate(one, number, birth_date, sex) for one in all_near(number, known)]

    def rank(one: Candidate) -> tuple[bool, bool, bool, str]:
        return not one.fits_birth, not one.fits_sex, not known.is_current(one.number[:6]), one.number

    return sorted(found, key=rank)[:MOST]


def _candidate(number: str, typed: str, birth_date: str, sex: str) -> Candidate:
    fits = number[6:14] == birth_date, sex_in(number) == sex
    pieces = [
        (number[start:end], kind != "equal")
        for kind, _, _, start, end in SequenceMatcher(None, typed, number, autojunk=False).get_opcodes()
        if end > start
    ]
    return Candidate(number, *fits, tuple(pieces))
