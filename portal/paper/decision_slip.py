"""The decision slip of an application: old and new, what was opined by whom, and room for signature and stamp (H5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render

#: how the page is set, wide first; the first that fits on one page is taken
_SETTINGS = ("", "tight")


@dataclass(frozen=True, slots=True)
class Row:
    """One item: as it was registered and as was asked for."""

    item: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review: whose it was (place and post), the result, the words, the name and when."""

    of: str
    result: str
    text: str
    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything on the page, in one language. `facts` are label and value; `result` says how it ended."""

    lang: str
    title: str
    number: str
    school: str
    at: str
    result: str
    facts: Sequence[tuple[str, str]]
    heads: tuple[str, str, str]
    rows: Sequence[Row]
    reason_label: str
    reason: str
    files: str
    opinions: Sequence[Opinion]
    signatures: Sequence[str]
    stamp: str
    how: str


def print_slip(page: Slip, out: BinaryIO) -> None:
    """Write the slip as a PDF, one A4 page unless very much was asked for. FontError as fonts."""
    library()
    import weasyprint  # only who prints loads the layout engine

    for setting in _SETTINGS:
        document = weasyprint.HTML(string=render("decision_slip.html", page=page, setting=setting)).render()
        if len(document.pages) == 1:
            break
    document.write_pdf(out)
