"""The printed rules around each box as the photo shows them: how clearly, and how far from where they should be.

What still lies between them and the flat page is paper that bends more finely than `align` could track; what cannot
be seen of them is covered, cut away, or lost in glare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from portal.paper import bend
from portal.paper.bend import Bend
from portal.paper.blank import FLAT_DOTS, WHITE, blank
from portal.paper.layout import Box, by_version

PIECE_MM = 5.0  # length of rule that is looked at as one
NEAR_MM, FAR_MM = 1.0, 2.4  # how far from its place a rule is looked for, at first and where much is missing
CLEAR = 0.35  # a piece this clear is surely seen, and its offset means something
NEIGHBOURS = 9
FAINTEST = 0.25  # printers and renderers draw some thin rules this much fainter than others
LOOSE_SHARE, LOOSE_MM = 0.015, 0.45  # so many pieces unseen or so far off: the bend is worth another look
LOOSE_BOX = 0.15  # or so much of both rules of one box


@dataclass(frozen=True)
class Pieces:
    """All pieces of rules: middles in mm (n, 2), number of the box, side (0 top, 1 bottom, 2 left, 3 right), rule."""

    middles: np.ndarray
    boxes: np.ndarray
    sides: np.ndarray
    rules: np.ndarray
    columns: tuple[np.ndarray, np.ndarray]
    """The pieces above and below each column of a box: two arrays of numbers of pieces."""


@dataclass(frozen=True)
class Edges:
    """For each piece: its clearness (1: as clear as such rules are in this photo), its offset in mm (down, right)."""

    pieces: Pieces
    clear: np.ndarray
    offset: np.ndarray

    def of_sides(self) -> np.ndarray:
        """How far each side of each box lies off its place: (boxes, 4), mm; 0 where nothing clear is seen of it."""
        group, seen = self.pieces.boxes * 4 + self.pieces.sides, self.clear > CLEAR
        shape = (int(self.pieces.boxes.max()) + 1, 4)
        count = np.bincount(group, seen, shape[0] * 4)
        return (np.bincount(group, self.offset * seen, shape[0] * 4) / np.maximum(count, 1)).reshape(shape)

    @property
    def is_loose(self) -> bool:
        """Whether the page is flattened so badly that another look is worth its time."""
        seen = self.clear > CLEAR
        far = float(np.percentile(np.abs(self.offset[seen]), 98)) if seen.any() else 9.0
        if far > LOOSE_MM or float((self.clear < CLEAR).mean()) > LOOSE_SHARE:
            return True
        upper, lower = self.pieces.columns
        unseen = (self.clear[upper] < CLEAR) & (self.clear[lower] < CLEAR)
        box = self.pieces.boxes[upper]
        return bool((np.bincount(box, unseen) > LOOSE_BOX * np.bincount(box)).any())


@cache
def watched(version: int) -> tuple[Box, ...]:
    """The boxes that must be seen: every change box and the signature."""
    return tuple(box for box in by_version(version).page(1).boxes if box.kind in ("change", "signature"))


@cache
def pieces(version: int) -> Pieces:
    """The pieces of the rules around the watched boxes."""
    found = []
    for number, box in enumerate(watched(version)):
        across, down = _middles(box.x_mm, box.right_mm), _middles(box.y_mm, box.bottom_mm)
        found += [(x, box.y_mm, number, 0) for x in across] + [(x, box.bottom_mm, number, 1) for x in across]
        found += [(box.x_mm, y, number, 2) for y in down] + [(box.right_mm, y, number, 3) for y in down]
    table = np.array(found)
    middles, boxes, sides = table[:, :2], table[:, 2].astype(int), table[:, 3].astype(int)
    place = np.where(sides < 2, middles[:, 1], 1000 + middles[:, 0])
    rules = np.unique(np.round(place * 2), return_inverse=True)[1]
    return Pieces(middles, boxes, sides, rules, (np.flatnonzero(sides == 0), np.flatnonzero(sides == 1)))


def _middles(start: float, end: float) -> list[float]:
    count = max(1, round((end - start) / PIECE_MM))
    step = (end - start) / count
    return [start + step * (at + 0.5) for at in range(count)]


def look(even: np.ndarray, blur_mm: float, version: int, reach_mm: float = NEAR_MM) -> Edges:
    """Look for every piece on a flattened page evened to white paper (FLAT_DOTS); `blur_mm` is the photo's blur."""
    known = pieces(version)
    depth, offset = _measured(even, known, reach_mm)
    clear = depth / _expected(version, min(12, round(blur_mm / 0.05)))
    usual = float(np.median(clear[clear > 0.1])) if (clear > 0.1).any() else 1.0
    clear /= max(usual, 0.2)
    of_rule = _medians(clear, known.rules)
    clear = np.minimum(clear / np.clip(of_rule, FAINTEST, 1.0)[known.rules], 1.0)
    return Edges(known, clear, _agreed(np.where(clear > CLEAR, offset, np.nan), version))


def _agreed(offset: np.ndarray, version: int) -> np.ndarray:
    """Each offset as the median of its neighbourhood: a stroke beside a rule is no rule. 0 where nothing is known."""
    around = offset[_neighbours(version)]
    around.sort(axis=1)  # unknown ones go last
    known = np.isfinite(around).sum(1)
    middle = around[np.arange(len(around)), np.maximum(known - 1, 0) // 2]
    return np.where(known > 2, np.nan_to_num(middle), 0.0)


@cache
def _neighbours(version: int) -> np.ndarray:
    """The NEIGHBOURS nearest pieces of the same direction, of every piece: (n, NEIGHBOURS)."""
    known = pieces(version)
    upright = known.sides >= 2
    found = np.empty((len(upright), NEIGHBOURS), np.int32)
    for at, middle in enumerate(known.middles):  # piece by piece: a table of all pairs would hold 50 MB
        away = (known.middles - middle) * ((2.0, 0.7) if upright[at] else (0.7, 1.2))
        far = np.hypot(away[:, 0], away[:, 1]) + np.where(upright == upright[at], 0.0, 1e6)
        found[at] = np.argsort(far)[:NEIGHBOURS]
    return found


def _medians(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The (upper) median of the values of each group 0, 1, ..."""
    counts = np.bincount(groups)
    return values[np.lexsort((values, groups))][np.cumsum(counts) - counts + counts // 2]


def more_bend(edges: Edges) -> Bend:
    """What the offsets of the rules say about the bend of the paper beyond what was flattened."""
    weights = Bend.none().weights
    for axis in (0, 1):
        these = ((edges.pieces.sides < 2) == (axis == 1)) & (edges.clear > CLEAR)
        middles, offsets = edges.pieces.middles[these], edges.offset[these]
        weights[:, axis : axis + 1], _ = bend.fit(bend.design(middles), offsets[:, None], np.full(len(offsets), 0.4))
    return Bend(weights)


@cache
def _expected(version: int, twentieths: int) -> np.ndarray:
    """Depth of each piece on the blank form, blurred by so many twentieths of a millimetre."""
    form = blank(version).print
    if twentieths:
        form = cv2.GaussianBlur(form, (0, 0), twentieths * 0.05 * FLAT_DOTS)
    return np.maximum(_measured(form, pieces(version), NEAR_MM)[0], 0.004)


def _measured(even: np.ndarray, known: Pieces, reach_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Depth (0-1, how much darker than the paper beside it) and offset (mm) of every piece."""
    reach = round(reach_mm * FLAT_DOTS)
    depth, offset = np.zeros(len(known.sides)), np.zeros(len(known.sides))
    for upright in (False, True):
        these = (known.sides >= 2) == upright
        depth[these], offset[these] = _deepest(_profiles(even, known.middles[these], upright, reach + 4), reach)
    exact = known.middles * FLAT_DOTS - 0.5
    rounded = (np.round(exact) - exact) / FLAT_DOTS
    return depth, offset + np.where(known.sides >= 2, rounded[:, 0], rounded[:, 1])


def _profiles(even: np.ndarray, middles: np.ndarray, upright: bool, arm: int) -> np.ndarray:
    """Brightness (n, 2 * arm + 1) across each piece, averaged along it."""
    length = round((PIECE_MM - 0.8) * FLAT_DOTS)
    at = np.round(middles * FLAT_DOTS - 0.5).astype(int)
    steps = np.arange(-arm, arm + 1)
    columns = at[:, :1] + (steps if upright else 0 * steps)
    rows = at[:, 1:] + (0 * steps if upright else steps)
    rows, columns = np.clip(rows, 0, even.shape[0] - 1), np.clip(columns, 0, even.shape[1] - 1)
    top, left = max(0, int(rows.min()) - length), max(0, int(columns.min()) - length)
    around = even[top : int(rows.max()) + length, left : int(columns.max()) + length]
    smeared = cv2.blur(around, (1, length) if upright else (length, 1))
    return smeared[rows - top, columns - left].astype(float)


def _deepest(profile: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The deepest valley of each profile within `reach` pixels: depth (0-1) and offset (mm)."""
    near = np.arange(4, 4 + 2 * reach + 1)
    before, after = ((profile[:, near + way * 3] + profile[:, near + way * 4]) / 2 for way in (-1, 1))
    valley = np.minimum(before, after) - profile[:, near]
    best, each = valley.argmax(1), np.arange(len(profile))
    middle, last = valley[each, best], len(near) - 1
    lower, upper = valley[each, np.maximum(best - 1, 0)], valley[each, np.minimum(best + 1, last)]
    bow = np.maximum(2 * middle - lower - upper, 1e-6)
    part = np.clip((upper - lower) / (2 * bow), -0.5, 0.5)
    return np.maximum(middle, 0) / WHITE, (best - reach + part) / FLAT_DOTS
