"""What kind of file the bytes are and how large it says it is, told from the container alone; no pixel is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

# A camera writes one scan (baseline) or about ten (progressive); thousands of them only cost time (sec-U19).
MAX_SCANS = 60
# Segments, chunks or boxes of one file: a camera writes some dozens, a long PNG a few thousand.
MAX_PARTS = 10_000
HEIF_STILL = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
HEIF_MOVING = {b"hevc", b"hevx", b"msf1", b"hevm", b"hevs", b"avis"}
OTHER_PICTURES = (
    b"II*\x00", b"MM\x00*", b"BM", b"\x00\x00\x01\x00", b"8BPS", b"\x00\x00\x00\x0cjP", b"\xff\x4f\xff\x51", b"DDS ",
    b"%!PS", b"\xc5\xd0\xd3\xc6", b"qoif", b"P4", b"P5", b"P6",
)  # fmt: skip
_FILL = re.compile(rb"\xff+")


class PhotoRefused(ValueError):
    """The bytes are no photo we take; `reason` is a stable code of `reasons.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """What the container says: pixels as coded (before orientation), EXIF orientation 1 ... 8.

    `buffered`: the decoder must hold all coefficients of a JPEG (progressive or in several scans).
    """

    kind: str
    width: int
    height: int
    orientation: int = 1
    buffered: bool = False


def header(data: bytes) -> Header:
    """Read the header of a JPEG, PNG, WebP or HEIC file; raises PhotoRefused with the reason for all else."""
    try:
        return _header(data)
    except (struct.error, IndexError) as error:
        raise PhotoRefused("truncated") from error


def _header(data: bytes) -> Header:
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp":
        return _heif(data)
    raise PhotoRefused(_not_ours(data))


def _not_ours(data: bytes) -> str:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in start:
        return "pdf"
    if data[:4] == b"GIF8":
        return "animated"
    if start.startswith(b"<") and b"<svg" in data[:4096].lower():
        return "svg"
    if data.startswith(OTHER_PICTURES) or (data[4:6] in (b"\x11\xaf", b"\x12\xaf")):
        return "other_format"
    return "not_a_photo"


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Marker, place and body of each segment up to the first scan's; before each may be any number of fill bytes."""
    at = 2
    for _ in range(MAX_PARTS):
        fill = _FILL.match(data, at)
        if fill is None:
            raise PhotoRefused("broken" if at < len(data) else "truncated")
        at = fill.end() - 1
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield marker, at, data[at + 4 : at + 2 + length]
        if marker == 0xDA:
            return
        at += 2 + length
    raise PhotoRefused("broken")


def _jpeg(data: bytes) -> Header:
    width = height = components = at = 0
    orientation, buffered, body = 1, False, b""
    for marker, place, body in _jpeg_segments(data):
        at = place
        if marker in (0xC0, 0xC1, 0xC2, 0xC9, 0xCA):
            height, width, components = struct.unpack_from(">HHB", body, 1)
            buffered = marker in (0xC2, 0xCA)
        if marker == 0xE1 and body[:6] == b"Exif\0\0" and orientation == 1:
            orientation = _orientation(body[6:])
    if not width or not height:
        raise PhotoRefused("broken")
    buffered = buffered or body[0] < components
    if data.rfind(b"\xff\xd9", at) < 0:  # from behind: that is where a whole file has it
        raise PhotoRefused("truncated")
    # otherwise decoders end with the first scan
    if buffered and data.count(b"\xff\xda", at, data.find(b"\xff\xd9", at)) > MAX_SCANS:
        raise PhotoRefused("broken")
    return Header("jpeg", width, height, orientation, buffered)


def _orientation(tiff: bytes) -> int:
    """The orientation of an EXIF block; whatever is wrong with the block, the picture counts as upright."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (entries,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(min(entries, 200)):
        at = start + 2 + 12 * entry
        if at + 12 > len(tiff):
            return 1
        tag, _kind, _count, value = struct.unpack_from(order + "HHIH", tiff, at)
        if tag == 0x0112:
            return value if 1 <= value <= 8 else 1
    return 1


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each chunk."""
    at = 8
    for _ in range(MAX_PARTS):
        if at + 12 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            return
        yield name, at, length
        at += 12 + length
        if name == b"IEND":
            return


def _png(data: bytes) -> Header:
    names = set()
    orientation = 1
    for name, at, length in _png_chunks(data):
        names.add(name)
        if name == b"eXIf":
            orientation = _orientation(data[at + 8 : at + 8 + length])
    width, height = struct.unpack_from(">II", data, 16)
    if b"acTL" in names:
        raise PhotoRefused("animated")
    if b"IHDR" not in names or not width or not height:
        raise PhotoRefused("truncated" if len(data) < 40 else "broken")
    if b"IEND" not in names:
        raise PhotoRefused("truncated")
    return Header("png", width, height, orientation)


def png_bare(data: bytes) -> bytes:
    """The same PNG with nothing but what the pixels need: text and colour profiles are left out unread (sec-U20)."""
    keep = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
    parts = [data[at : at + 12 + length] for name, at, length in _png_chunks(data) if name in keep]
    return data[:8] + b"".join(parts)


def _webp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 4)
    form = data[12:16]
    orientation = 1
    if form == b"VP8X":
        if data[20] & 2:
            raise PhotoRefused("animated")
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        orientation = _webp_orientation(data) if data[20] & 8 else 1
    elif form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif form == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise PhotoRefused("broken")
    if size + 8 > len(data):
        raise PhotoRefused("truncated")
    return Header("webp", width, height, orientation)


def _webp_orientation(data: bytes) -> int:
    at = 12
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            block = data[at + 8 : at + 8 + length]
            return _orientation(block.removeprefix(b"Exif\0\0"))
        at += 8 + length + (length & 1)
    return 1


def _heif(data: bytes) -> Header:
    (length,) = struct.unpack_from(">I", data, 0)
    brands = {data[at : at + 4] for at in range(8, min(length, 200), 4) if at != 12}
    if data[8:12] in HEIF_MOVING:
        raise PhotoRefused("animated")
    if not brands & HEIF_STILL or b"avif" in brands:
        raise PhotoRefused("other_format")
    at = 0
    for _ in range(MAX_PARTS):
        if at >= len(data):
            break
        size, _name = struct.unpack_from(">I4s", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if size == 0:
            break
        if size < 8:
            raise PhotoRefused("broken")
        at += size
    if at > len(data):
        raise PhotoRefused("truncated")
    width, height = _heif_size(data)
    return Header("heic", width, height)


def _heif_size(data: bytes) -> tuple[int, int]:
    """The largest size any image of the file announces; the decoder applies rotation itself."""
    best, at = (0, 0), data.find(b"ispe")
    while at >= 0:
        width, height = struct.unpack_from(">II", data, at + 8)
        if width * height > best[0] * best[1]:
            best = width, height
        at = data.find(b"ispe", at + 4, min(len(data), 1_000_000))
    if best == (0, 0):
        raise PhotoRefused("broken")
    return best
