"""Documents that are no pictures, as strangers send them: told by what is inside, without opening or running any of it.

A DOC must be a Word document without macros, a DOCX a package of Word without macros or anything from elsewhere; of an
archive only the beginning is known. Nothing of them is ever shown in a page.
"""

from __future__ import annotations

import html
import io
import re
import zipfile

#: parts of a DOCX, and bytes they may unpack to; a long letter with scans stays far below both
MOST_PARTS = 1000
MOST_UNPACKED = 60_000_000
_TYPES = "[Content_Types].xml"
#: what a part of a letter says that it belongs to; of what lies elsewhere only a link waits until somebody follows it
_RELATION = re.compile(r"<[^<>]*Relationship\s[^<>]*>")
_LINK = re.compile(r"""Type\s*=\s*["'][^"']*/hyperlink["']""")
_MOST_TYPES = 200_000
_RAR = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "WordDocument".encode("utf-16-le")
_MACROS_OLE = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "Macros", "VBA"))
_MACRO_PARTS = re.compile(r"vbaproject|vbadata|activex/|embeddings/|\.(bin|exe|dll|js|vbs|html?)$", re.IGNORECASE)


class Refused(ValueError):
    """`reason`: "other" (not what its name says), "macros", "locked" or "broken"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require_good(format_: str, data: bytes) -> None:
    """Raise `Refused` unless the bytes are a file of this format ("DOC", "DOCX", "RAR" or "PDF") that may be kept."""
    {"DOC": _doc, "DOCX": _docx, "RAR": _rar, "PDF": _pdf}[format_](data)


def _rar(data: bytes) -> None:
    if not data.startswith(_RAR):
        raise Refused("other")


def _pdf(data: bytes) -> None:
    """Whether it can be opened is for the process that draws its pages to tell."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise Refused("broken")


def _doc(data: bytes) -> None:
    if not data.startswith(_OLE) or _WORD not in data:
        raise Refused("other")
    if any(name + b"\0\0" in data for name in _MACROS_OLE):
        raise Refused("macros")


def _docx(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _package(package)
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("broken") from error


def _package(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or len(names) != len(parts) or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("broken")
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("locked")
    if "word/document.xml" not in names or _TYPES not in names:
        raise Refused("other")
    if any(_MACRO_PARTS.search(name) for name in names):
        raise Refused("macros")
    if any(name.startswith("/") or ".." in name or "\\" in name for name in names):
        raise Refused("broken")
    if b"macroenabled" in _head(package, _TYPES).lower():
        raise Refused("macros")
    for name in names:
        if name.lower().endswith(".rels") and _points_elsewhere(_head(package, name)):
            raise Refused("macros")


def _head(package: zipfile.ZipFile, name: str) -> bytes:
    """A small part of a package, whatever length it claims; texts of two bytes a character become one."""
    with package.open(name) as stream:
        text = stream.read(_MOST_TYPES + 1)
    if len(text) > _MOST_TYPES:
        raise Refused("broken")
    return text.replace(b"\0", b"")


def _points_elsewhere(relations: bytes) -> bool:
    """A template from elsewhere brings its macros along when the letter is opened, a picture tells who opened it."""
    text = html.unescape(relations.decode("utf-8", "replace"))
    outside = [one for one in _RELATION.findall(text) if "external" in one.lower()]
    return "<!" in text or any(_LINK.search(one) is None for one in outside)
