"""What a file is, by its content; the name must agree with it."""

from __future__ import annotations

import os

from portal.services.roster_files.compound import MAGIC, BadCompound, Compound
from portal.services.roster_files.refused import (
    BIG,
    BROKEN,
    EMPTY,
    LOCKED,
    MACROS,
    OTHER_KIND,
    RENAMED,
    UNKNOWN,
    FileRefused,
)
from portal.services.roster_files.xlsx import WORKBOOK
from portal.services.roster_files.zipped import Parts

LARGEST = 20 * 2**20
XLSX, XLS, CSV = ".xlsx", ".xls", ".csv"

_STARTS = ((b"%PDF", "PDF"), (b"\xff\xd8\xff", "JPG"), (b"\x89PNG", "PNG"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"))
_COMPOUND_KINDS = (("WordDocument", "Word (.doc)"), ("PowerPoint Document", "PowerPoint (.ppt)"))
_ZIP_KINDS = (("xl/workbook.bin", "Excel (.xlsb)"), ("word/document.xml", "Word (.docx)"), ("content.xml", "ODS"))
_TEXT_STARTS = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"mime-version")


def open_kind(file_name: str, data: bytes) -> tuple[str, Parts | Compound | None]:
    """(.xlsx, .xls or .csv, the opened container). FileRefused for anything else, with what to do."""
    if not data:
        raise FileRefused(EMPTY)
    if len(data) > LARGEST:
        raise FileRefused(BIG)
    said = os.path.splitext(file_name)[1].lower()
    kind, opened = _opened(data)
    if said == ".xlsm":
        raise FileRefused(MACROS)
    if said == ".et":
        raise FileRefused(OTHER_KIND, kind="WPS (.et)")
    if said != kind:
        raise FileRefused(RENAMED, said=said, kind=kind) if said in (XLSX, XLS, CSV) else FileRefused(UNKNOWN)
    return kind, opened


def _opened(data: bytes) -> tuple[str, Parts | Compound | None]:
    if data.startswith(b"PK\x03\x04"):
        return XLSX, _zip(data)
    if data.startswith(MAGIC):
        return XLS, _compound(data)
    for start, kind in _STARTS:
        if data.startswith(start):
            raise FileRefused(OTHER_KIND, kind=kind)
    if data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_TEXT_STARTS):
        raise FileRefused(OTHER_KIND, kind="HTML/XML")
    return CSV, None


def _zip(data: bytes) -> Parts:
    parts = Parts(data)
    names = set(parts.names)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise FileRefused(MACROS)
    if WORKBOOK in names:
        return parts
    raise FileRefused(OTHER_KIND, kind=next((kind for name, kind in _ZIP_KINDS if name in names), "ZIP"))


def _compound(data: bytes) -> Compound:
    try:
        found = Compound(data)
    except (BadCompound, ValueError):
        raise FileRefused(BROKEN) from None
    if found.names & {"EncryptedPackage", "EncryptionInfo"}:
        raise FileRefused(LOCKED)
    if found.names & {"Workbook", "Book"}:
        return found
    raise FileRefused(OTHER_KIND, kind=next((k for name, k in _COMPOUND_KINDS if name in found.names), "OLE"))
