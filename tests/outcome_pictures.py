"""Small pictures of printed sheets in every way they may arrive, made once a process: name -> bytes.

The leaves are those of `tests.paper.photographed`, printed with the workshop's key.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.paper import photographed, workshop
from tests.paper.workshop import press

OWN, OTHER_CHILD, LAST_ROUND, OTHER_CLASS = photographed.LEAVES
#: made once from `signed()` with an HEVC encoder, which no test may need: 1240 pixels wide, like an iPhone's
HEIC = Path(__file__).parent / "paper" / "photos" / "signed-sheet.heic"
#: a phone's photo that the browser has made smaller has about as many
_DPI = 180


@cache
def signed(number: int = 0, has_signature: bool = True) -> np.ndarray:
    """A written front as pixels: a telephone number in its box, and a signature."""
    return workshop.write_on(_pages()[number][0], 11 + number, {"phone": "154 0000 0001"}, has_signature)


@cache
def _pages() -> list[tuple[np.ndarray, np.ndarray]]:
    return list(press.pages(list(photographed.LEAVES), press.KEY, _DPI))


def _foreign() -> np.ndarray:
    return next(press.pages([photographed.STRANGE_LEAF], press.OTHER_KEY, _DPI))[0]


def _file(pixels: np.ndarray, kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(_rimmed(pixels)[:, :, ::-1]).convert(mode).save(out, kind, **options)
    return out.getvalue()


def _rimmed(pixels: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(pixels, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=(90, 90, 90))


def _few_marks() -> bytes:
    """Three marks and the QR lost: enough for the sender's own sheet or class, no proof of anything else."""
    page = signed().copy()
    page[:, : page.shape[1] // 8] = 90
    page[: page.shape[0] // 5, int(page.shape[1] * 0.60) : int(page.shape[1] * 0.82)] = 90
    return photographed.scan(page)


def _two_in_one() -> bytes:
    pair = np.hstack([_rimmed(signed(0)), _rimmed(signed(1))])
    return photographed.jpeg(pair)


def _sent_by_chat(width: int) -> bytes:
    """What a chat app leaves of a photo when the original was not asked for."""
    page = _rimmed(signed())
    small = cv2.resize(page, (width, round(width * page.shape[0] / page.shape[1])), interpolation=cv2.INTER_AREA)
    return photographed.jpeg(small, 72)


def _display() -> bytes:
    """Photographed from a display: its grid lies over everything."""
    page = _rimmed(signed()).astype(np.float32)
    down, across = np.mgrid[0 : page.shape[0], 0 : page.shape[1]]
    grid = 1 + 0.06 * np.sin(across * 0.9) * np.sin(down * 0.83)
    return photographed.jpeg(np.clip(page * grid[..., None], 0, 255).astype(np.uint8))


def _huge() -> bytes:
    """A phone of 200 megapixels."""
    page = cv2.cvtColor(signed(), cv2.COLOR_BGR2GRAY)
    return photographed.jpeg(cv2.resize(page, (12_000, 16_640), interpolation=cv2.INTER_LINEAR), 60)


def _blurred() -> bytes:
    return photographed.scan(cv2.GaussianBlur(signed(), (0, 0), 4.5))


PICTURES: dict[str, Callable[[], bytes]] = {
    "scan": lambda: photographed.scan(signed()),
    "the other child": lambda: photographed.scan(signed(1)),
    "last round": lambda: photographed.scan(signed(2)),
    "other class": lambda: photographed.scan(signed(3)),
    "another deployment": lambda: photographed.scan(_foreign()),
    "the back": lambda: photographed.scan(_pages()[0][1]),
    "unsigned": lambda: photographed.scan(signed(0, False)),
    "two sheets": _two_in_one,
    "no sheet": lambda: photographed.jpeg(np.full((900, 700, 3), 140, np.uint8)),
    "few marks": _few_marks,
    "blurred": _blurred,
    "cut": lambda: photographed.jpeg(signed()[: int(signed().shape[0] * 0.86)]),
    "a display": _display,
    "upside down": lambda: photographed.scan(signed()[::-1, ::-1]),
    "webp": lambda: _file(signed(), "WEBP", quality=80),
    "cmyk": lambda: _file(signed(), "JPEG", "CMYK", quality=90),
    "progressive": lambda: _file(signed(), "JPEG", progressive=True, quality=85),
    "grey png": lambda: _file(signed(), "PNG", "L"),
    "heic": HEIC.read_bytes,
    "chat, original size": lambda: _sent_by_chat(1440),
    "chat, thumbnail": lambda: _sent_by_chat(810),
    "200 megapixels": _huge,
}


@cache
def picture(name: str) -> bytes:
    """The bytes of one of `PICTURES`."""
    return PICTURES[name]()
