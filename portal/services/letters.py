"""Finding codes and places by what a keyboard types: letters of the pinyin, first letters, digits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pypinyin import Style, lazy_pinyin

from portal.rules import divisions

#: so many places are offered at once
MOST_PLACES = 8


@cache
def keys_of(words: str) -> str:
    """What an option answers to besides its code: pinyin and first letters ("hanzu hz"); words of Latin letters as
    they are."""
    whole = "".join(lazy_pinyin(words)).lower()
    first = "".join(lazy_pinyin(words, style=Style.FIRST_LETTER)).lower()
    return f"{whole} {first}".replace("·", "")


@dataclass(frozen=True, slots=True)
class Found:
    """A place that fits what was typed: six-digit code and full name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Known:
    code: str
    name: str
    short: str
    keys: tuple[str, ...]


def places(text: str) -> list[Found]:
    """Current counties that begin with these digits, hold these characters or answer to these letters, at most
    MOST_PLACES, those whose own name begins with it first."""
    wanted = "".join(text.lower().split())
    if not wanted:
        return []
    fits = [(_rank(known, wanted), known) for known in _places(id(divisions.current()))]
    found = sorted(((rank, known.code, known) for rank, known in fits if rank is not None), key=lambda one: one[:2])
    return [Found(known.code, known.name) for _rank_, _code, known in found[:MOST_PLACES]]


def place_named(text: str) -> str | None:
    """The code of the one place that `text` is: code, code with its name as offered, or a name that only one place
    has; else None."""
    first = text.split()[0] if text.split() else ""
    if first.isascii() and first.isdigit():
        return first
    same = [known.code for known in _places(id(divisions.current())) if text in (known.name, known.short)]
    return same[0] if len(same) == 1 else None


def _rank(known: _Known, wanted: str) -> int | None:
    """How well a place fits, 0 best; None when it does not."""
    if wanted.isdigit():
        return 0 if known.code.startswith(wanted[:6]) else None
    if known.short.startswith(wanted) or wanted in known.keys:
        return 0
    if wanted in known.name:
        return 1
    return 2 if any(key.startswith(wanted) for key in known.keys) else None


@cache
def _places(_table: int) -> tuple[_Known, ...]:
    """All precise places of the table in use; worked out once."""
    table, found = divisions.current(), []
    above = [divisions.COUNTRY]
    while above:
        for code in table.children(above.pop()):
            if table.is_precise(code):
                keys = (*keys_of(table.short_name(code)).split(), keys_of(table.name(code)).split()[-1])
                found.append(_Known(code, table.name(code), table.short_name(code), keys))
            else:
                above.append(code)
    return tuple(sorted(found, key=lambda known: known.code))
