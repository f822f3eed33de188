"""What we printed ourselves: the form without a pupil, kept as a small grey picture beside each layout version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from portal.paper.layout import Layout

FLAT_DOTS = 6
"""Pixels per millimetre of a flattened page."""
WHITE = 200
"""Brightness of the bare paper in an evened picture."""
TRACK_DOTS = 3
"""Pixels per millimetre of the picture on which curl is measured."""

_FOLDER = Path(__file__).parent / "layouts"


@dataclass(frozen=True)
class Blank:
    """Page 1 without a pupil: grey at FLAT_DOTS and at TRACK_DOTS, and the points worth tracking, (n, 1, 2) pixels."""

    print: np.ndarray
    track: np.ndarray
    points: np.ndarray


@cache
def blank(version: int) -> Blank:
    """The blank form of a layout version; LookupError when its picture is missing."""
    path = _FOLDER / f"v{int(version)}.png"
    if not path.is_file():
        raise LookupError(f"no picture of the blank form of layout version {version}")
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise LookupError(f"the picture of layout version {version} cannot be read")
    return of_picture(picture)


def of_picture(print_: np.ndarray) -> Blank:
    """A blank from a grey picture of page 1 at FLAT_DOTS."""
    height, width = print_.shape
    size = (width * TRACK_DOTS // FLAT_DOTS, height * TRACK_DOTS // FLAT_DOTS)
    track = cv2.resize(print_, size, interpolation=cv2.INTER_AREA)
    track = cv2.GaussianBlur(cv2.convertScaleAbs(track, alpha=WHITE / 255), (0, 0), 0.7)
    points = cv2.goodFeaturesToTrack(track, 330, 0.03, 5.0 * TRACK_DOTS, blockSize=5)
    return Blank(print_, track, points)


def from_pdf(pdf: bytes) -> np.ndarray:
    """Grey picture of page 1 of a PDF at FLAT_DOTS: how `layouts/v*.png` are made."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        large = document[0].render(scale=3 * FLAT_DOTS * 25.4 / 72, grayscale=True).to_numpy()
    finally:
        document.close()
    return cv2.resize(large, (210 * FLAT_DOTS, 297 * FLAT_DOTS), interpolation=cv2.INTER_AREA)


def picture_of(layout: Layout) -> Path:
    """Where the picture of a layout version is kept."""
    return _FOLDER / f"v{layout.version}.png"
