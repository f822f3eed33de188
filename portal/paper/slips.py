"""Slips to cut apart and hand over one by one: first logins of class teachers (C1), new registration codes (E8)."""

from dataclasses import dataclass, field
from typing import BinaryIO

import qrcode

from portal.paper.fontsubset import library
from portal.paper.identity import qr_text_back
from portal.paper.templates import render
from portal.rules.numbers import grouped


@dataclass(frozen=True, slots=True)
class LoginSlip:
    """The sign-in of one person; `base_url` is https://host, the password is valid until it is replaced."""

    school: str
    class_label: str
    name: str
    login: str
    password: str = field(repr=False)
    base_url: str
    for_family: bool = False
    title: str = "班主任登录条"


@dataclass(frozen=True, slots=True)
class CodeSlip:
    """A new registration code for one pupil, which replaces the one printed on page 2 of the sheet."""

    school: str
    class_label: str
    seat: str
    name: str
    code: str = field(repr=False)
    base_url: str
    school_phone: str = ""


def print_login_slips(slips: list[LoginSlip], out: BinaryIO) -> None:
    """Write the slips as a PDF, six to a page with lines to cut along. ValueError without slips, FontError as fonts."""
    _print("login_slips.html", slips, [f"{_address(slip.base_url)}/sign-in" for slip in slips], out)


def print_code_slips(slips: list[CodeSlip], out: BinaryIO) -> None:
    """Write the slips as a PDF, six to a page with lines to cut along. ValueError without slips, FontError as fonts."""
    _print("code_slips.html", slips, [qr_text_back(slip.base_url, slip.code) for slip in slips], out)


def _print(template: str, slips: list[LoginSlip] | list[CodeSlip], links: list[str], out: BinaryIO) -> None:
    if not slips:
        raise ValueError("no slips to print")
    library()
    import weasyprint  # only who prints loads the layout engine

    html = render(template, slips=list(zip(slips, map(_qr, links), strict=True)), grouped=grouped, host=_host)
    weasyprint.HTML(string=html).write_pdf(out)


def _address(base_url: str) -> str:
    return base_url.rstrip("/")


def _host(base_url: str) -> str:
    """The address as people type it, without the scheme."""
    return _address(base_url).partition("://")[2] or base_url


@dataclass(frozen=True, slots=True)
class _Qr:
    """A QR for the template: modules along a side with the quiet zone, and the black ones as an SVG path."""

    side: int
    path: str


def _qr(link: str) -> _Qr:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(link)
    rows = code.get_matrix()
    cells = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, black in enumerate(row) if black]
    return _Qr(len(rows), "".join(cells))
