"""The completion statement of a school: one printed page with the figures of its round, the digests of its receipts
day by day, and room for signatures and the stamp."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render

#: more days than these do not fit; the later digests hold the earlier ones
MOST_DAYS = 75
#: how the page is set, wide first; the first that fits on one page is taken
_SETTINGS = ("", "tight", "tight small")


@dataclass(frozen=True, slots=True)
class Figure:
    """A count and what it counts."""

    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day: when, how many photos, the digest in its short form."""

    day: str
    photos: int
    digest: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything on the page, in one language. `lead` says what the school states, `open` what is not done yet (empty
    when all is); `whole` is the last digest in full, `how` says how it is checked."""

    lang: str
    title: str
    school: str
    at: str
    lead: str
    open: str
    figures: Sequence[Figure]
    days_title: str
    heads: tuple[str, str, str]
    days: Sequence[Day]
    left_out: str
    whole_label: str
    whole: str
    how: str
    signatures: Sequence[str]
    stamp: str


def print_statement(page: Statement, out: BinaryIO) -> None:
    """Write one A4 page as a PDF. ValueError with more than `MOST_DAYS` days, FontError as fonts."""
    if len(page.days) > MOST_DAYS:
        raise ValueError(f"{len(page.days)} days do not fit on one page")
    library()
    import weasyprint  # only who prints loads the layout engine

    third = -(-len(page.days) // 3)
    columns = [page.days[at : at + third] for at in range(0, len(page.days), third)] if page.days else []
    for setting in _SETTINGS:
        html = render("statement.html", page=page, columns=columns, setting=setting)
        document = weasyprint.HTML(string=html).render()
        if len(document.pages) == 1:
            break
    document.write_pdf(out)
