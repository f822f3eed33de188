"""Is the photo good enough to read? Cut edges, dots per millimetre, blur, and what glare, shadow or a hand hides.

The limits are those of sheet.md: under 5 pixels a millimetre, blur over 0.30 mm (standard deviation on paper), more
than a fifth of a change box hidden, or any box cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from portal.paper.align import NO_MAP, Flat, paper_of
from portal.paper.blank import FLAT_DOTS, blank
from portal.paper.find import Mark
from portal.paper.layout import Box, Page, by_version
from portal.paper.place import Placed

LEAST_DOTS = 5.0
MOST_BLUR_MM = 0.30
MOST_HIDDEN = 0.20
SEE_DOTS = 3  # pixels per millimetre of the map of what can be seen
DARK_PAPER = 44  # on paper darker than this black ink keeps less than 15 % contrast
WHITE_PAPER = 244


@dataclass(frozen=True)
class Quality:
    """Reasons for a retake (codes of reasons.py), dots per millimetre of the photo as sent, blur in mm, and the hidden
    share of each change box and the signature of which something is hidden."""

    reasons: tuple[str, ...]
    dots: float
    blur_mm: float
    hidden: dict[str, float]


def judge(flat: Flat, grey: np.ndarray, scale: float, placed: Placed, version: int) -> Quality:
    """Judge a flattened page 1; `grey` is the working photo, `scale` its pixels per pixel of the photo as sent."""
    page = by_version(version).page(1)
    reasons = cut(flat, grey.shape, page)
    dots = dots_per_mm(flat.matrix, page) / scale
    if dots < LEAST_DOTS:
        reasons.append("resolution")
    blur = blur_mm(grey, list(placed.marks.values()), page.marks[0].size_mm)
    if blur > MOST_BLUR_MM:
        reasons.append("blur")
    hidden, more = _hidden(flat, version)
    return Quality(tuple(reasons + [code for code in more if code not in reasons]), dots, blur, hidden)


def dots_per_mm(matrix: np.ndarray, page: Page) -> float:
    """Photo pixels per millimetre, averaged over the page."""
    edge = np.array([[0, 0], [page.width_mm, 0], [page.width_mm, page.height_mm], [0, page.height_mm]], float)
    quad = cv2.perspectiveTransform(edge.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    area = abs(float(cv2.contourArea(quad.astype(np.float32))))
    return (area / (page.width_mm * page.height_mm)) ** 0.5


def cut(flat: Flat, shape: tuple[int, ...], page: Page) -> list[str]:
    """Codes of the corners or edges at which a box runs out of the photo."""
    boxes = [box for box in page.boxes if box.kind != "tick"]
    corners = np.array([[x, y] for box in boxes for x in (box.x_mm, box.right_mm) for y in (box.y_mm, box.bottom_mm)])
    seen = flat.to_photo(corners)
    away = (seen < -1).any(1) | (seen[:, 0] > shape[1]) | (seen[:, 1] > shape[0])
    if not away.any():
        return []
    middle = np.array([page.width_mm, page.height_mm]) / 2
    lost = {("top", "bottom")[int(y)] + "_" + ("left", "right")[int(x)] for x, y in corners[away] > middle}
    for edge in ("top", "bottom", "left", "right"):
        both = {name for name in ("top_left", "top_right", "bottom_left", "bottom_right") if edge in name}
        if both <= lost:
            return [f"edge.{edge}"]
    return [f"corner.{name}" for name in sorted(lost)]


def blur_mm(grey: np.ndarray, marks: list[Mark], size_mm: float) -> float:
    """Standard deviation of the blur on paper, from the edges of the marks; the median over the marks."""
    widths = [_edge_blur(grey, mark, size_mm) for mark in marks]
    known = [width for width in widths if width is not None]
    return float(np.median(known)) if known else 0.0


@cache
def _steps() -> tuple[np.ndarray, np.ndarray]:
    """Widths (mm) and for each the profile over an edge at -1.2 ... 1.2 mm, mean 0 and length 1."""
    across = np.linspace(-1.2, 1.2, 41)
    widths = np.geomspace(0.04, 1.2, 60)
    fine = np.linspace(-8, 8, 1601)
    normal = np.cumsum(np.exp(-(fine**2) / 2))
    normal /= normal[-1]
    profiles = np.array([np.interp(across / width, fine, normal) for width in widths])
    profiles -= profiles.mean(1, keepdims=True)
    return widths, profiles / np.linalg.norm(profiles, axis=1, keepdims=True)


def _edge_blur(grey: np.ndarray, mark: Mark, size_mm: float) -> float | None:
    """Root mean square over both directions of the width of a mark's outer edges."""
    widths, steps = _steps()
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(unit, mark.corners.astype(np.float32))
    across, along = np.linspace(-1.2, 1.2, 41) / size_mm, np.linspace(0.12, 0.88, 28)
    squares = []
    for horizontal in (False, True):
        found = []
        for side in (0, 1):
            out = across if side else -across
            x, y = np.meshgrid(side + out, along)
            points = np.stack([y, x] if horizontal else [x, y], -1).reshape(-1, 1, 2)
            at = cv2.perspectiveTransform(points, matrix).reshape(28, 41, 2).astype(np.float32)
            seen = cv2.remap(grey, at, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(float)
            profile = np.median(seen, 0)
            profile -= profile.mean()
            length = float(np.linalg.norm(profile))
            if length < 40:
                continue
            likeness = steps @ profile / length
            if likeness.max() > 0.95:
                found.append(float(widths[likeness.argmax()]))
        if not found:
            return None
        squares.append(min(found) ** 2)
    return float(np.mean(squares) ** 0.5)


def _hidden(flat: Flat, version: int) -> tuple[dict[str, float], list[str]]:
    visible, paper = visibility(flat.grey, version)
    hidden, reasons = {}, []
    for box in by_version(version).page(1).boxes:
        if box.kind not in ("change", "signature"):
            continue
        share, why = _share(visible, paper, box)
        if share > 0.02:
            hidden[box.item] = share
        if share > MOST_HIDDEN:
            code = f"{why}.signature" if box.kind == "signature" else why
            reasons += [code] if code not in reasons else []
    return hidden, reasons


def visibility(grey: np.ndarray, version: int) -> tuple[np.ndarray, np.ndarray]:
    """At SEE_DOTS: contrast (share of the full range) that print still has here, and the brightness of the paper."""
    scale = SEE_DOTS / FLAT_DOTS
    seen = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(paper_of(grey, FLAT_DOTS), seen.shape[::-1], interpolation=cv2.INTER_LINEAR)
    known = _known(version)
    dark = cv2.GaussianBlur(cv2.subtract(paper, seen).astype(np.float32), (0, 0), 0.35 * SEE_DOTS)
    reach = (0, 0), 4.0 * SEE_DOTS
    agree = cv2.GaussianBlur(dark * known, *reach)
    weight = cv2.GaussianBlur(known * known, *reach)
    return agree / (weight + 25.0), paper


@cache
def _known(version: int) -> np.ndarray:
    """How dark the form is printed (0-255) where nothing else may stand: value boxes are left out."""
    printed = 255 - blank(version).print.astype(np.float32)
    for box in by_version(version).page(1).boxes:
        if box.kind == "value":
            rows = slice(round((box.y_mm + 0.7) * FLAT_DOTS), round((box.bottom_mm - 0.7) * FLAT_DOTS))
            printed[rows, round((box.x_mm + 0.7) * FLAT_DOTS) : round((box.right_mm - 0.7) * FLAT_DOTS)] = 0
    scale = SEE_DOTS / FLAT_DOTS
    small = cv2.resize(printed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), 0.35 * SEE_DOTS)


def _share(visible: np.ndarray, paper: np.ndarray, box: Box) -> tuple[float, str]:
    rows = slice(round(box.y_mm * SEE_DOTS), round(box.bottom_mm * SEE_DOTS))
    columns = slice(round(box.x_mm * SEE_DOTS), round(box.right_mm * SEE_DOTS))
    light, seen = paper[rows, columns], visible[rows, columns]
    dark = light < DARK_PAPER
    lost = (seen < 0.15) & ~dark
    share = float((dark | lost).mean())
    if dark.sum() > lost.sum():
        return share, "dark"
    return share, "glare" if float((light[lost] > WHITE_PAPER).mean() if lost.any() else 0) > 0.5 else "covered"
