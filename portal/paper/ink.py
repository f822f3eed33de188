"""What is on the page that we did not print: writing, ticks and the signature, each with a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import erf, exp, hypot, log
from typing import Literal

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS, WHITE, Blank, blank
from portal.paper.edges import Edges, watched
from portal.paper.layout import Box, by_version

State = Literal["written", "empty", "unsure"]
EDGE_MM = 0.45  # not looked at along the rules of a box
PRINT_MM = 0.35  # nor this far around what is printed inside it
FAINT = 0.10  # a stroke darkens paper at least this much (0-1)
PLAIN = 0.23  # and, if sharp, somewhere along it this much: the back page shining through does not
STROKE_MM = 0.45
GAP_MM = 1.7  # strokes this near to each other belong together, also across a rule
SPECK_MM2 = 0.12  # smaller dots are dust
WHOLE_SHARE = 0.75
OWN_SHARE = 0.4  # less than this of a piece of writing in a box is a neighbour's overflow,
OWN_MM2 = 0.8  # unless so much of it stands in the middle of the box
SURE = 0.9


@dataclass(frozen=True)
class InkBox:
    """One change box: its state, the confidence that this is right (0.5-1), the options ticked in it, ink in mm2."""

    state: State
    confidence: float
    ticked: tuple[str, ...] = ()
    amount: float = 0.0


@dataclass(frozen=True)
class Ink:
    """The change boxes by item, whether somebody signed (None: unsure) and how surely."""

    boxes: dict[str, InkBox]
    signed: bool | None
    signed_confidence: float


@dataclass(frozen=True)
class _Strokes:
    """Pixels of writing: rows, columns, number of the watched box, weight in mm2 (faint ones count less)."""

    rows: np.ndarray
    columns: np.ndarray
    boxes: np.ndarray
    weights: np.ndarray


def read_ink(even: np.ndarray, stamp: np.ndarray | None, edges: Edges, blur_mm: float, version: int) -> Ink:
    """The ink on a flattened page evened to white paper (grey, FLAT_DOTS), without what is `stamp` (255)."""
    found = _strokes(even, stamp, edges, _plain(blur_mm), version)
    boxes = watched(version)
    amounts = np.bincount(found.boxes, found.weights, len(boxes))
    ticks: dict[str, list[Box]] = {}
    for box in by_version(version).page(1).boxes:
        if box.kind == "tick":
            ticks.setdefault(box.item, []).append(box)
    judged, signature = {}, 0.0
    for number, box in enumerate(boxes):
        if box.kind == "signature":
            signature = float(amounts[number])
        else:
            judged[box.item] = _judged(float(amounts[number]), _ticked(found, number, ticks.get(box.item, [])))
    chance = _chance(signature, 1.6, 2.8)
    sure = max(chance, 1 - chance)
    return Ink(judged, chance > 0.5 if sure >= SURE else None, sure)


def _plain(blur_mm: float) -> float:
    """How dark writing is at its darkest, at least: what shines through from the back is fainter at the same blur."""
    return PLAIN * erf(STROKE_MM / 2 / (2**0.5 * hypot(blur_mm, 0.08)))


def _strokes(even: np.ndarray, stamp: np.ndarray | None, edges: Edges, plain: float, version: int) -> _Strokes:
    limit, owner, base = _limits(even, edges, version)
    seen = cv2.compare(even, limit, cv2.CMP_LT)
    if stamp is not None:
        seen[stamp > 0] = 0
    reach = 2 * round(GAP_MM * FLAT_DOTS / 2) + 1
    joined = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    points = cv2.findNonZero(seen)
    if points is None:
        return _Strokes(*(np.zeros(0, int) for _ in range(3)), np.zeros(0))
    columns, rows = points.reshape(-1, 2).T
    label, box = labels[rows, columns], owner[rows, columns].astype(int)
    dark = (base[box] - even[rows, columns]) / WHITE
    weights = np.clip(dark / 0.3, 0, 1) / FLAT_DOTS**2
    keep = _kept(label, box, (dark, weights, _central(rows, box, version)), (count, len(base), plain))
    return _Strokes(rows[keep], columns[keep], box[keep], weights[keep])


def _central(rows: np.ndarray, box: np.ndarray, version: int) -> np.ndarray:
    """Which pixels lie in the middle third of their box's height."""
    middles = np.array([box.y_mm + box.h_mm / 2 for box in watched(version)])
    sixths = np.array([box.h_mm / 6 for box in watched(version)])
    return np.abs((rows + 0.5) / FLAT_DOTS - middles[box]) < sixths[box]


def _kept(
    label: np.ndarray, box: np.ndarray, told: tuple[np.ndarray, np.ndarray, np.ndarray], shape: tuple[int, int, float]
) -> np.ndarray:
    """Which pixels are writing of their box: no dust, no shine-through, no overflow of a neighbour.

    `told` of each pixel: darkness, weight, whether it is central; `shape`: numbers of labels and boxes, least darkness.
    """
    (dark, weights, central), (count, boxes, plain) = told, shape
    pair = label * boxes + box
    size = np.bincount(pair, minlength=count * boxes).reshape(count, boxes)
    weight = np.bincount(pair, weights, count * boxes).reshape(count, boxes)
    peak = np.zeros(count)
    np.maximum.at(peak, label, dark)
    share = weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)
    inner = np.bincount(pair, weights * central, count * boxes).reshape(count, boxes)
    own = (share >= WHOLE_SHARE) | ((share >= OWN_SHARE) & (inner >= OWN_MM2 / 5)) | (inner >= OWN_MM2)
    good = own & (size >= SPECK_MM2 * FLAT_DOTS**2) & (peak[:, None] >= plain)
    return good[label, box]


def _limits(even: np.ndarray, edges: Edges, version: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel the brightness below which it is ink (0: not looked at) and the number of its box; and for each
    box the brightness of its paper."""
    limit, owner = np.zeros(even.shape, np.uint8), np.zeros(even.shape, np.uint8)
    boxes = watched(version)
    base = np.full(len(boxes), float(WHITE))
    offsets = edges.of_sides()
    for number, box in enumerate(boxes):
        span, allowed = _allowed(box, offsets[number], version)
        base[number], spread = _paper(even[span][::2, ::2], allowed[::2, ::2])
        dark = max(FAINT * WHITE, 4.5 * spread)
        limit[span] = allowed * np.uint8(max(0, round(base[number] - dark)))
        owner[span] = number
    return limit, owner, base


def _paper(even: np.ndarray, allowed: np.ndarray) -> tuple[float, float]:
    """Brightness of the paper of a box and its spread, from the brighter part of it: writing may fill much of a box."""
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
    """Where the form is unprinted: uint8 at FLAT_DOTS, 1 = free paper."""
    return free_of(blank(version))


def free_of(form: Blank) -> np.ndarray:
    """1 where nothing is printed within PRINT_MM."""
    printed = (form.print < 225).astype(np.uint8)
    side = 2 * round(PRINT_MM * FLAT_DOTS) + 1
    return 1 - cv2.dilate(printed, np.ones((side, side), np.uint8))


def _allowed(box: Box, offsets: np.ndarray, version: int) -> tuple[tuple[slice, slice], np.ndarray]:
    """The pixels inside the rules of a box as they are seen, and which of them (1) lie away from what is printed there.

    `offsets`: how far off their places the rules lie, top, bottom, left, right (mm).
    """
    top, bottom, left, right = offsets
    rows = slice(_pixel(box.y_mm + top + EDGE_MM), _pixel(box.bottom_mm + bottom - EDGE_MM))
    columns = slice(_pixel(box.x_mm + left + EDGE_MM), _pixel(box.right_mm + right - EDGE_MM))
    down, across = _pixel((top + bottom) / 2), _pixel((left + right) / 2)
    free = _free(version)[rows.start - down : rows.stop - down, columns.start - across : columns.stop - across]
    return (rows, columns), free


def _pixel(place: float) -> int:
    return round(float(place) * FLAT_DOTS)


def _chance(amount: float, middle: float, steep: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, (log(amount + 1e-3) - log(middle)) * steep))))


def _judged(amount: float, ticked: tuple[str, ...]) -> InkBox:
    chance = _chance(amount, 0.55, 4.0)
    confidence = max(chance, 1 - chance)
    if confidence < SURE:
        return InkBox("unsure", confidence, ticked, amount)
    return InkBox("written", confidence, ticked, amount) if chance > 0.5 else InkBox("empty", confidence, (), amount)


def _ticked(found: _Strokes, number: int, ticks: list[Box]) -> tuple[str, ...]:
    """The options in or around whose square the ink lies."""
    if not ticks:
        return ()
    these = found.boxes == number
    xs = (found.columns[these] + 0.5) / FLAT_DOTS
    weights = found.weights[these]
    near = [(tick.option or "", (xs > tick.x_mm - 1.0) & (xs < tick.right_mm + 1.0)) for tick in ticks]
    return tuple(option for option, inside in near if float(weights[inside].sum()) > 0.45)
