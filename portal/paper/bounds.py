"""What a photo may be before anything of it is decoded: size, type by content, pixels, shape (sec-U1 ... sec-U27).

Imports no picture library, so that a server process can refuse a file without loading one.
"""

from __future__ import annotations

from portal.paper import containers
from portal.paper.containers import Header, PhotoRefused

MAX_BYTES = 20_000_000
# Pixels in millions a format may announce; measured memory and time of each are in security.md 4.1.
CEILINGS = {"jpeg": 205, "jpeg_buffered": 60, "png": 40, "webp": 40, "heic": 55}
SHORTEST_SIDE = 200
LONGEST_SHAPE = 8


def inspect(data: bytes) -> Header:
    """Tell what the bytes are, without decoding pixels; raises PhotoRefused with the reason."""
    if not data:
        raise PhotoRefused("empty")
    if len(data) > MAX_BYTES:
        raise PhotoRefused("too_big_file")
    header = containers.header(data)
    ceiling = CEILINGS["jpeg_buffered"] if header.kind == "jpeg" and header.buffered else CEILINGS[header.kind]
    if header.width * header.height > ceiling * 1_000_000:
        raise PhotoRefused("too_big_pixels")
    short, long = sorted((header.width, header.height))
    if short < SHORTEST_SIDE or long > short * LONGEST_SHAPE:
        raise PhotoRefused("too_small")
    return header


def is_scans(data: bytes) -> bool:
    """A PDF or TIFF, which may hold many scans; told by content, nothing is decoded."""
    return b"%PDF-" in data[:1024] or data[:4] in (b"II*\x00", b"MM\x00*")
