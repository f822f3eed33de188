"""What is on the page that we did not print: writing, ticks and the signature, each with a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Literal

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS, Blank, blank
from portal.paper.layout import Box, by_version

State = Literal["written", "empty", "unsure"]
EDGE_MM = 0.5  # not looked at along the rules of a box
PRINT_MM = 0.35  # nor this far around what is printed inside it
FAINT = 0.10  # a stroke darkens paper at least this much (0-1)
SPECK_MM2 = 0.12  # smaller dots are dust
SURE = 0.9


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


def ink_map(even: np.ndarray, version: int) -> dict[str, InkBox]:
    """The ink of every change box of a flattened page evened to white paper (grey, FLAT_DOTS)."""
    free, page = _free(version), by_version(version).page(1)
    ticks: dict[str, list[Box]] = {}
    for box in page.boxes:
        if box.kind == "tick":
            ticks.setdefault(box.item, []).append(box)
    found = {}
    for box in page.boxes:
        if box.kind == "change":
            ink = strokes(even, free, box)
            found[box.item] = _judged(ink, box, ticks.get(box.item, []))
    return found


def signed(even: np.ndarray, version: int) -> tuple[bool | None, float]:
    """Whether somebody signed (None: unsure), and the confidence."""
    box = next(box for box in by_version(version).page(1).boxes if box.kind == "signature")
    amount = area(strokes(even, _free(version), box))
    chance = _chance(amount, 1.6, 1.4)
    if max(chance, 1 - chance) < SURE:
        return None, max(chance, 1 - chance)
    return chance > 0.5, max(chance, 1 - chance)


def strokes(even: np.ndarray, free: np.ndarray, box: Box) -> np.ndarray:
    """Strokes inside a box: darkness 0-1 (float32) where a stroke is, 0 elsewhere; EDGE_MM inside the box."""
    top, bottom = _span(box.y_mm, box.bottom_mm)
    left, right = _span(box.x_mm, box.right_mm)
    allowed = free[top:bottom, left:right]
    dark = np.clip((250.0 - even[top:bottom, left:right].astype(np.float32)) / 250.0, 0, 1)
    looked = dark[allowed > 0]
    if not looked.size:
        return np.zeros_like(dark)
    base = float(np.median(looked))
    spread = float(np.median(np.abs(looked - base))) * 1.48
    limit = base + max(FAINT, 4.5 * spread)
    seen = ((dark > limit) & (allowed > 0)).astype(np.uint8)
    return np.where(_without_specks(seen), dark - base, 0).astype(np.float32)


def _without_specks(seen: np.ndarray) -> np.ndarray:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= SPECK_MM2 * FLAT_DOTS**2
    return keep[labels]


def area(ink: np.ndarray) -> float:
    """Inked area in mm2, faint strokes counting less."""
    return float(np.clip(ink / 0.3, 0, 1).sum()) / FLAT_DOTS**2


def _span(start: float, end: float) -> tuple[int, int]:
    return round((start + EDGE_MM) * FLAT_DOTS), round((end - EDGE_MM) * FLAT_DOTS)


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
        left = round((tick.x_mm - 1.0 - box.x_mm - EDGE_MM) * FLAT_DOTS)
        right = round((tick.right_mm + 1.0 - box.x_mm - EDGE_MM) * FLAT_DOTS)
        inked[tick.option or ""] = area(ink[:, max(0, left) : right])
    return tuple(option for option, amount in inked.items() if amount > 0.45)
