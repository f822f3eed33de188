"""Strokes of writing on a flattened page: dark pixels we did not print, each piece given to the box it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import erf, hypot

import cv2
import numpy as np

from portal.paper import belong
from portal.paper.belong import Strokes
from portal.paper.blank import FLAT_DOTS, WHITE, Blank, blank
from portal.paper.edges import CLEAR, Edges, pieces, watched
from portal.paper.layout import Box

EDGE_MM = 0.45  # not looked at along the rules of a box
PRINT_MM = 0.35  # nor this far around what is printed inside it
PART_MM = 18.0  # along so much of a box light, noise and bend are taken as the same
FAINT = 0.10  # a stroke darkens paper at least this much (0-1)
PLAIN = 0.23  # and, if sharp, somewhere along it this much: the back page shining through does not
STROKE_MM = 0.45
GAP_MM = 1.7  # strokes this near to each other make a word
CROSS_MM = 1.2  # strokes this near above each other, a rule between them or not, make one sign
SLANT_MM = 0.9  # and so near beside each other where a slanting stroke crosses a rule
ROOM = round(GAP_MM * FLAT_DOTS) + 4  # pixels over which nothing is joined
NOISY, SMOOTH_MM = 0.03, 0.2  # paper with more spread than this is smoothed by so much


@dataclass(frozen=True)
class _Part:
    """A length of a box: number of the box, from and to (mm), whether it is its first and its last one."""

    number: int
    box: Box
    left_mm: float
    right_mm: float


def find(even: np.ndarray, unlike: list[np.ndarray], edges: Edges, blur_mm: float, version: int) -> Strokes:
    """The writing in the watched boxes of a page evened to white paper (FLAT_DOTS).

    What one of `unlike` marks (255) is no writing; each is a picture of the page at any whole part of FLAT_DOTS.
    """
    height_of_page = len(even)
    even, (limit, owner, base) = _quiet(even, edges, version)
    left, top, width, height = cv2.boundingRect(limit)
    part = slice(top, top + height), slice(left, left + width)
    even, owner = even[part], owner[part]
    rows, columns = np.divmod(np.flatnonzero(even < limit[part]), max(1, width))
    for mask in unlike:
        step = height_of_page // len(mask)
        like = mask[(rows + top) // step, (columns + left) // step] == 0
        rows, columns = rows[like], columns[like]
    if not rows.size:
        return Strokes(rows, columns, np.zeros(0, int), np.zeros(0))
    box = owner[rows, columns].astype(int)
    dark = (base[box] - even[rows, columns]) / WHITE
    found = Strokes(rows + top, columns + left, box, np.clip(dark / 0.3, 0, 1) / FLAT_DOTS**2)
    packed = _packed(rows), _packed(columns)
    seen = np.zeros((packed[0].max() + ROOM + 1, packed[1].max() + ROOM + 1), np.uint8)
    seen[packed] = 1
    signs, words = (_joined(seen, *reach)[packed] for reach in ((CROSS_MM, 0), (GAP_MM, GAP_MM)))
    around = _near_each_other(seen)[packed]
    keep = belong.own(found, signs, around, version) & ~belong.stray(found, words, version)
    keep &= _dark_enough(words, dark, _plain(blur_mm))
    return Strokes(found.rows[keep], found.columns[keep], box[keep], found.weights[keep])


def _packed(places: np.ndarray) -> np.ndarray:
    """Rows or columns of ink moved together where more than ROOM of them are empty: what is so far apart is never
    joined, and pieces are numbered on a smaller map."""
    used = np.flatnonzero(np.bincount(places))
    moved = np.zeros(int(used[-1]) + 1, int)
    moved[used] = np.cumsum(np.minimum(np.diff(used, prepend=used[0] - ROOM), ROOM))
    return moved[places]


def _plain(blur_mm: float) -> float:
    """How dark writing is at its darkest, at least: what shines through from the back is fainter at the same blur."""
    return PLAIN * erf(STROKE_MM / 2 / (2**0.5 * hypot(blur_mm, 0.08)))


def _joined(seen: np.ndarray, down_mm: float, across_mm: float) -> np.ndarray:
    """Labels of the pieces that lie within these distances of each other."""
    for reach_mm, shape in ((down_mm, (1, 0)), (across_mm, (0, 1))):
        reach = 2 * round(reach_mm * FLAT_DOTS / 2) + 1
        if reach > 1:
            kernel = np.ones((reach if shape[0] else 1, reach if shape[1] else 1), np.uint8)
            seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, kernel)
    return cv2.connectedComponents(seen, connectivity=8)[1]


def _near_each_other(seen: np.ndarray) -> np.ndarray:
    """Labels of the pieces that lie near each other in any direction: a slanting stroke goes on across a rule."""
    kernel = np.ones((2 * round(CROSS_MM * FLAT_DOTS / 2) + 1, 2 * round(SLANT_MM * FLAT_DOTS / 2) + 1), np.uint8)
    return cv2.connectedComponents(cv2.dilate(seen, kernel), connectivity=8)[1]


def _dark_enough(words: np.ndarray, dark: np.ndarray, plain: float) -> np.ndarray:
    """Which pixels belong to pieces that are somewhere as dark as writing is."""
    _, piece = belong.dense(words)
    peak = np.zeros(int(piece.max()) + 1)
    np.maximum.at(peak, piece, dark)
    return (peak >= plain)[piece]


def _quiet(
    even: np.ndarray, edges: Edges, version: int
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The page, smoothed if it is noisy, and its limits."""
    limits, spread = _limits(even, edges, version)
    if spread > NOISY * WHITE:
        even = cv2.GaussianBlur(even, (0, 0), SMOOTH_MM * FLAT_DOTS)
        limits, _ = _limits(even, edges, version)
    return even, limits


def _limits(even: np.ndarray, edges: Edges, version: int) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float]:
    """For each pixel the brightness below which it is ink (0: not looked at) and the number of its box; for each box
    the brightness of its paper; and the usual spread of the paper."""
    limit, owner = np.zeros(even.shape, np.uint8), np.zeros(even.shape, np.uint8)
    base = np.full(len(watched(version)), float(WHITE))
    level, sides = _offsets(edges, version), edges.of_sides()
    parts = _parts(version)
    looked = _looked_at(level, sides[[part.number for part in parts], 2:], version)
    papers, spreads = _papers(even, looked)
    darks = np.maximum(FAINT * WHITE, 4.5 * spreads)
    for part, (span, free), paper, dark in zip(parts, looked, papers, darks, strict=True):
        base[part.number] = paper
        np.multiply(free, np.uint8(max(0, round(paper - dark))), out=limit[span])
        owner[span] = part.number
    return (limit, owner, base), float(np.median(spreads))


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


def _looked_at(level: np.ndarray, sides: np.ndarray, version: int) -> list[tuple[tuple[slice, slice], np.ndarray]]:
    """For each part its pixels inside the rules as they are seen, and which of them (1) lie away from what is printed.

    `level` and `sides`: how far off their places its rules lie, (parts, 2) top, bottom and (parts, 2) left, right (mm).
    """
    inside, is_end = _insides(version)
    rules = np.concatenate([level, sides * is_end], 1)
    spans = _pixels(inside + rules)
    moved = _pixels(np.stack([level.mean(1), sides.mean(1)], 1))
    free, looked = _free(version), []
    for (top, bottom, left, right), (down, across) in zip(spans.tolist(), moved.tolist(), strict=True):
        span = slice(top, bottom), slice(left, right)
        looked.append((span, free[top - down : bottom - down, left - across : right - across]))
    return looked


@cache
def _insides(version: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each part what lies inside its rules: top, bottom, left, right (mm), and whether its left and its right end
    are rules."""
    parts = _parts(version)
    is_end = np.array([(part.left_mm == part.box.x_mm, part.right_mm == part.box.right_mm) for part in parts])
    sides = np.array([(part.box.y_mm, part.box.bottom_mm, part.left_mm, part.right_mm) for part in parts])
    off = np.concatenate([np.ones_like(is_end), is_end], 1) * np.array([1, -1, 1, -1]) * EDGE_MM
    return sides + off, is_end


def _pixels(places: np.ndarray) -> np.ndarray:
    return np.rint(places * FLAT_DOTS).astype(int)


def _papers(even: np.ndarray, looked: list[tuple[tuple[slice, slice], np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Brightness of the paper of each part and its spread, from its brighter pixels: writing may fill much of a box."""
    counts = np.empty((len(looked), 256), np.float32)
    for at, (span, free) in enumerate(looked):
        counts[at] = cv2.calcHist([even[span][::4]], [0], free[::4], [256], [0, 256]).ravel()
    sums = counts.cumsum(1, dtype=float)
    sizes = sums[:, -1:]
    low, high = ((sums <= np.floor(sizes * share)).sum(1).astype(float) for share in (0.7, 0.9))
    spread = (high - low) / 0.757
    few = sizes[:, 0] < 40
    return np.where(few, float(WHITE), low - 0.524 * spread), np.where(few, float(WHITE), spread)


@cache
def _free(version: int) -> np.ndarray:
    return free_of(blank(version))


def free_of(form: Blank) -> np.ndarray:
    """Where a form is unprinted: uint8 at FLAT_DOTS, 1 where nothing is printed within PRINT_MM."""
    printed = (form.print < 225).astype(np.uint8)
    side = 2 * round(PRINT_MM * FLAT_DOTS) + 1
    return 1 - cv2.dilate(printed, np.ones((side, side), np.uint8))
