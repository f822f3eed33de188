"""Small picture files of every kind a stranger may send, made when they are needed."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

HEIC = (Path(__file__).parent / "photos" / "red-over-blue.heic").read_bytes()
"""320 x 240, upper half red, lower half blue, HEVC coded."""


def two_halves(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """A picture with a red upper and a blue lower half."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (0, size[1] // 2, *size))
    return picture.convert(mode)


def coded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def jpeg(size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    return coded(two_halves(size), "JPEG", **options)


def png(size: tuple[int, int] = (320, 240), mode: str = "RGB", **options: Any) -> bytes:
    return coded(two_halves(size, mode), "PNG", **options)


def webp(size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    return coded(two_halves(size), "WEBP", **options)


def moving(kind: str) -> bytes:
    """Two different frames."""
    return coded(two_halves(), kind, save_all=True, append_images=[two_halves().rotate(180)])


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_size(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that announces a size and holds next to nothing."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def png_with(extra: bytes) -> bytes:
    """A good PNG with chunks put in behind its header."""
    good = png()
    return good[:33] + extra + good[33:]


def jpeg_of_size(width: int, height: int, marker: int = 0xC0) -> bytes:
    """A JPEG whose frame header announces another size than its data holds."""
    good = bytearray(jpeg())
    at = good.index(b"\xff\xc0")
    good[at + 1] = marker
    good[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(good)


def heic_of_size(width: int, height: int) -> bytes:
    """The HEIC with another size announced in all its `ispe` boxes."""
    data, at = bytearray(HEIC), 0
    while (at := data.find(b"ispe", at + 1)) > 0:
        data[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(data)


def turned(orientation: int) -> bytes:
    """A JPEG that is upright when its EXIF orientation is applied."""
    undo = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}.get(orientation, [])
    picture = two_halves()
    for way in undo:
        picture = picture.transpose(Image.Transpose(way))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return coded(picture, "JPEG", exif=exif.tobytes())
