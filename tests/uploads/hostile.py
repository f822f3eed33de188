"""Files that are broken, hostile or absurd, each made here: name -> bytes (security.md 4.1)."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import qrcode
from PIL import Image, ImageFilter
from PIL.ExifTags import GPS, IFD, Base

from tests.paper import pictures
from tests.paper.test_photo_refused import REFUSED as KINDS

File = Callable[[], bytes]
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert(1)</script>"


@cache
def photo(size: tuple[int, int] = (600, 800), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A picture with something on it."""
    noise = np.random.default_rng(7).integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8)
    return pictures.coded(Image.fromarray(noise).resize(size).convert(mode), kind)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments: bytes) -> bytes:
    """A JPEG with these segments behind its start."""
    good = photo()
    return good[:2] + b"".join(segments) + good[2:]


def _lying_png(width: int, height: int, raw: bytes) -> bytes:
    """A PNG whose pixels unpack to something else than its header says."""
    head = pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + pictures.chunk(b"IDAT", zlib.compress(raw, 9)) + pictures.chunk(b"IEND", b"")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("evil.html", SCRIPT)
    return out.getvalue()


def exif_of_a_home() -> bytes:
    """EXIF with a place on earth, a maker note and somebody's name."""
    exif = Image.Exif()
    exif[Base.Artist] = "Lin Xiaoshi"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (31.0, 14.0, 15.0)
    exif.get_ifd(IFD.Exif)[Base.MakerNote] = b"maker note of a phone" * 50
    return exif.tobytes()


def _looping_exif() -> bytes:
    """A directory that names itself as the next and as its own sub-directories."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    tiff = b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 3) + entry * 3 + struct.pack("<I", 8)
    return b"Exif\0\0" + tiff


def _scrambled() -> bytes:
    """A JPEG whose picture data are noise up to its end mark."""
    good = photo()
    at = good.index(b"\xff\xda") + 14
    noise = np.random.default_rng(3).integers(0, 255, len(good) - at - 2, np.uint8).tobytes()
    return good[:at] + noise.replace(b"\xff", b"\xfe") + b"\xff\xd9"


def _noisy_heic() -> bytes:
    """An iPhone's container around noise."""
    at = pictures.HEIC.index(b"mdat") + 4
    return pictures.HEIC[:at] + (bytes(range(1, 256)) * 99)[: len(pictures.HEIC) - at]


def _foreign_qr() -> bytes:
    code = qrcode.make("http://127.0.0.1/S/ABCDEFGHJKM?next=//evil.example", box_size=12).convert("RGB")
    return pictures.coded(code, "PNG")


def _plain(colour: int) -> bytes:
    return pictures.coded(Image.new("RGB", (600, 800), (colour,) * 3), "JPEG")


def _blurred() -> bytes:
    return pictures.coded(Image.open(io.BytesIO(photo())).filter(ImageFilter.GaussianBlur(30)), "JPEG")


def _sixteen_bit() -> bytes:
    rows = np.random.default_rng(1).integers(0, 65_535, (800, 600), np.uint16)
    return pictures.coded(Image.fromarray(rows), "PNG")


def _late_frame() -> bytes:
    """A small JPEG with a second frame header, of 64 megapixels, before its scan."""
    good, large = photo(), photo((640, 480))
    frame = bytearray(large[large.index(b"\xff\xc0") :][:19])
    frame[5:9] = struct.pack(">HH", 8000, 8000)
    at = good.index(b"\xff\xda")
    return good[:at] + bytes(frame) + good[at:]


def _wholes() -> dict[str, bytes]:
    return {"jpeg": photo(), "png": photo(kind="PNG"), "webp": photo(kind="WEBP"), "heic": pictures.HEIC}


def _cut(kind: str, tenths: int) -> bytes:
    whole = _wholes()[kind]
    return whole[: len(whole) * tenths // 10]


_VP8X = b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\x08\0\0\0\xff\x01\0\xff\x01\0"
#: its header is in order, only who reads it sees
NEEDS_A_READER = "png without pixels"
#: refused at the door; the reason is a code of `paper.reasons`
REFUSED: dict[str, tuple[File, str]] = {
    name: (lambda data=data: data, reason) for name, (data, reason) in KINDS.items() if data and name != NEEDS_A_READER
} | {
    "gif named jpeg": (lambda: pictures.moving("GIF") + b"\xff\xd9", "animated"),
    "a script": (lambda: SCRIPT + b"\xff\xd8\xff", "not_a_photo"),
    "a program": (lambda: b"\x7fELF" + b"\0" * 4000, "not_a_photo"),
    "zero bytes": (lambda: b"\0" * 100_000, "not_a_photo"),
    "photoshop": (lambda: b"8BPS" + b"\0" * 400, "other_format"),
    "dds": (lambda: b"DDS " + b"\0" * 400, "other_format"),
    "fli": (lambda: b"\0\0\0\0\x11\xaf" + b"\0" * 400, "other_format"),
    "jpeg of 20 MB of fill bytes": (lambda: b"\xff\xd8" + b"\xff" * 19_900_000, "truncated"),
    "jpeg of a million segments": (lambda: b"\xff\xd8" + b"\xff\xe0\x00\x02" * 1_000_000, "broken"),
    "png of a million chunks": (
        lambda: photo(kind="PNG")[:33] + pictures.chunk(b"teXt", b"") * 1_000_000,
        "truncated",
    ),
    "webp of a million chunks": (lambda: _VP8X + b"abcd\0\0\0\0" * 1_000_000, "truncated"),
    "heic of a million boxes": (lambda: pictures.HEIC[:24] + struct.pack(">I4s", 8, b"free") * 1_000_000, "truncated"),
}
for _kind in _wholes():
    REFUSED |= {f"{_kind} cut at {n}0 %": (lambda kind=_kind, n=n: _cut(kind, n), "truncated") for n in range(1, 10)}

#: taken at the door, whatever the reader then makes of it
TAKEN: dict[str, File] = {
    NEEDS_A_READER: lambda: KINDS[NEEDS_A_READER][0],
    "png named jpeg": lambda: photo(kind="PNG"),
    "webp": lambda: photo(kind="WEBP"),
    "heic": lambda: pictures.HEIC,
    "heic that is smaller than it is": lambda: pictures.heic_of_size(4_000, 3_000),
    "heic that is larger than it says": lambda: pictures.heic_of_size(220, 210),
    "heic of noise": _noisy_heic,
    "jpeg with a zip behind it": lambda: photo() + _zip(),
    "jpeg with a page behind it": lambda: photo() + b"<html>" + SCRIPT,
    "jpeg with scripts inside": lambda: with_segments(_segment(0xFE, SCRIPT), _segment(0xE5, SCRIPT)),
    "jpeg with a virus for tests": lambda: with_segments(_segment(0xFE, EICAR)),
    "jpeg with a pdf inside": lambda: with_segments(_segment(0xFE, b"x" * 2000 + b"%PDF-1.7")),
    "jpeg from a home": lambda: pictures.coded(Image.open(io.BytesIO(photo())), "JPEG", exif=exif_of_a_home()),
    "jpeg with another picture inside": lambda: with_segments(
        _segment(0xE1, b"Exif\0\0II*\0" + b"\x08\0\0\0\0\0\0\0" + photo((160, 120)) + b"Lin Xiaoshi"),
        _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Lin Xiaoshi</x:xmpmeta>"),
    ),
    "jpeg with broken exif": lambda: with_segments(_segment(0xE1, b"Exif\0\0II*\x00\xff\xff\xff\xff")),
    "jpeg with exif junk": lambda: with_segments(_segment(0xE1, b"Exif\0\0" + b"MM" * 32_000)),
    "jpeg with exif in a circle": lambda: with_segments(_segment(0xE1, _looping_exif())),
    "jpeg with a thousand colour profiles": lambda: with_segments(*[_segment(0xE2, b"ICC_PROFILE\0\1\1")] * 1000),
    "jpeg of noise": _scrambled,
    "jpeg with two frames": _late_frame,
    "jpeg in cmyk": lambda: photo(mode="CMYK"),
    "jpeg in grey": lambda: photo(mode="L"),
    "progressive jpeg": lambda: pictures.coded(Image.open(io.BytesIO(photo())), "JPEG", progressive=True),
    "jpeg announcing 200 MP": lambda: pictures.jpeg_of_size(16_000, 12_500),
    "png of 16 bits": _sixteen_bit,
    "png of a palette": lambda: photo(kind="PNG", mode="P"),
    "png with holes": lambda: photo(kind="PNG", mode="RGBA"),
    "png with a text that explodes": lambda: pictures.png_with(
        pictures.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000, 9))
    ),
    "png with a profile that explodes": lambda: pictures.png_with(
        pictures.chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 50_000_000, 9))
    ),
    "png that unpacks to 50 MB": lambda: _lying_png(300, 300, b"\0" * 50_000_000),
    "png that unpacks to nothing": lambda: _lying_png(6_000, 6_000, b""),
    "png of 40 MP": lambda: _lying_png(6_300, 6_300, b"\0" * (6_300 * (6_300 * 3 + 1))),
    "black": lambda: _plain(0),
    "white": lambda: _plain(255),
    "blurred": _blurred,
    "a foreign code": _foreign_qr,
}
for turn in range(1, 9):
    TAKEN[f"jpeg turned {turn}"] = lambda turn=turn: pictures.turned(turn)

#: file names as they stand in the request
NAMES = {
    "upwards": b"../../../../etc/passwd",
    "drive": rb"C:\windows\x.jpg",
    "share": rb"\\tmp\x.jpg",
    "coded": b"..&#x2F;x.jpg",
    "nul": b"a\0b.jpg",
    "long": b"a" * 300 + b".jpg",
    "dot": b".",
    "dots": b"..",
    "chinese": "确认表（签字）.jpg".encode(),
    "emoji": "📷.jpg".encode(),
    "turned round": "gpj.\u202eexe".encode(),
    "device": b"con.jpg",
    "script": b"<img src=x onerror=alert(1)>.jpg",
    "semicolons": b"a;b=c;filename*=UTF-8''x.jpg",
}
