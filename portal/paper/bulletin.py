"""The bulletin of an authority: one printed page with a sentence, the places one level below and the causes (N3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render

#: more places than this do not fit on one page
MOST_ROWS = 30
#: how the page is set, wide first; the first that fits on one page is taken
_SETTINGS = ("", "tight", "tight small")


@dataclass(frozen=True, slots=True)
class Line:
    """A place and its numbers, the first of which is the whole of the others; `is_total` stands apart."""

    name: str
    numbers: Sequence[int]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Why so many sheets are not received."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Everything on the page, in one language; `lead` is one or two sentences, `heads` name the numbers."""

    lang: str
    title: str
    place: str
    at: str
    lead: str
    table_title: str
    name_head: str
    heads: Sequence[str]
    lines: Sequence[Line]
    causes_title: str
    causes: Sequence[Cause]
    foot: str


def print_bulletin(page: Bulletin, out: BinaryIO) -> None:
    """Write one A4 page as a PDF. ValueError with more than `MOST_ROWS` lines, FontError as fonts."""
    if len(page.lines) > MOST_ROWS:
        raise ValueError(f"{len(page.lines)} lines do not fit on one page")
    library()
    import weasyprint  # only who prints loads the layout engine

    largest = max((cause.count for cause in page.causes), default=0)
    for setting in _SETTINGS:
        html = render("bulletin.html", page=page, largest=largest, setting=setting)
        document = weasyprint.HTML(string=html).render()
        if len(document.pages) == 1:
            break
    document.write_pdf(out)
