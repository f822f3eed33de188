"""JPEGs of bounded size for screens and the archive: the flattened page, single boxes, an upright photo."""

from __future__ import annotations

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS
from portal.paper.layout import Page

PAGE_BYTES = 250_000
AROUND_MM = 1.5
UPRIGHT_SIDE = 1600


def page(colour: np.ndarray) -> bytes:
    """A flattened page of at most PAGE_BYTES."""
    return _jpeg(colour, (62, 45, 30, 18, 8))


def upright(pixels: np.ndarray) -> bytes:
    """An unflattened photo, shrunk to UPRIGHT_SIDE."""
    scale = min(1.0, UPRIGHT_SIDE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    return _jpeg(small, (62, 45, 30, 18, 8))


def boxes(colour: np.ndarray, page_: Page, items: list[str]) -> dict[str, bytes]:
    """The change boxes of these items with AROUND_MM of what is around them."""
    cut = {}
    for item in items:
        box = page_.box(item, "change")
        rows = _span(box.y_mm, box.bottom_mm, colour.shape[0])
        columns = _span(box.x_mm, box.right_mm, colour.shape[1])
        cut[item] = _jpeg(colour[rows, columns], (75, 50))
    return cut


def _span(start: float, end: float, most: int) -> slice:
    return slice(max(0, round((start - AROUND_MM) * FLAT_DOTS)), min(most, round((end + AROUND_MM) * FLAT_DOTS)))


def _jpeg(pixels: np.ndarray, qualities: tuple[int, ...]) -> bytes:
    coded = b""
    for quality in qualities:
        done, buffer = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if not done:
            raise ValueError("the picture could not be coded")
        coded = buffer.tobytes()
        if len(coded) <= PAGE_BYTES:
            break
    return coded
