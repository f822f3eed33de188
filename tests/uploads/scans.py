"""Files of scans that are broken, hostile or absurd: name -> (file, photos it becomes; None: any number)."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import pikepdf
from PIL import Image

from tests.uploads.hostile import File


@cache
def good_pdf(pages: int = 2) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (330, 470), (40 * n, 90, 90)) for n in range(pages)]
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=100)
    return out.getvalue()


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return out + tail % (size, table, size, len(out))


def stream(head: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (head, len(packed), packed)


CATALOGUE, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"


def page_of(*objects: bytes, size: bytes = b"0 0 595 842", rest: bytes = b"") -> bytes:
    """One page; `objects` are numbered from 4."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]%s>>" % (size, rest)
    return pdf(CATALOGUE, PAGES, page, *objects)


def _shows(*objects: bytes) -> bytes:
    """A page that draws object 5."""
    return page_of(
        stream(b"", b"595 0 0 842 0 0 cm /P Do"),
        *objects,
        rest=b"/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>",
    )


def _picture() -> bytes:
    """900 megapixels in a hundred kilobytes."""
    head = b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray/BitsPerComponent 8"
    return _shows(stream(head, b"\0" * 100_000_000))


def _form(number: int, content: bytes) -> bytes:
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</P %d 0 R>>>>" % number
    return stream(head, content)


def laughing(levels: int = 9, times: int = 10) -> bytes:
    """Forms that draw forms that draw forms: ten to the ninth rectangles."""
    inner = [_form(6 + level, b"/P Do " * times) for level in range(levels)]
    return _shows(*inner, _form(5, b"0 0 9 9 re f " * times))


def _locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(good_pdf())) as file:
        file.save(out, encryption=pikepdf.Encryption(owner="x", user="y"))
    return out.getvalue()


def _empty_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (3 + n) for n in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
    return pdf(CATALOGUE, b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids), *[page] * count)


def tiff(*entries: tuple[int, int, int, int], after: int = 0, data: bytes = b"") -> bytes:
    """One directory: (tag, type, count, value) each."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + packed + struct.pack("<I", after) + data


def _plain_tiff(width: int, height: int, samples: int = 1, strip: int = 200, after: int = 0) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, strip), (277, 3, 1, samples), (278, 4, 1, height), (279, 4, 1, 100)]
    return tiff(*entries, after=after, data=b"\0" * 300)


def _directories(count: int) -> bytes:
    """So many pages of one pixel, in 18 bytes each."""
    parts = [b"II*\0" + struct.pack("<I", 8)]
    for n in range(count):
        parts.append(struct.pack("<HHHIII", 1, 256, 4, 1, 1, 8 + 18 * (n + 1) if n + 1 < count else 0))
    return b"".join(parts)


SCANS: dict[str, tuple[File, int | None]] = {
    "two pages": (good_pdf, 2),
    "nothing behind the head": (lambda: b"%PDF-1.7\n", 0),
    "noise behind the head": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 400, 0),
    "a password": (_locked, 0),
    "a page of 200 inches": (lambda: page_of(size=b"0 0 14400 14400"), 1),
    "a page of no size": (lambda: page_of(size=b"0 0 0 0"), None),
    "a page without end": (lambda: page_of(size=b"0 0 1e38 1e38"), None),
    "a page inside out": (lambda: page_of(size=b"900 900 -900 nan"), None),
    "pages in a circle": (lambda: pdf(CATALOGUE, b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"), None),
    "a billion pages said": (lambda: pdf(CATALOGUE, b"<</Type/Pages/Count 1000000000/Kids[]>>"), None),
    "a drawing of itself": (lambda: _shows(_form(5, b"0 0 9 9 re f /P Do")), 1),
    "a script": (
        lambda: pdf(b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>", PAGES,
                    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"),
        1,
    ),
    "a picture of 900 megapixels": (_picture, None),
    "tiff of nothing": (lambda: b"II*\0", 0),
    "tiff without entries": (lambda: tiff(), 0),
    "tiff of 65,535 entries": (lambda: b"II*\0" + struct.pack("<IH", 8, 65_535) + b"\xff" * 9_000, 0),
    "tiff of 3,600 megapixels": (lambda: _plain_tiff(60_000, 60_000), 0),
    "tiff of endless sides": (lambda: _plain_tiff(4_294_967_295, 4_294_967_295), 0),
    "tiff of 65,535 colours": (lambda: _plain_tiff(10, 10, samples=65_535), 0),
    "tiff whose strip is elsewhere": (lambda: _plain_tiff(100, 100, strip=4_000_000_000), 0),
    "tiff with a tag of 16 GB": (lambda: tiff((270, 4, 4_294_967_295, 8), (256, 4, 1, 9), (257, 4, 1, 9)), 0),
    "tiff in a circle": (lambda: _plain_tiff(300, 1, after=8), None),
    "tiff of 2,000 pages of a pixel": (lambda: _directories(2_000), None),
}  # fmt: skip
for _tenths in range(1, 10):
    SCANS[f"pdf cut at {_tenths}0 %"] = (lambda n=_tenths: good_pdf()[: len(good_pdf()) * n // 10], None)
#: these take a reader's whole time, and more memory than it may have
LONG: dict[str, tuple[File, int | None]] = {
    "a billion laughs": (laughing, 0),
    "five thousand empty pages": (lambda: _empty_pages(5_000), 1),
    "tiff of a million pages of a pixel": (lambda: _directories(1_000_000), None),
}
