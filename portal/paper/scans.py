"""Pages of a PDF or multi-page TIFF of scans, drawn one by one, so that each can be read like a photo of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from portal.paper.photo import Photo

SCAN_DPI = 200
LONGEST_PX = 3400
MOST_PIXELS = 60_000_000
QUALITY = 85


class Unreadable(ValueError):
    """The file cannot be opened: damaged, locked with a password, or nothing of this kind."""


def drawn(data: bytes) -> Iterator[Photo | None]:
    """Every page of a PDF as a picture at SCAN_DPI; None for a page that cannot be drawn, and alone for no PDF."""
    try:
        pages = _Pdf(data)
    except Unreadable:
        yield None
        return
    with pages:
        for number in range(pages.count):
            yield pages.page(number)


def entry(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A few pages of a file for a child process: `args["pages"]` is [first from 0, how many].

    Gives {"pages": how many the file has, 0 when it cannot be opened} and a JPEG for each page asked for, empty where
    one cannot be drawn. The same file gives the same bytes.
    """
    first, most = args["pages"]
    try:
        pages = _Pdf(payload) if is_pdf(payload) else _Tiff(payload)
    except Unreadable:
        return {"pages": 0}, []
    with pages:
        wanted = range(first, min(first + most, pages.count))
        return {"pages": pages.count}, [_jpeg(pages.page(number)) for number in wanted]


def is_pdf(data: bytes) -> bool:
    """Told by content."""
    return b"%PDF-" in data[:1024]


def _jpeg(picture: Photo | None) -> bytes:
    if picture is None:
        return b""
    done, coded = cv2.imencode(".jpg", picture.pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return coded.tobytes() if done else b""


class _Pdf:
    """A PDF, drawn by PDFium."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        try:
            self._document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise Unreadable from error
        self.count = len(self._document)

    def __enter__(self) -> _Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def page(self, number: int) -> Photo | None:
        import pypdfium2

        try:
            page = self._document[number]
            scale = min(SCAN_DPI / 72, LONGEST_PX / max(page.get_size()))
            pixels = page.render(scale=scale, rev_byteorder=False).to_numpy()
            page.close()
        except (pypdfium2.PdfiumError, RuntimeError, ValueError, MemoryError, ZeroDivisionError):
            return None
        colour = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels[:, :, :3]
        return Photo(np.ascontiguousarray(colour), colour.shape[1], colour.shape[0], "pdf")


class _Tiff:
    """A TIFF as scanners write it, decoded by Pillow."""

    def __init__(self, data: bytes) -> None:
        from PIL import Image

        try:
            self._picture = Image.open(io.BytesIO(data), formats=["TIFF"])
            self.count = int(getattr(self._picture, "n_frames", 1))
        except Exception as error:  # a stranger's file makes the decoder raise what it likes
            raise Unreadable from error

    def __enter__(self) -> _Tiff:
        return self

    def __exit__(self, *_: object) -> None:
        self._picture.close()

    def page(self, number: int) -> Photo | None:
        try:
            self._picture.seek(number)
            width, height = self._picture.size
            if width * height > MOST_PIXELS:
                return None
            pixels = np.asarray(self._picture.convert("RGB"))
        except Exception:  # as above
            return None
        colour = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        if max(width, height) > LONGEST_PX:
            share = LONGEST_PX / max(width, height)
            colour = cv2.resize(colour, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        return Photo(colour, colour.shape[1], colour.shape[0], "tiff")
