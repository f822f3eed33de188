"""Find marks and QR codes in a photo: a quick pass that nearly always suffices, and slower tries for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import zxingcpp

from portal.paper.squares import squares

LARGE_SIDE = 1400
"""Photos with a longer side are halved for the quick pass: a mark is then about 30 pixels wide."""


@dataclass(frozen=True)
class Mark:
    """One ArUco mark: its id and its corners in photo pixels, (4, 2), from the mark's own top left clockwise."""

    id: int
    corners: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        return self.corners.mean(0)

    @property
    def size(self) -> float:
        """Mean length of the four sides in pixels."""
        return float(np.linalg.norm(self.corners - np.roll(self.corners, 1, 0), axis=1).mean())

    @property
    def angle(self) -> float:
        """Direction of the mark's own upper edge in the photo, radians."""
        along = self.corners[1] + self.corners[2] - self.corners[0] - self.corners[3]
        return float(np.arctan2(along[1], along[0]))


@cache
def _detector(window: int, least: float, cell: int = 4) -> cv2.aruco.ArucoDetector:
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = window
    parameters.minMarkerPerimeterRate = least
    parameters.maxMarkerPerimeterRate = 1.0
    parameters.perspectiveRemovePixelPerCell = cell
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
    return cv2.aruco.ArucoDetector(dictionary, parameters)


def marks(gray: np.ndarray) -> list[Mark]:
    """The quick pass over a gray photo."""
    scale = 0.5 if max(gray.shape) > LARGE_SIDE else 1.0
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else gray
    found = [Mark(number, (quad.astype(float) + 0.5) / scale - 0.5) for number, quad in squares(small)]
    return _sharpened(found, gray)


def more_marks(gray: np.ndarray) -> Iterator[list[Mark]]:
    """Slower tries one after the other: OpenCV's own finder at other sizes and thresholds, evened light."""
    yield _sharpened(_detect(gray, 1500, 23, 0.06), gray)
    yield _sharpened(_detect(gray, 2100, 15, 0.03), gray)
    even = cv2.createCLAHE(4.0, (12, 12)).apply(gray)
    yield _sharpened(_detect(even, 1500, 35, 0.03), gray)
    yield _sharpened(_detect(cv2.GaussianBlur(even, (0, 0), 1.6), 1000, 23, 0.03), gray)


def marks_within(patch: np.ndarray) -> list[Mark]:
    """Marks in a small flattened patch in which one mark is expected to fill a third or more of the width."""
    for window in (23, 51, 11):
        found = _detect(patch, max(patch.shape), window, 0.5, 8)
        if found:
            return found
    soft = cv2.addWeighted(patch, 2.2, cv2.GaussianBlur(patch, (0, 0), 4), -1.2, 0)
    return _detect(soft, max(patch.shape), 51, 0.5, 8)


def _detect(gray: np.ndarray, side: int, window: int, least: float, cell: int = 4) -> list[Mark]:
    scale = min(1.0, side / max(gray.shape))
    small = gray if scale == 1.0 else cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    corners, ids, _ = _detector(window, least, cell).detectMarkers(small)
    if ids is None:
        return []
    there = [(quad.reshape(4, 2) + 0.5) / scale - 0.5 for quad in corners]
    return [Mark(int(number), quad) for number, quad in zip(ids.ravel(), there, strict=True)]


def _sharpened(found: list[Mark], gray: np.ndarray) -> list[Mark]:
    """Corners moved to a fraction of a pixel; what reaches out of the photo is left out."""
    better = []
    for mark in found:
        if (mark.corners < 0).any() or (mark.corners > np.array(gray.shape[::-1]) - 1).any():
            continue
        reach = int(np.clip(mark.size / 12, 2, 6))
        corners = mark.corners.astype(np.float32).reshape(-1, 1, 2)
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.03)
        moved = cv2.cornerSubPix(gray, corners.copy(), (reach, reach), (-1, -1), stop).reshape(4, 2)
        far = np.linalg.norm(moved - mark.corners, axis=1) > reach
        moved[far] = mark.corners[far]
        better.append(Mark(mark.id, moved.astype(float)))
    return better


def qr_codes(gray: np.ndarray, thorough: bool = False) -> list[tuple[str, np.ndarray]]:
    """Texts of the QR codes in a gray picture and their corners in pixels, from the code's own top left clockwise."""
    found = zxingcpp.read_barcodes(
        gray,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=False,
    )
    codes = []
    for code in found:
        at = code.position
        quad = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
        codes.append((code.text, np.array(quad, float)))
    return codes
