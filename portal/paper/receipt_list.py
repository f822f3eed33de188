"""A class's receipts of one day on paper: what a teacher compares by eye where there is no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render


@dataclass(frozen=True, slots=True)
class Received:
    """One receipt: in groups as it is shown on phones, the time, one word on what the photo showed."""

    receipt: str
    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A pupil: number in the class, masked name, the four characters that receipts of this sheet begin with."""

    seat: str
    name: str
    word: str
    received: Sequence[Received]


@dataclass(frozen=True, slots=True)
class ReceiptList:
    """Everything on the pages, in one language; `heads` name the four columns."""

    lang: str
    title: str
    place: str
    at: str
    lead: str
    heads: tuple[str, str, str, str]
    lines: Sequence[Line]
    foot: str


def print_receipt_list(page: ReceiptList, out: BinaryIO) -> None:
    """Write A4 pages as a PDF; a class fits on one or two. FontError as fonts."""
    library()
    import weasyprint  # only who prints loads the layout engine

    weasyprint.HTML(string=render("receipt_list.html", page=page)).write_pdf(out)
