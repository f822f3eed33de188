"""Flatten a photographed page: a homography from the marks, then what curl is left, tracked on the printed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from portal.paper import bend, place
from portal.paper.bend import Bend
from portal.paper.blank import FLAT_DOTS, TRACK_DOTS, WHITE, blank
from portal.paper.layout import Page
from portal.paper.place import Placed

MUCH_MM = 0.8  # a bend this far off the plane is looked at once more
MARK_TRUST = 4.0  # corners of marks are found better than print is tracked
WINDOW = (11, 11)  # pixels around a tracked point, about 4 mm
BACK_MM = 0.1  # a point tracked there and back again must come so near to where it began
PAPER_DOTS = 2
STEEP = 0.25  # a jump by this share of the brightness within two millimetres is no gradient of light
OUTSIDE = (128, 128, 128)
STEP, STRIP = 8, 64  # pixels between exact points of the map from flat page to photo; rows done at once
NO_MAP: Any = None  # what OpenCV takes where both maps are one array; its types do not know


@dataclass(frozen=True)
class Flat:
    """A flattened page: colour (BGR), grey, and grey evened to white paper at FLAT_DOTS; the brightness of the paper at
    PAPER_DOTS; and the way back into the photo."""

    colour: np.ndarray
    grey: np.ndarray
    even: np.ndarray
    paper: np.ndarray
    bend: Bend
    matrix: np.ndarray

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Page millimetres (n, 2) -> photo pixels."""
        return place.to_photo(self.matrix, points + self.bend.at(points))


def flatten(picture: np.ndarray, matrix: np.ndarray, bent: Bend, page: Page) -> Flat:
    """Flatten `picture` (BGR) given the matrix from page millimetres to its pixels and the bend of the paper."""
    size = (round(page.width_mm * FLAT_DOTS), round(page.height_mm * FLAT_DOTS))
    colour = _seen_flat(picture, matrix, bent, size, FLAT_DOTS)
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    paper = paper_of(grey, FLAT_DOTS)
    return Flat(colour, grey, _evened(grey, paper), paper, bent, matrix)


def steep(paper: np.ndarray) -> np.ndarray:
    """Where the paper's brightness jumps: edges of fingers, folds and hard shadows; 255, at PAPER_DOTS as `paper`."""
    jump = cv2.morphologyEx(paper, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    return cv2.compare(jump, (STEEP * paper).astype(np.uint8), cv2.CMP_GT)


def _evened(grey: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """Grey divided by the brightness of the paper around it: WHITE = paper, with room above for its noise."""
    return cv2.divide(grey, cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), scale=WHITE)


def paper_of(grey: np.ndarray, dots: int) -> np.ndarray:
    """Brightness of the bare paper at PAPER_DOTS: what is narrower than 3.5 mm is closed over."""
    scale = PAPER_DOTS / dots
    way = cv2.INTER_LINEAR if dots % PAPER_DOTS else cv2.INTER_AREA  # areas are slow where pixels do not fit
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.maximum(cv2.blur(closed, (5, 5)), 8)


def bend_of(grey: np.ndarray, placed: Placed, page: Page, version: int) -> Bend:
    """How the paper bends off the plane of its marks; looked at twice where the first look found much."""
    form = blank(version)
    known = _tracked_shapes(version)
    marks, away = _marks_off(placed, page)
    of_marks = bend.design(marks)
    trust = np.concatenate([np.ones(len(known)), np.full(len(marks), MARK_TRUST)])
    bent = Bend.none()
    for _ in range(2):
        seen = _seen_flat(grey, placed.matrix, bent, form.track.shape[::-1], TRACK_DOTS)
        seen = _evened(seen, paper_of(seen, TRACK_DOTS))
        moved, good = _track(form.track, seen, form.points)
        moves = np.concatenate([moved[good] / TRACK_DOTS, away - of_marks @ bent.weights])
        told = np.concatenate([known[good], of_marks])
        more, kept = bend.fit(told, moves, trust[np.concatenate([good, np.ones(len(marks), bool)])])
        if not kept.any():
            break
        bent = bent + Bend(more)
        if np.abs(told @ more).max() < MUCH_MM:
            break
    return bent


@cache
def _tracked_shapes(version: int) -> np.ndarray:
    return bend.design((blank(version).points.reshape(-1, 2) + 0.5) / TRACK_DOTS)


def _marks_off(placed: Placed, page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the marks on the page, and how far off the plane they are seen, both (n, 2) in millimetres."""
    corners = np.concatenate([place.corners_of(page, at) for at in placed.marks])
    seen = np.concatenate([mark.corners for mark in placed.marks.values()])
    return corners, place.to_photo(np.linalg.inv(placed.matrix), seen) - corners


def _pixels(dots: int) -> np.ndarray:
    """From pixels of a flat view to page millimetres."""
    return np.array([[1 / dots, 0, 0.5 / dots], [0, 1 / dots, 0.5 / dots], [0, 0, 1]])


def _track(form: np.ndarray, seen: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the form's points are seen: moves in pixels (n, 2) and which of them are to be believed."""
    stop, soon = ((cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 10, least) for least in (0.03, 0.1))
    there, found, _ = cv2.calcOpticalFlowPyrLK(form, seen, points, NO_MAP, winSize=WINDOW, maxLevel=3, criteria=stop)
    # the way back begins where it should end: what is another place of the form leaves it all the same
    start, flags = points.copy(), cv2.OPTFLOW_USE_INITIAL_FLOW
    back, again, _ = cv2.calcOpticalFlowPyrLK(
        seen, form, there, start, winSize=WINDOW, maxLevel=1, criteria=soon, flags=flags
    )
    returned = np.linalg.norm((back - points).reshape(-1, 2), axis=1)
    good = (found.ravel() == 1) & (again.ravel() == 1) & (returned < BACK_MM * TRACK_DOTS)
    return (there - points).reshape(-1, 2).astype(float), good


def _seen_flat(picture: np.ndarray, matrix: np.ndarray, bent: Bend, size: tuple[int, int], dots: int) -> np.ndarray:
    """The page flattened to `size` at `dots` per millimetre. What lies outside the photo is mid-grey."""
    if bent.is_flat:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(picture, matrix @ _pixels(dots), size, flags=flags, borderValue=OUTSIDE)
    coarse = _coarse_map(bent, matrix, size, dots)
    flat = np.empty((size[1], size[0], *picture.shape[2:]), np.uint8)
    for top in range(0, size[1], STRIP):  # strip by strip: the map of a whole page would hold 30 MB
        height = min(STRIP, size[1] - top)
        part = coarse[top // STEP : (top + STRIP) // STEP + 2]
        fine = cv2.resize(part, None, fx=STEP, fy=STEP, interpolation=cv2.INTER_LINEAR)
        places, rests = cv2.convertMaps(fine[STEP : STEP + height, STEP : STEP + size[0]], NO_MAP, cv2.CV_16SC2)
        cv2.remap(picture, places, rests, cv2.INTER_LINEAR, flat[top : top + height], borderValue=OUTSIDE)
    return flat


def _coarse_map(bent: Bend, matrix: np.ndarray, size: tuple[int, int], dots: int) -> np.ndarray:
    """Photo pixel of the middle of every STEP x STEP flat pixels, from one before the first to one behind the last."""
    xs, ys = ((np.arange(-STEP / 2, side + STEP, STEP)) / dots for side in size)
    points = np.stack(np.meshgrid(xs, ys), -1) + bent.over(xs, ys)
    return place.to_photo(matrix, points).astype(np.float32)
