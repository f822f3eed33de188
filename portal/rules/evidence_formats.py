"""Which files are taken as evidence: the registry's own rule, or a wider one (R81-R84, K17).

`registry`: DOC, RAR and JPG of at most 2 MB. `wide`: also PNG, HEIC, PDF and DOCX; a photo may then be larger, because
it is shrunk before it is kept. What is kept is never larger than the registry takes.
"""

from __future__ import annotations

from portal.rules.codes import table
from portal.rules.problems import Problem, problem

REGISTRY, WIDE = "registry", "wide"
#: endings of file names that mean a format of another name
_SAME = {"JPEG": "JPG", "HEIF": "HEIC"}
_REGISTERED = table("evidence_file_format").offered
TAKEN = {REGISTRY: _REGISTERED, WIDE: _REGISTERED | {"PNG", "HEIC", "PDF", "DOCX"}}
PICTURES = frozenset({"JPG", "PNG", "HEIC"})
#: 2 MB as we read it (R82), and what a phone may send where photos are shrunk
MAX_BYTES = 2_097_152
MAX_PHOTO_BYTES = 20_000_000
#: how a file of a format begins (R84); HEIC has the length of its first box before this
_BEGINS: dict[str, tuple[bytes, ...]] = {
    "JPG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "DOC": (b"\xd0\xcf\x11\xe0",),
    "RAR": (b"Rar!",),
    "PDF": (b"%PDF-",),
    "DOCX": (b"PK\x03\x04",),
}


def format_of(name: str) -> str | None:
    """The format that a file's name says, in capitals; None without an ending."""
    _, dot, ending = name.rpartition(".")
    return _SAME.get(ending.upper(), ending.upper()) if dot and ending else None


def check_file_name(name: str, choice: str = REGISTRY) -> list[Problem]:
    """R81: the ending of the name is one that is taken, in either case."""
    suffix = ".wide" if choice == WIDE else ""
    found = format_of(name)
    if found is None:
        return [problem("R81.none" + suffix)]
    return [] if found in TAKEN[choice] else [problem("R81" + suffix, found=found)]


def check_size(size: int, format_: str = "JPG", choice: str = REGISTRY) -> list[Problem]:
    """R82: 1 byte to 2 MB; a photo that is going to be shrunk may have 20 MB."""
    if not size:
        return [problem("R82.empty")]
    if choice == WIDE and format_ in PICTURES:
        return [problem("R82.photo")] if size > MAX_PHOTO_BYTES else []
    return [problem("R82")] if size > MAX_BYTES else []


def check_count(count: int) -> list[Problem]:
    """R83: an application that needs evidence has one file or more."""
    return [] if count else [problem("R83")]


def check_content(format_: str, data: bytes, choice: str = REGISTRY) -> list[Problem]:
    """R84: the file begins as files of its format do. Where photos are made anew anyway one kind of photo may have the
    name of another: phones rename them."""
    found = content_of(data)
    if found == format_ or (choice == WIDE and {found, format_} <= PICTURES | {"WEBP"}):
        return []
    return [problem("R84")]


def content_of(data: bytes) -> str | None:
    """The format that the bytes are, as far as their beginning tells; None for anything else."""
    if data[4:8] == b"ftyp":
        return "HEIC"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((format_ for format_, begins in _BEGINS.items() if data.startswith(begins)), None)


def check_file(name: str, data: bytes, choice: str = REGISTRY) -> list[Problem]:
    """Everything about one file that can be told without opening it (R81, R82, R84); the first thing that is wrong."""
    wrong = check_file_name(name, choice)
    if wrong:
        return wrong
    format_ = format_of(name) or ""
    return check_size(len(data), format_, choice) or check_content(format_, data, choice)
