"""Small copies of our own pictures, so that a page with them stays light on a slow line."""

from __future__ import annotations

import io

from PIL import Image

#: pixels across, few enough for 15 KB a page; a sheet is shown about 130 px wide on a phone, handwriting about 200
PAGE_WIDTH = 170
STRIP_WIDTH = 260
#: documents: told apart, not read
EVIDENCE_WIDTH = 150
QUALITY = 32


def small(jpeg: bytes, width: int) -> bytes:
    """A JPEG at most `width` pixels wide, without anything but its pixels. Only for JPEGs that a reader made."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        picture.draft("RGB", (2 * width, 4 * width))
        picture.thumbnail((width, 8 * width))
        out = io.BytesIO()
        Image.frombytes(picture.mode, picture.size, picture.tobytes()).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
