"""Which box a piece of writing belongs to: its own, or a neighbour's from which it runs over a rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from portal.paper.blank import FLAT_DOTS
from portal.paper.edges import watched
from portal.paper.layout import by_version

SPECK_MM2 = 0.12  # smaller dots are dust
MOST_DENSE = 2_000_000  # a table of so many numbers holds 10 MB for a moment
# A piece of writing across a rule belongs to a box that has so much of it; or less, if it also reaches the middle of
# the box; or if it fills the box from top to bottom. Else it is a neighbour's overflow.
WHOLE_SHARE, HALF_SHARE = 0.75, 0.5
UPPER, LOWER = 0.3, 0.7
# A straight piece so thin and so long this near to an edge is a rule that lies off its place.
THIN_MM, LONG_MM, NEAR_MM = 0.8, 2.0, 1.3
# What touches an edge of its box and does not reach its middle is looked at with what lies across the rule.
AT_EDGE_MM = 1.0
# So much ink this far inside a square to tick is a tick, wherever else the stroke runs.
IN_SQUARE_MM, TICK_MM2 = 0.5, 0.12


@dataclass(frozen=True)
class Strokes:
    """Pixels of writing: rows, columns, number of the watched box, weight in mm2 (faint ones count less)."""

    rows: np.ndarray
    columns: np.ndarray
    boxes: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class _Pairs:
    """The parts of pieces that lie in one box each: `of` gives the part of each pixel; places in mm from the box's own
    corner; `share` of the whole piece, `size` in mm2."""

    of: np.ndarray
    pieces: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray
    box: np.ndarray  # height and width, (parts, 2)
    share: np.ndarray
    size: np.ndarray


def _pairs(found: Strokes, labels: np.ndarray, version: int) -> _Pairs:
    boxes = watched(version)
    pairs, of = dense(labels * np.int32(len(boxes)) + found.boxes)
    pieces_ = dense(pairs // len(boxes))[1]
    weight = np.bincount(of, found.weights)
    whole = np.bincount(pieces_, weight)
    frame = np.array([(box.y_mm, box.x_mm, box.h_mm, box.w_mm) for box in boxes])[pairs % len(boxes)]
    places = [values.astype(float) for values in (found.rows, found.columns)]
    top, left = (_least(of, values) - frame[:, at] for at, values in enumerate(places))
    bottom, right = (-_least(of, -values) - frame[:, at] for at, values in enumerate(places))
    share = weight / np.maximum(whole[pieces_], 1e-9)
    size = np.bincount(of) / FLAT_DOTS**2
    return _Pairs(of, pieces_, top, bottom, left, right, frame[:, 2:], share, size)


def dense(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers (0 or more) in order, and for each number its place among them: `np.unique` without its
    sorting, while they are so small that a table of them takes little room."""
    most = int(numbers.max())
    if most > MOST_DENSE:
        unlike, places = np.unique(numbers, return_inverse=True)
        return unlike, places
    there = np.zeros(most + 1, bool)
    there[numbers] = True
    return np.flatnonzero(there), (np.cumsum(there, dtype=np.int32) - 1)[numbers]


def _least(of: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The least value of each part, pixels (float: numpy is ten times slower where it must convert) as millimetres."""
    least = np.full(int(of.max()) + 1, 1e6)
    np.minimum.at(least, of, values)
    return (least + 0.5) / FLAT_DOTS


def own(found: Strokes, signs: np.ndarray, around: np.ndarray, version: int) -> np.ndarray:
    """Which pixels are written into their own box, not over from a neighbouring one, and more than dust.

    `signs` are the pieces' numbers pixel by pixel, `around` those of pieces that slant across a rule as well.
    """
    part, wide = _pairs(found, signs, version), _pairs(found, around, version)
    height = part.box[:, 0]
    middle = (part.top < height / 2) & (part.bottom > height / 2)
    mine = (part.share >= WHOLE_SHARE) | (part.top < UPPER * height) & (part.bottom > LOWER * height)
    mine |= (part.share >= HALF_SHARE) & middle
    tail = ~middle & ((part.top < AT_EDGE_MM) | (part.bottom > height - AT_EDGE_MM))
    over = tail[part.of] & (wide.share < WHOLE_SHARE)[wide.of]
    ticks = np.bincount(part.of, _squares(version)[found.rows, found.columns]) / FLAT_DOTS**2 >= TICK_MM2
    return (ticks | mine & (part.size >= SPECK_MM2))[part.of] & ~over


@cache
def _squares(version: int) -> np.ndarray:
    """The insides of the squares to tick: uint8 at FLAT_DOTS, 1 inside."""
    page = by_version(version).page(1)
    inside = np.zeros((round(page.height_mm * FLAT_DOTS), round(page.width_mm * FLAT_DOTS)), np.uint8)
    for box in page.boxes:
        if box.kind == "tick":
            left, top = (round((at + IN_SQUARE_MM) * FLAT_DOTS) for at in (box.x_mm, box.y_mm))
            right, bottom = (round((at - IN_SQUARE_MM) * FLAT_DOTS) for at in (box.right_mm, box.bottom_mm))
            inside[top:bottom, left:right] = 1
    return inside


def stray(found: Strokes, words: np.ndarray, version: int) -> np.ndarray:
    """Which pixels belong to thin, long, straight pieces near an edge: rules off their places."""
    part = _pairs(found, words, version)
    tall, wide = part.bottom - part.top, part.right - part.left
    level = (tall < THIN_MM) & (wide > LONG_MM) & _near(part.top, part.bottom, part.box[:, 0])
    upright = (wide < THIN_MM) & (tall > LONG_MM) & _near(part.left, part.right, part.box[:, 1])
    return (level | upright)[part.of]


def _near(first: np.ndarray, last: np.ndarray, room: np.ndarray) -> np.ndarray:
    return (first < NEAR_MM) | (last > room - NEAR_MM)
