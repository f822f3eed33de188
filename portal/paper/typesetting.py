"""Fits a value into its fixed box: smaller down to 6 pt, then in lines, at last cut with an ellipsis and said so."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import category

SMALLEST = 6.0
_WRAP_BELOW = 7.0
LEADING = 1.12
"""Line height in type sizes."""

ELLIPSIS = "…"
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
# Selectors of a glyph's variant: fonts are asked for the character itself.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_NOT_FIRST = "，。、；：！？）》」』”’…,.;:!?)%"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value as it is printed: type size in points, its lines, and whether something had to go."""

    size: float
    lines: tuple[str, ...]
    cut: bool


def tidy(text: str) -> str:
    """One line of text: line breaks, tabs and other invisible signs become blanks, runs of blanks one.

    Characters of private use or newer than this Python stay: they are somebody's name, and named when no font has them.
    """
    if text.isprintable() and "  " not in text and not _SELECTORS.search(text):
        return text.strip(" ")
    seen = "".join(" " if _is_blank(sign) else sign for sign in _SELECTORS.sub("", text))
    return " ".join(part for part in seen.split(" ") if part)


def _is_blank(sign: str) -> bool:
    return sign != "\u3000" and category(sign) in _INVISIBLE


def fit(text: str, width: float, height: float, size: float, width_of: Callable[[str], float]) -> Fitted:
    """Fit a tidy text into width x height points, at most at `size` points; `width_of` gives a width in type sizes.

    One line down to 7 pt, then as many lines as the box holds down to 6 pt: two lines of 7 pt read better than one
    of 6 pt.
    """
    natural = sum(map(width_of, text))
    if natural * size <= width:
        return Fitted(size, (text,), cut=False)
    floor = min(size, _WRAP_BELOW)
    if natural * floor <= width:
        return Fitted(int(width / natural * 10) / 10, (text,), cut=False)
    smallest = min(size, SMALLEST)
    for tried in _sizes(floor, smallest):
        rows = max(1, int(height / (tried * LEADING)))
        lines = _break(text, width / tried, rows, width_of)
        if lines is not None:
            return Fitted(tried, lines, cut=False)
    rows = max(1, int(height / (smallest * LEADING)))
    return Fitted(smallest, _cut(text, width / smallest, rows, width_of), cut=True)


def _sizes(largest: float, smallest: float) -> tuple[float, ...]:
    steps = round((largest - smallest) * 2)
    return tuple(largest - step / 2 for step in range(steps + 1))


def _break(text: str, width: float, rows: int, width_of: Callable[[str], float]) -> tuple[str, ...] | None:
    """Lines of at most `width` em, or None when `rows` do not hold the text."""
    lines: list[str] = []
    rest = text
    while rest:
        if len(lines) == rows:
            return None
        end = _line_end(rest, width, width_of)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(lines)


def _line_end(text: str, width: float, width_of: Callable[[str], float]) -> int:
    used = 0.0
    for at, sign in enumerate(text):
        used += width_of(sign)
        if used > width + 1e-6:
            return _good_break(text, max(at, 1))
    return len(text)


def _good_break(text: str, end: int) -> int:
    """A break at or before `end` that neither parts a Latin word or number nor starts a line with a closing sign."""
    best = end
    while best > 0 and (_is_latin(text[best - 1]) and _is_latin(text[best]) or text[best] in _NOT_FIRST):
        best -= 1
    return best if best >= end / 2 else end


def _is_latin(sign: str) -> bool:
    return sign.isascii() and not sign.isspace()


def _cut(text: str, width: float, rows: int, width_of: Callable[[str], float]) -> tuple[str, ...]:
    lines = []
    rest = text
    for _ in range(rows - 1):
        end = _line_end(rest, width, width_of)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    room = width - width_of(ELLIPSIS)
    end, used = 0, 0.0
    while end < len(rest) and used + width_of(rest[end]) <= room + 1e-6:
        used += width_of(rest[end])
        end += 1
    lines.append(rest[:end].rstrip() + ELLIPSIS)
    return tuple(lines)
