"""What was written by hand: which change boxes, which options are ticked, is it signed; each with a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, log
from typing import Literal

import numpy as np

from portal.paper import strokes
from portal.paper.blank import FLAT_DOTS
from portal.paper.edges import Edges, watched
from portal.paper.layout import Box, by_version
from portal.paper.strokes import Strokes

State = Literal["written", "empty", "unsure"]
SURE = 0.9
# Amount of ink (mm2) that is writing as likely as not, and how steeply the chance rises around it.
WRITTEN, SIGNED = (0.55, 4.0), (1.6, 2.8)
TICK_MM, TICK_MM2 = 1.0, 0.45  # so near to a square, so much ink ticks it


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


def read_ink(even: np.ndarray, unlike: list[np.ndarray], edges: Edges, blur_mm: float, version: int) -> Ink:
    """The ink on a flattened page evened to white paper (grey, FLAT_DOTS), without what is `unlike` writing."""
    found = strokes.find(even, unlike, edges, blur_mm, version)
    boxes = watched(version)
    amounts = np.bincount(found.boxes, found.weights, len(boxes))
    judged, signature = {}, 0.0
    for number, box in enumerate(boxes):
        if box.kind == "signature":
            signature = float(amounts[number])
        else:
            judged[box.item] = _judged(
                float(amounts[number]), _ticked(found, number, _ticks(version).get(box.item, ()))
            )
    chance = _chance(signature, *SIGNED)
    sure = max(chance, 1 - chance)
    return Ink(judged, chance > 0.5 if sure >= SURE else None, sure)


@cache
def _ticks(version: int) -> dict[str, tuple[Box, ...]]:
    """The squares to tick of each item that has some."""
    ticks: dict[str, tuple[Box, ...]] = {}
    for box in by_version(version).page(1).boxes:
        if box.kind == "tick":
            ticks[box.item] = (*ticks.get(box.item, ()), box)
    return ticks


def _judged(amount: float, ticked: tuple[str, ...]) -> InkBox:
    chance = _chance(amount, *WRITTEN)
    confidence = max(chance, 1 - chance)
    if confidence < SURE:
        return InkBox("unsure", confidence, ticked, amount)
    return InkBox("written", confidence, ticked, amount) if chance > 0.5 else InkBox("empty", confidence, (), amount)


def _chance(amount: float, middle: float, steep: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, (log(amount + 1e-3) - log(middle)) * steep))))


def _ticked(found: Strokes, number: int, ticks: tuple[Box, ...]) -> tuple[str, ...]:
    """The options in or around whose square the ink lies."""
    if not ticks:
        return ()
    these = found.boxes == number
    xs, weights = (found.columns[these] + 0.5) / FLAT_DOTS, found.weights[these]
    near = [(tick.option or "", (xs > tick.x_mm - TICK_MM) & (xs < tick.right_mm + TICK_MM)) for tick in ticks]
    return tuple(option for option, inside in near if float(weights[inside].sum()) > TICK_MM2)
