"""Strokes of writing on a flattened page: dark pixels we did not print, each piece given to the box it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import erf, hypot

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS, WHITE, Blank, blank
from portal.paper.edges import CLEAR, Edges, pieces, watched
from portal.paper.layout import Box

EDGE_MM = 0.45  # not looked at along the rules of a box
PRINT_MM = 0.35  # nor this far around what is printed inside it
PART_MM = 18.0  # along so much of a box light, noise and bend are taken as the same
FAINT = 0.10  # a stroke darkens paper at least this much (0-1)
PLAIN = 0.23  # and, if sharp, somewhere along it this much: the back page shining through does not
STROKE_MM = 0.45
GAP_MM = 1.7  # strokes this near to each other belong together, also across a rule
SPECK_MM2 = 0.12  # smaller dots are dust
# A piece of writing across a rule belongs to a box that has so much of it; or less, if it also reaches the middle of
# the box; or if it fills the box from top to bottom. Else it is a neighbour's overflow.
WHOLE_SHARE, HALF_SHARE = 0.75, 0.5
UPPER, LOWER = 0.3, 0.7
# A straight piece so thin and so long this near to an edge is a rule that lies off its place.
THIN_MM, LONG_MM, NEAR_MM = 0.8, 2.0, 1.3


@dataclass(frozen=True)
class Strokes:
    """Pixels of writing: rows, columns, number of the watched box, weight in mm2 (faint ones count less)."""

    rows: np.ndarray
    columns: np.ndarray
    boxes: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class _Part:
    """A length of a box: number of the box, from and to (mm), whether it is its first and its last one."""

    number: int
    box: Box
    left_mm: float
    right_mm: float


def find(even: np.ndarray, stamp: np.ndarray | None, edges: Edges, blur_mm: float, version: int) -> Strokes:
    """The writing in the watched boxes of a page evened to white paper (FLAT_DOTS), without what is `stamp` (255)."""
    limit, owner, base = _limits(even, edges, version)
    seen = cv2.compare(even, limit, cv2.CMP_LT)
    if stamp is not None:
        seen[stamp > 0] = 0
    points = cv2.findNonZero(seen)
    if points is None:
        return Strokes(*(np.zeros(0, int) for _ in range(3)), np.zeros(0))
    columns, rows = points.reshape(-1, 2).T
    labels, count = _joined(seen)
    box = owner[rows, columns].astype(int)
    dark = (base[box] - even[rows, columns]) / WHITE
    weights = np.clip(dark / 0.3, 0, 1) / FLAT_DOTS**2
    pair = labels[rows, columns].astype(np.int64) * len(base) + box
    keep = _written(pair, (rows, columns, dark, weights), count, _plain(blur_mm), version)[pair]
    return Strokes(rows[keep], columns[keep], box[keep], weights[keep])


def _plain(blur_mm: float) -> float:
    """How dark writing is at its darkest, at least: what shines through from the back is fainter at the same blur."""
    return PLAIN * erf(STROKE_MM / 2 / (2**0.5 * hypot(blur_mm, 0.08)))


def _joined(seen: np.ndarray) -> tuple[np.ndarray, int]:
    """Labels of the pieces of writing: what lies within GAP_MM of each other, and how many there are."""
    reach = 2 * round(GAP_MM * FLAT_DOTS / 2) + 1
    joined = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    return labels, count


def _written(pair: np.ndarray, pixels: tuple[np.ndarray, ...], count: int, plain: float, version: int) -> np.ndarray:
    """For each pair of piece and box: is it writing of this box? No dust, shine-through, overflow or stray rule.

    `pair` is the piece times the number of boxes plus the box of each pixel; `pixels`: rows, columns, darkness, weight.
    """
    rows, columns, dark, weights = pixels
    boxes = watched(version)
    total = count * len(boxes)
    size, weight = np.bincount(pair, minlength=total), np.bincount(pair, weights, total)
    peak = np.full(count, 0.0)
    np.maximum.at(peak, pair // len(boxes), dark)
    whole = np.bincount(pair // len(boxes), weights, count)
    share = weight / np.maximum(np.repeat(whole, len(boxes)), 1e-9)
    lows, highs = _extent(pair, rows, total), _extent(pair, -rows, total)
    lefts, rights = _extent(pair, columns, total), _extent(pair, -columns, total)
    frames = np.tile([(box.y_mm, box.h_mm, box.x_mm, box.w_mm) for box in boxes], (count, 1))
    top, bottom = lows - frames[:, 0], -highs - frames[:, 0]
    left, right = lefts - frames[:, 2], -rights - frames[:, 2]
    upper, lower = top / frames[:, 1], bottom / frames[:, 1]
    own = (share >= WHOLE_SHARE) | ((share >= HALF_SHARE) & (upper < 0.5) & (lower > 0.5))
    own |= (upper < UPPER) & (lower > LOWER)
    stray = _stray(top, bottom, frames[:, 1], right - left) | _stray(left, right, frames[:, 3], bottom - top)
    return own & ~stray & (size >= SPECK_MM2 * FLAT_DOTS**2) & (np.repeat(peak, len(boxes)) >= plain)


def _extent(pair: np.ndarray, values: np.ndarray, total: int) -> np.ndarray:
    """The least value of each pair, in millimetres."""
    least = np.full(total, 1e6)
    np.minimum.at(least, pair, values)
    return (least + 0.5) / FLAT_DOTS


def _stray(first: np.ndarray, last: np.ndarray, room: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Whether pieces from `first` to `last` across a box of this room (mm) are thin, long and near its edge."""
    near = (first < NEAR_MM) | (last > room - NEAR_MM)
    return (last - first < THIN_MM) & (length > LONG_MM) & near


def _limits(even: np.ndarray, edges: Edges, version: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel the brightness below which it is ink (0: not looked at) and the number of its box; and for each
    box the brightness of its paper."""
    limit, owner = np.zeros(even.shape, np.uint8), np.zeros(even.shape, np.uint8)
    base = np.full(len(watched(version)), float(WHITE))
    level, sides = _offsets(edges, version), edges.of_sides()
    for at, part in enumerate(_parts(version)):
        span, free = _allowed(part, (*level[at], *sides[part.number][2:]), version)
        base[part.number], spread = _paper(even[span][::2, ::2], free[::2, ::2])
        dark = max(FAINT * WHITE, 4.5 * spread)
        limit[span] = free * np.uint8(max(0, round(base[part.number] - dark)))
        owner[span] = part.number
    return limit, owner, base


@cache
def _parts(version: int) -> tuple[_Part, ...]:
    """The watched boxes in lengths of about PART_MM."""
    found = []
    for number, box in enumerate(watched(version)):
        ends = np.linspace(box.x_mm, box.right_mm, max(1, round(box.w_mm / PART_MM)) + 1)
        found += [_Part(number, box, float(a), float(b)) for a, b in zip(ends, ends[1:], strict=False)]
    return tuple(found)


@cache
def _part_of(version: int) -> np.ndarray:
    """For each piece of rule above or below a box the part it stands at; -1 for upright ones."""
    known, parts = pieces(version), _parts(version)
    found = np.full(len(known.sides), -1)
    for at, part in enumerate(parts):
        inside = (known.boxes == part.number) & (known.sides < 2)
        found[inside & (known.middles[:, 0] >= part.left_mm) & (known.middles[:, 0] <= part.right_mm)] = at
    return found


def _offsets(edges: Edges, version: int) -> np.ndarray:
    """How far the rules above and below each part lie off their places: (parts, 2), mm."""
    part, count = _part_of(version), len(_parts(version))
    found = np.zeros((count, 2))
    for side in (0, 1):
        these = (edges.pieces.sides == side) & (edges.clear > CLEAR) & (part >= 0)
        number = np.bincount(part[these], minlength=count)
        found[:, side] = np.bincount(part[these], edges.offset[these], count) / np.maximum(number, 1)
    return found


def _allowed(part: _Part, offsets: tuple[float, ...], version: int) -> tuple[tuple[slice, slice], np.ndarray]:
    """The pixels of a part inside the rules as they are seen, and which of them (1) lie away from what is printed.

    `offsets`: how far off their places the rules lie, top, bottom, left, right (mm).
    """
    top, bottom, left, right = offsets
    box = part.box
    first = part.left_mm + (left + EDGE_MM if part.left_mm == box.x_mm else 0)
    last = part.right_mm + (right - EDGE_MM if part.right_mm == box.right_mm else 0)
    rows = slice(_pixel(box.y_mm + top + EDGE_MM), _pixel(box.bottom_mm + bottom - EDGE_MM))
    columns = slice(_pixel(first), _pixel(last))
    down, across = _pixel((top + bottom) / 2), _pixel((left + right) / 2)
    free = _free(version)[rows.start - down : rows.stop - down, columns.start - across : columns.stop - across]
    return (rows, columns), free


def _pixel(place: float) -> int:
    return round(float(place) * FLAT_DOTS)


def _paper(even: np.ndarray, allowed: np.ndarray) -> tuple[float, float]:
    """Brightness of the paper of a part and its spread, from its brighter pixels: writing may fill much of a box."""
    looked = even[allowed > 0]
    if looked.size < 40:
        return float(WHITE), float(WHITE)
    places = (int(looked.size * 0.7), int(looked.size * 0.9))
    ordered = np.partition(looked, places)
    low, high = float(ordered[places[0]]), float(ordered[places[1]])
    spread = (high - low) / 0.757
    return low - 0.524 * spread, spread


@cache
def _free(version: int) -> np.ndarray:
    return free_of(blank(version))


def free_of(form: Blank) -> np.ndarray:
    """Where a form is unprinted: uint8 at FLAT_DOTS, 1 where nothing is printed within PRINT_MM."""
    printed = (form.print < 225).astype(np.uint8)
    side = 2 * round(PRINT_MM * FLAT_DOTS) + 1
    return 1 - cv2.dilate(printed, np.ones((side, side), np.uint8))
