"""Red round stamps of offices and schools: found by their ring, so that their red is not taken for writing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS

RADII_MM = range(14, 25)  # stamps have diameters of about 30 to 45 mm
RED = 0.10  # how much redder than its brightness a pixel must be, as a share of the paper's
LEAST_MM2 = 50.0  # less red than this is no stamp
LEAST_RING, MOST_BESIDE = 0.8, 0.6  # share of the circle that must be red, and that may be so just inside it
MOST_STAMPS = 3
MOST_RED = 2000  # with more red pixels than this, counting by pixel is no quicker than looking everywhere
LEAST_SEEN, DARK = 0.55, 0.5  # share of a circle that lies on the page and not on black print, darker than so


def stamped(colour: np.ndarray) -> np.ndarray | None:
    """Where a stamp's red lies on a flattened page (BGR, FLAT_DOTS): uint8, 255 = stamp; None when there is none."""
    half = cv2.resize(colour, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)  # halving first is quicker
    small = cv2.resize(half, None, fx=2 / FLAT_DOTS, fy=2 / FLAT_DOTS, interpolation=cv2.INTER_AREA)
    red = _redness(small) > RED
    if int(red.sum()) < LEAST_MM2:
        return None
    bright = np.maximum.reduce(cv2.split(small))
    discs = _discs(red.astype(np.float32), (bright > DARK * np.median(bright)).astype(np.float32))
    if discs is None:
        return None
    mask = np.zeros(colour.shape[:2], np.uint8)
    left, top, width, height = cv2.boundingRect(discs)
    rows, columns = (
        slice(top * FLAT_DOTS, (top + height) * FLAT_DOTS),
        slice(left * FLAT_DOTS, (left + width) * FLAT_DOTS),
    )
    part = colour[rows, columns]
    within = cv2.resize(
        discs[top : top + height, left : left + width], part.shape[1::-1], interpolation=cv2.INTER_NEAREST
    )
    mask[rows, columns] = ((_redness(cv2.blur(part, (5, 5))) > RED / 2) & (within > 0)) * 255
    return cv2.dilate(mask, np.ones((3, 3), np.uint8))


def _redness(colour: np.ndarray) -> np.ndarray:
    """How much redder than blue and green, as a share of the brightness; paper's own tint is taken off."""
    seen = colour.astype(np.float32)
    blue, green, red = cv2.split(seen)
    tint = red - (blue + green) / 2
    bright = np.maximum(np.maximum(blue, green), red)
    relative = tint / np.maximum(bright, 0.6 * float(np.median(bright[::4, ::4])) + 1)
    return relative - np.float32(np.median(relative[::4, ::4]))


def _discs(red: np.ndarray, light: np.ndarray) -> np.ndarray | None:
    """Discs around the rings found, at one pixel a millimetre; on what is not `light` a stamp cannot be seen."""
    discs = np.zeros(red.shape, np.uint8)
    rest = red.copy()
    for _ in range(MOST_STAMPS):
        wide = cv2.dilate(rest, np.ones((3, 3), np.uint8))
        likely = [radius for radius in RADII_MM if _may_be(wide, radius)]
        if not likely:
            break
        rings = (_best_ring(wide, np.maximum(light, wide), radius) for radius in likely)
        best, radius, at = max(rings, key=lambda found: found[0])
        if best < LEAST_RING or _beside(rest, radius, at) > MOST_BESIDE:
            break
        cv2.circle(discs, at, radius + 2, 1, -1)
        cv2.circle(rest, at, radius + 2, 0.0, -1)
    return discs if discs.any() else None


def _may_be(red: np.ndarray, radius: int) -> bool:
    """Whether any circle of this radius is red for so long that it may be a ring: quickly told while little is red."""
    rows, columns = np.nonzero(red)
    if not 0 < len(rows) <= MOST_RED:
        return len(rows) > 0
    down, across = np.nonzero(_ring(radius))
    side = 2 * radius + 3
    middles = (rows[:, None] + (side - down)) * (red.shape[1] + side) + columns[:, None] + (side - across)
    return int(np.bincount(middles.ravel()).max()) > 0.99 * LEAST_RING * LEAST_SEEN * len(down)


def _best_ring(red: np.ndarray, light: np.ndarray, radius: int) -> tuple[float, int, tuple[int, int]]:
    """The circle of this radius of whose visible part most is red: that share, the radius, its middle (x, y)."""
    hit, seen = (cv2.filter2D(each, cv2.CV_32F, _ring(radius), borderType=cv2.BORDER_CONSTANT) for each in (red, light))
    _, most, _, at = cv2.minMaxLoc(hit / np.maximum(seen, LEAST_SEEN))
    return float(most), radius, (int(at[0]), int(at[1]))


def _beside(red: np.ndarray, radius: int, at: tuple[int, int]) -> float:
    """Share of the circle 3 mm inside a ring that is red: little in a stamp, much in a field of writing."""
    inner = np.zeros(red.shape, np.uint8)
    cv2.circle(inner, at, radius - 3, 1, 1)
    return float(red[inner > 0].mean()) if inner.any() else 1.0


@cache
def _ring(radius: int) -> np.ndarray:
    ring = np.zeros((2 * radius + 3, 2 * radius + 3), np.uint8)
    cv2.circle(ring, (radius + 1, radius + 1), radius, 1, 1)
    return ring.astype(np.float32) / float(ring.sum())
