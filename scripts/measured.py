"""Puts a measured table between its markers of docs/security.md; the command that measured it calls `write`.

Commands start from the root of the repository with `python -m`, so that `from scripts import measured` finds it.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "security.md"
_MARKER = re.compile(r"<!--\s*measured:\s*([\w-]+)\s*-->")


class NoPlace(Exception):
    """The document has no pair of markers for this table; the text says which are there."""


def write(name: str, markdown: str, document: Path = DOCUMENT) -> None:
    """Replace what stands between `<!-- measured: NAME -->` and `<!-- end -->`. Others may write at the same moment;
    the file is whole at every time. Raises `NoPlace` when the markers are missing, double or crossed."""
    if not document.exists():
        raise NoPlace(f"{document} does not exist: it holds the markers of all measured tables")
    folder = os.open(document.parent, os.O_RDONLY)  # the lock is on the folder: the file itself is replaced
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        text = document.read_text(encoding="utf-8")
        copy = document.with_suffix(".new")
        copy.write_text(_replaced(name, text, markdown.strip()), encoding="utf-8")
        os.replace(copy, document)
    finally:
        os.close(folder)


def _replaced(name: str, text: str, table: str) -> str:
    if _MARKER.search(table) or "<!-- end -->" in table:
        raise NoPlace("a table must not contain a marker")
    places = [found for found in _MARKER.finditer(text) if found[1] == name]
    if len(places) != 1:
        there = ", ".join(found[1] for found in _MARKER.finditer(text)) or "none"
        raise NoPlace(f"<!-- measured: {name} --> stands {len(places)} times in the document; markers there: {there}")
    begin = places[0].end()
    end = text.find("<!-- end -->", begin)
    following = _MARKER.search(text, begin)
    if end < 0 or (following and following.start() < end):
        raise NoPlace(f"<!-- measured: {name} --> has no <!-- end --> of its own")
    return f"{text[:begin]}\n{table}\n{text[end:]}"
