"""Small pictures of what the reader gets wrong, made anew from the seeds of the faulty photos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import read_photos, read_scores
from portal.paper import layout, reading
from portal.paper.blank import FLAT_DOTS
from portal.paper.reading import Reading
from tests.paper.workshop import Truth, press

MOST_BYTES = 40_000
WIDE, AROUND_MM = 420, 7.0
SHOWN = ("wrong", "unnamed", "missed", "extra", "signature", "no_retake", "false_retake", "untold")
"""Faults in the order in which they are shown, one picture each."""


def name(fault: str) -> str:
    """The file of a fault's picture."""
    return f"reading-{fault.replace('_', '-')}.jpg"


def draw(folder: Path, answers: list[dict[str, Any]], into: Path) -> dict[str, dict[str, Any]]:
    """A picture `reading-FAULT.jpg` in `into` for each kind of fault there is; fault -> the answer it shows."""
    for old in into.glob("reading-*.jpg"):
        old.unlink()
    shown = {}
    for fault in SHOWN:
        these = [one for one in answers if fault in read_scores.faults(one)]
        if not these:
            continue
        kinds = [one["kind"] for one in these]
        most = max(dict.fromkeys(kinds), key=kinds.count)
        shown[fault] = one = next(one for one in these if one["kind"] == most)
        data, expect, _, truth = read_photos.taken(folder, one["kind"], one["seed"])
        seen = reading.read(data, press.KEY, expect=expect)
        (into / name(fault)).write_bytes(_small(_view(fault, one, seen, truth, data)))
    return shown


def _view(fault: str, one: dict[str, Any], seen: Reading, truth: Truth | None, data: bytes) -> np.ndarray:
    """The part of the photo the fault is about: a box with its surroundings, or all of it."""
    if seen.flattened and fault in ("missed", "extra", "signature", "no_retake", "false_retake"):
        flat = _pixels(seen.flat_jpeg or b"")
        item = _item(fault, one, truth)
        return flat if item is None else _around(flat, item)
    return _pixels(data)


def _pixels(data: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("no picture")
    return pixels


def _item(fault: str, one: dict[str, Any], truth: Truth | None) -> str | None:
    if fault in ("missed", "extra"):
        return str(one[fault][0])
    if fault == "signature":
        return "parent_signature"
    if truth is not None and truth.hidden:  # the box nearest to the limit of what may be hidden
        return min(truth.hidden, key=lambda item: abs(truth.hidden[item] - 0.2))
    return None


def _around(flat: np.ndarray, item: str) -> np.ndarray:
    page = layout.current().page(1)
    box = next(box for box in page.boxes if box.item == item and box.kind in ("change", "signature"))
    top, bottom = (round(at * FLAT_DOTS) for at in (box.y_mm - AROUND_MM, box.bottom_mm + AROUND_MM))
    left, right = (round(at * FLAT_DOTS) for at in (box.x_mm - AROUND_MM, box.right_mm + AROUND_MM))
    return flat[max(0, top) : bottom, max(0, left) : right]


def _small(picture: np.ndarray) -> bytes:
    """A JPEG of at most MOST_BYTES, WIDE pixels wide or less."""
    scale = min(1.0, WIDE / picture.shape[1])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for quality in (70, 50, 30, 15):
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(coded) <= MOST_BYTES:
            break
    return coded
