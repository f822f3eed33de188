"""The yearly evidence for those who supervise, as a paper to sign (minors' regulation art. 37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render


@dataclass(frozen=True, slots=True)
class Block:
    """A part with its rows (words, value)."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Yearly:
    """Everything on the paper, in one language."""

    lang: str
    title: str
    at: str
    lead: str
    blocks: Sequence[Block]
    signatures: Sequence[str]


def print_yearly(page: Yearly, out: BinaryIO) -> None:
    """Write it as a PDF of as many A4 pages as it needs. FontError as fonts."""
    library()
    import weasyprint  # only who prints loads the layout engine

    weasyprint.HTML(string=render("yearly.html", page=page)).write_pdf(out)
