"""Certificates of a school for pupils without a resident ID number, one A4 page each, to sign and stamp (I2, R86)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portal.paper.fontsubset import library
from portal.paper.templates import render


@dataclass(frozen=True, slots=True)
class Certificate:
    """One page. `rows`: (label, value) of what the school states about the pupil; `lead` is the sentence of the
    certificate, `purpose` what it is for."""

    title: str
    school: str
    school_code: str
    lead: str
    rows: Sequence[tuple[str, str]]
    purpose: str
    at: str


def print_certificates(pages: Sequence[Certificate], out: BinaryIO) -> None:
    """Write one A4 page a certificate as a PDF. ValueError without certificates, FontError as fonts."""
    if not pages:
        raise ValueError("no certificates to print")
    library()
    import weasyprint  # only who prints loads the layout engine

    weasyprint.HTML(string=render("certificates.html", pages=pages)).write_pdf(out)
