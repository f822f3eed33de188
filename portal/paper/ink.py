"""What is on the page that we did not print: writing, ticks and the signature, each with a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Literal

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS, Blank, blank
from portal.paper.edges import Edges, watched
from portal.paper.layout import Box, by_version

State = Literal["written", "empty", "unsure"]
EDGE_MM = 0.5  # not looked at along the rules of a box
PRINT_MM = 0.35  # nor this far around what is printed inside it
FAINT = 0.10  # a stroke darkens paper at least this much (0-1)
SPECK_MM2 = 0.12  # smaller dots are dust
SURE = 0.9
AROUND = 8  # pixels around a box that are looked at, should its rules lie off their places


@dataclass(frozen=True)
class InkBox:
    """One change box: its state, the confidence that this is right (0.5-1), the options ticked in it, ink in mm2."""

    state: State
    confidence: float
    ticked: tuple[str, ...] = ()
    amount: float = 0.0


@cache
def _free(version: int) -> np.ndarray:
    """Where the form is unprinted: uint8 at FLAT_DOTS, 1 = free paper."""
    return free_of(blank(version))


def free_of(form: Blank) -> np.ndarray:
    """1 where nothing is printed within PRINT_MM."""
    printed = (form.print < 225).astype(np.uint8)
    side = 2 * round(PRINT_MM * FLAT_DOTS) + 1
    return 1 - cv2.dilate(printed, np.ones((side, side), np.uint8))


def ink_map(even: np.ndarray, edges: Edges, version: int) -> dict[str, InkBox]:
    """The ink of every change box of a flattened page evened to white paper (grey, FLAT_DOTS)."""
    ticks: dict[str, list[Box]] = {}
    for box in by_version(version).page(1).boxes:
        if box.kind == "tick":
            ticks.setdefault(box.item, []).append(box)
    return {
        box.item: _judged(strokes(even, edges, number, version), box, ticks.get(box.item, []))
        for number, box in enumerate(watched(version))
        if box.kind == "change"
    }


def signed(even: np.ndarray, edges: Edges, version: int) -> tuple[bool | None, float]:
    """Whether somebody signed (None: unsure), and the confidence."""
    number = next(number for number, box in enumerate(watched(version)) if box.kind == "signature")
    amount = area(strokes(even, edges, number, version))
    chance = _chance(amount, 1.6, 1.4)
    if max(chance, 1 - chance) < SURE:
        return None, max(chance, 1 - chance)
    return chance > 0.5, max(chance, 1 - chance)


def strokes(even: np.ndarray, edges: Edges, number: int, version: int) -> np.ndarray:
    """Strokes inside a watched box: darkness 0-1 (float32) where a stroke is, 0 elsewhere; EDGE_MM inside the box."""
    box = watched(version)[number]
    rows, columns = _span(box.y_mm, box.bottom_mm), _span(box.x_mm, box.right_mm)
    allowed = _allowed(edges, number, version, (rows, columns))
    dark = np.clip((250.0 - even[rows, columns].astype(np.float32)) / 250.0, 0, 1)
    looked = dark[allowed]
    if looked.size < 50:
        return np.zeros_like(dark)
    base = float(np.median(looked))
    spread = float(np.median(np.abs(looked - base))) * 1.48
    seen = ((dark > base + max(FAINT, 4.5 * spread)) & allowed).astype(np.uint8)
    return np.where(_without_specks(seen), dark - base, 0).astype(np.float32)


def _allowed(edges: Edges, number: int, version: int, span: tuple[slice, slice]) -> np.ndarray:
    """Where writing counts: inside the rules as they are seen, and away from what is printed inside the box."""
    box = watched(version)[number]
    xs = (np.arange(span[1].start, span[1].stop) + 0.5) / FLAT_DOTS
    ys = (np.arange(span[0].start, span[0].stop) + 0.5) / FLAT_DOTS
    top, bottom = (_offset(edges, number, side, xs) for side in (0, 1))
    left, right = (_offset(edges, number, side, ys) for side in (2, 3))
    inside = (ys[:, None] > box.y_mm + top + EDGE_MM) & (ys[:, None] < box.bottom_mm + bottom - EDGE_MM)
    inside &= (xs > box.x_mm + left[:, None] + EDGE_MM) & (xs < box.right_mm + right[:, None] - EDGE_MM)
    down, across = (
        round(float((top.mean() + bottom.mean()) / 2 * FLAT_DOTS)),
        round(float((left.mean() + right.mean()) / 2 * FLAT_DOTS)),
    )
    rows, columns = (
        slice(part.start - move, part.stop - move) for part, move in zip(span, (down, across), strict=True)
    )
    return inside & (_free(version)[rows, columns] > 0)


def _offset(edges: Edges, number: int, side: int, along: np.ndarray) -> np.ndarray:
    """How far off its place a side of a box lies at each of these places along it (mm)."""
    middles, offsets = edges.of(number, side)
    return np.interp(along, middles, offsets) if len(middles) else np.zeros(len(along))


def _without_specks(seen: np.ndarray) -> np.ndarray:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= SPECK_MM2 * FLAT_DOTS**2
    return keep[labels]


def area(ink: np.ndarray) -> float:
    """Inked area in mm2, faint strokes counting less."""
    return float(np.clip(ink / 0.3, 0, 1).sum()) / FLAT_DOTS**2


def _span(start: float, end: float) -> slice:
    """Pixels of a box along one axis, with what may lie off its place."""
    return slice(round(start * FLAT_DOTS) - AROUND, round(end * FLAT_DOTS) + AROUND)


def _chance(amount: float, middle: float, steep: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, (np.log(amount + 1e-3) - np.log(middle)) * steep * 2))))


def _judged(ink: np.ndarray, box: Box, ticks: list[Box]) -> InkBox:
    amount = area(ink)
    chance = _chance(amount, 0.55, 2.0)
    confidence = max(chance, 1 - chance)
    if confidence < SURE:
        return InkBox("unsure", confidence, _ticked(ink, box, ticks), amount)
    if chance < 0.5:
        return InkBox("empty", confidence, (), amount)
    return InkBox("written", confidence, _ticked(ink, box, ticks), amount)


def _ticked(ink: np.ndarray, box: Box, ticks: list[Box]) -> tuple[str, ...]:
    """The options in or around whose square the ink lies."""
    inked = {}
    for tick in ticks:
        left = round((tick.x_mm - 1.0 - box.x_mm) * FLAT_DOTS) + AROUND
        right = round((tick.right_mm + 1.0 - box.x_mm) * FLAT_DOTS) + AROUND
        inked[tick.option or ""] = area(ink[:, max(0, left) : right])
    return tuple(option for option, amount in inked.items() if amount > 0.45)
