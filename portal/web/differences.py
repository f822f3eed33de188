"""Which characters differ between an old and a new value, for before-and-after tables."""

from __future__ import annotations

from difflib import SequenceMatcher

Pieces = list[tuple[str, bool]]


def differing(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Both values cut into (text, differs) pieces; joined, each side gives its value back."""
    left: Pieces = []
    right: Pieces = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        differs = kind != "equal"
        if end > start:
            left.append((old[start:end], differs))
        if new_end > new_start:
            right.append((new[new_start:new_end], differs))
    return left, right
