"""Is the photo good enough to read? Cut edges, dots per millimetre, blur, and what glare, shadow or a hand hides.

The limits are those of sheet.md: under 5 pixels a millimetre, blur over 0.30 mm (standard deviation on paper), more
than a fifth of a change box hidden, or any box cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from portal.paper.align import NO_MAP, PAPER_DOTS, Flat
from portal.paper.blank import FLAT_DOTS, WHITE
from portal.paper.edges import PIECE_MM, Edges, watched
from portal.paper.find import Mark
from portal.paper.layout import Box, Page, by_version

LEAST_DOTS = 5.0
MOST_BLUR_MM = 0.30
MOST_HIDDEN = 0.20
# Width of the best fitting step at the edge of a mark (mm) -> blur; its black rim is narrow, so wide blurs seem less.
SEEN_BLUR = (
    (0.0, 0.0), (0.096, 0.06), (0.125, 0.10), (0.151, 0.135), (0.20, 0.195), (0.245, 0.25), (0.276, 0.305),
    (0.33, 0.375), (0.386, 0.435), (0.50, 0.62), (0.80, 1.1),
)  # fmt: skip
LOST, LOST_BRIGHT = 0.2, 0.08  # a piece of rule less clear than this cannot be seen; in glare
ONE_RULE = 0.35  # how much a column counts of which only one rule is missing
BLACK_MM, BLACK = 8.0, 30  # how near and how much darker than paper something must be to prove that ink would show
COVER_TINT = 0.15  # paper whose red so much outweighs its blue, more than elsewhere, lies under a hand
COVERED = 0.3  # share of a column of a box under a hand, from which on that is what hides it
WRITTEN_ON, INK = 0.06, 0.7  # share of a column of a box that is darker than so: writing is seen, over its rules too
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


def judge(flat: Flat, edges: Edges, blur: float, photo: tuple[tuple[int, ...], float], version: int) -> Quality:
    """Judge a flattened page 1; `photo` is the shape of the working photo and its pixels per pixel of the one sent."""
    page = by_version(version).page(1)
    reasons = cut(flat, photo[0], page)
    dots = dots_per_mm(flat.matrix, page) / photo[1]
    if dots < LEAST_DOTS:
        reasons.append("resolution")
    if blur > MOST_BLUR_MM:
        reasons.append("blur")
    shares, more = hidden(flat, edges, version)
    return Quality((*reasons, *more), dots, blur, shares)


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
    seen, true = zip(*SEEN_BLUR, strict=True)
    return float(np.interp(float(np.median(known)), seen, true)) if known else 0.0


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


@cache
def _over_edges(size_mm: float) -> np.ndarray:
    """Points across the four edges of a mark, in shares of its side: left, right, top, bottom, (4 * 28, 41, 2)."""
    across, along = np.linspace(-1.2, 1.2, 41) / size_mm, np.linspace(0.12, 0.88, 28)
    edges = []
    for horizontal in (False, True):
        for side in (0, 1):
            x, y = np.meshgrid(side + (across if side else -across), along)
            edges.append(np.stack([y, x] if horizontal else [x, y], -1))
    return np.concatenate(edges)


def _edge_blur(grey: np.ndarray, mark: Mark, size_mm: float) -> float | None:
    """Root mean square over both directions of the width of a mark's outer edges."""
    widths, steps = _steps()
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(unit, mark.corners.astype(np.float32))
    at = cv2.perspectiveTransform(_over_edges(size_mm), matrix).astype(np.float32)
    seen = cv2.remap(grey, at, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    profiles = np.median(seen.reshape(4, 28, 41), 1)
    found: list[list[float]] = [[], []]
    for edge, profile in enumerate(profiles):
        profile -= profile.mean()
        length = float(np.linalg.norm(profile))
        if length < 40:
            continue
        likeness = steps @ profile / length
        if likeness.max() > 0.95:
            found[edge // 2].append(float(widths[likeness.argmax()]))
    if not (found[0] and found[1]):
        return None
    return float(np.mean([min(of_one) ** 2 for of_one in found]) ** 0.5)


def hidden(flat: Flat, edges: Edges, version: int) -> tuple[dict[str, float], list[str]]:
    """The hidden share of the watched boxes of which something is hidden, and the codes of what hides too much."""
    paper = flat.paper
    upper, lower = edges.pieces.columns
    middles = (edges.pieces.middles[upper] + edges.pieces.middles[lower]) / 2
    number, light = edges.pieces.boxes[upper], _at(paper, middles)
    bright = light > WHITE_PAPER
    lost = _lost(edges.clear, upper, lower, bright)
    in_glare = np.flatnonzero(bright & (lost > 0))
    lost[in_glare] *= ~_has_black(flat.grey, paper, middles[in_glare])
    lost = _looked_at(lost, flat, middles, [watched(version)[at] for at in number])
    boxes = watched(version)
    counts = np.bincount(number, minlength=len(boxes))
    unseen = np.bincount(number, np.maximum(lost, light < DARK_PAPER), len(boxes)) / counts
    sums = cv2.integral((paper < DARK_PAPER).astype(np.uint8))
    shares, reasons = {}, []
    for at, box in enumerate(boxes):
        dark = _share(sums, box)
        share = max(float(unseen[at]), dark)
        if share <= 0.02:
            continue
        shares[box.item] = share
        if share > MOST_HIDDEN:
            why = _why(dark > share / 2, light[(number == at) & (lost > 0)])
            reasons.append(f"{why}.signature" if box.kind == "signature" else why)
    return shares, list(dict.fromkeys(reasons))


def _lost(clear: np.ndarray, upper: np.ndarray, lower: np.ndarray, bright: np.ndarray) -> np.ndarray:
    """How much of each column of a box seems hidden (0-1), by the rules above and below it.

    Where only one of the two is missing, writing may run over it. In glare a thin rule fades before ink does.
    """
    least = np.where(bright, LOST_BRIGHT, LOST)
    missing = (clear[upper] < least).astype(int) + (clear[lower] < least)
    return np.array([0.0, ONE_RULE, 1.0])[missing]


def _looked_at(lost: np.ndarray, flat: Flat, middles: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """What is lost of each column after a look at what lies there: skin hides what it covers, writing nothing."""
    missing = np.flatnonzero(lost)
    if not missing.size:
        return lost
    skin = cv2.integral(_tinted(flat.colour))
    ink = cv2.integral((flat.even < INK * WHITE).astype(np.uint8))
    seen = lost.copy()
    for at in missing:
        box, left = boxes[at], float(middles[at, 0]) - PIECE_MM / 2
        column = replace(box, x_mm=left, w_mm=PIECE_MM)
        under = _share(skin, column)
        if under > COVERED:
            seen[at] = max(lost[at], under)
        elif _share(ink, replace(column, y_mm=box.y_mm + 0.8, h_mm=box.h_mm - 1.6), FLAT_DOTS) > WRITTEN_ON:
            seen[at] = 0.0
    return seen


def _tinted(colour: np.ndarray) -> np.ndarray:
    """Where the bare paper has another tint than most of it: uint8 at PAPER_DOTS, 1 = under a hand."""
    step = FLAT_DOTS // PAPER_DOTS
    small = cv2.resize(colour, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(np.float32)
    blue, green, red = cv2.split(closed)
    tint = (red - blue) / np.maximum(np.maximum(np.maximum(blue, green), red), 30.0)
    return (tint - np.median(tint) > COVER_TINT).astype(np.uint8)


def _has_black(grey: np.ndarray, paper: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Whether anything within BLACK_MM of each point is still clearly darker than paper: then ink would be, too."""
    if not len(points):
        return np.zeros(0, bool)
    step = FLAT_DOTS // PAPER_DOTS
    small = cv2.erode(grey, np.ones((step, step), np.uint8))[step // 2 :: step, step // 2 :: step]
    reach = 2 * round(BLACK_MM * PAPER_DOTS) + 1
    darkest = cv2.erode(small, np.ones((reach, reach), np.uint8))
    return _at(paper, points).astype(int) - _at(darkest, points) > BLACK


def _share(sums: np.ndarray, box: Box, dots: int = PAPER_DOTS) -> float:
    """Share of a box that is marked, by the integral of the marks at so many `dots` a millimetre."""
    left, top, right, bottom = (round(side * dots) for side in (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm))
    inside = int(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])
    return inside / ((right - left) * (bottom - top))


def _why(dark: bool, light: np.ndarray) -> str:
    if dark or not light.size:
        return "dark"
    return "glare" if float((light > WHITE_PAPER).mean()) > 0.5 else "covered"


def _at(paper: np.ndarray, points: np.ndarray) -> np.ndarray:
    columns = np.clip((points[:, 0] * PAPER_DOTS).astype(int), 0, paper.shape[1] - 1)
    rows = np.clip((points[:, 1] * PAPER_DOTS).astype(int), 0, paper.shape[0] - 1)
    return paper[rows, columns]
