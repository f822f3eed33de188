"""Flatten a photographed page: a homography from the marks, then what curl is left, tracked on the printed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from portal.paper.blank import FLAT_DOTS, TRACK_DOTS, Blank
from portal.paper.layout import Page

GRID_MM = 15.0
NO_MAP: Any = None  # what OpenCV takes where both maps are one array; its types do not know
# How much the sheet resists bending, and the moves (mm) off it that are still believed, from stiff to soft.
STAGES = ((100.0, 8.0), (30.0, 5.0), (10.0, 3.0), (3.0, 2.0), (1.0, 1.5), (0.3, 1.2), (0.1, 1.0))


@dataclass(frozen=True)
class Flat:
    """A flattened page: colour (BGR) and grey at FLAT_DOTS, paper evened to white in `even`; `tracked` is the share of
    the form's points that were seen, `bend` gives for each GRID_MM of the page how far it lay off the plane (mm)."""

    colour: np.ndarray
    grey: np.ndarray
    bend: np.ndarray
    tracked: np.ndarray
    matrix: np.ndarray

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Page millimetres (n, 2) -> photo pixels, with the bend."""
        moved = points + _between(self.bend, points)
        return cv2.perspectiveTransform(moved.reshape(-1, 1, 2), self.matrix).reshape(-1, 2)


def flatten(picture: np.ndarray, grey: np.ndarray, matrix: np.ndarray, page: Page, form: Blank | None) -> Flat:
    """Flatten `picture` (BGR; `grey` is the same in grey) given the matrix from page millimetres to its pixels."""
    bend, tracked = no_bend(page), np.zeros((0, 2))
    if form is not None:
        bend, tracked = _bend(grey, matrix, page, form)
    size = (round(page.width_mm * FLAT_DOTS), round(page.height_mm * FLAT_DOTS))
    maps = _maps(bend, matrix, size, FLAT_DOTS)
    colour = cv2.remap(picture, maps, NO_MAP, cv2.INTER_LINEAR, borderValue=(128, 128, 128))
    return Flat(colour, cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), bend, tracked, matrix)


def no_bend(page: Page) -> np.ndarray:
    """A bend of nothing: (rows, columns, 2) millimetres."""
    return np.zeros((int(page.height_mm / GRID_MM) + 2, int(page.width_mm / GRID_MM) + 2, 2))


def even(grey: np.ndarray, dots: int) -> np.ndarray:
    """Paper made white: grey divided by the brightness of the paper around it, 255 = paper."""
    paper = paper_of(grey, dots)
    return cv2.divide(grey, cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), scale=250)


def paper_of(grey: np.ndarray, dots: int) -> np.ndarray:
    """Brightness of the bare paper at two pixels a millimetre: what is narrower than 3.5 mm is closed over."""
    scale = 2 / dots
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.maximum(cv2.GaussianBlur(closed, (0, 0), 1.5), 8)


def _bend(grey: np.ndarray, matrix: np.ndarray, page: Page, form: Blank) -> tuple[np.ndarray, np.ndarray]:
    """The bend, and where on the page the print was recognised; twice where the first look found much."""
    bend = no_bend(page)
    tracked = np.zeros((0, 2))
    for _ in range(2):
        seen = even(_view(grey, matrix, bend, form.track.shape[::-1]), TRACK_DOTS)
        start = (form.points.reshape(-1, 2) + 0.5) / TRACK_DOTS
        moved, good = _track(form.track, seen, form.points)
        more, kept = sheet_through(start[good], (moved / TRACK_DOTS)[good], bend)
        if kept.sum() < 40:
            break
        bend, tracked = bend + more, start[good][kept]
        if np.abs(more).max() < 0.8:
            break
    return bend, tracked


def _view(grey: np.ndarray, matrix: np.ndarray, bend: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if bend.any():
        return cv2.remap(grey, _maps(bend, matrix, size, TRACK_DOTS), NO_MAP, cv2.INTER_LINEAR)
    scale = np.array([[1 / TRACK_DOTS, 0, 0.5 / TRACK_DOTS], [0, 1 / TRACK_DOTS, 0.5 / TRACK_DOTS], [0, 0, 1]])
    return cv2.warpPerspective(grey, matrix @ scale, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def _track(form: np.ndarray, seen: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the form's points are seen: moves in pixels (n, 2) and which of them are to be believed."""
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 15, 0.02)
    there, found, error = cv2.calcOpticalFlowPyrLK(
        form, seen, points, None, winSize=(21, 21), maxLevel=3, criteria=stop
    )
    back, again, _ = cv2.calcOpticalFlowPyrLK(seen, form, there, NO_MAP, winSize=(21, 21), maxLevel=3, criteria=stop)
    returned = np.linalg.norm((back - points).reshape(-1, 2), axis=1)
    good = (found.ravel() == 1) & (again.ravel() == 1) & (returned < 0.6)
    return (there - points).reshape(-1, 2).astype(float), good


def sheet_through(points: np.ndarray, moves: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stiff sheet (shape of `grid`) bent by these moves (n, 2; millimetres), and which moves it agrees with."""
    known = _shares(points, grid.shape[:2])
    kept = np.ones(len(points), bool)
    bent = np.zeros((known.shape[1], 2))
    weight = np.ones(len(points))
    for stiff, limit in STAGES:
        if kept.sum() < 40:
            return np.zeros_like(grid), np.zeros(len(points), bool)
        pulled = known * weight[:, None]
        bent = np.linalg.solve(known.T @ pulled + stiff * _stiffness(grid.shape[:2]), pulled.T @ moves)
        left = np.linalg.norm(moves - known @ bent, axis=1)
        kept = left < limit
        weight = kept / (1 + (left / (limit / 3)) ** 2)
    return bent.reshape(grid.shape), kept


def _shares(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How much each node of the grid speaks at each point: (n, nodes), bilinear."""
    at = np.clip(points / GRID_MM, 0, [shape[1] - 1.001, shape[0] - 1.001])
    column, row = at[:, 0].astype(int), at[:, 1].astype(int)
    fx, fy = at[:, 0] - column, at[:, 1] - row
    shares = np.zeros((len(points), shape[0] * shape[1]))
    each = np.arange(len(points))
    first = row * shape[1] + column
    shares[each, first], shares[each, first + 1] = (1 - fx) * (1 - fy), fx * (1 - fy)
    shares[each, first + shape[1]], shares[each, first + shape[1] + 1] = (1 - fx) * fy, fx * fy
    return shares


@cache
def _stiffness(shape: tuple[int, int]) -> np.ndarray:
    """Squared second differences of a grid as a matrix (nodes, nodes), with a trace of pull towards no bend at all."""
    count = shape[0] * shape[1]
    numbers = np.arange(count).reshape(shape)
    rows = []
    for a, b, c in ((numbers[:, :-2], numbers[:, 1:-1], numbers[:, 2:]), (numbers[:-2], numbers[1:-1], numbers[2:])):
        for first, middle, last in zip(a.ravel(), b.ravel(), c.ravel(), strict=True):
            row = np.zeros(count)
            row[[first, middle, last]] = 1, -2, 1
            rows.append(row)
    cross = (numbers[:-1, :-1], numbers[:-1, 1:], numbers[1:, :-1], numbers[1:, 1:])
    for four in zip(*(part.ravel() for part in cross), strict=True):
        row = np.zeros(count)
        row[list(four)] = 1, -1, -1, 1
        rows.append(row)
    differences = np.array(rows)
    return differences.T @ differences + 1e-4 * np.eye(count)


def _between(bend: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The bend at page points (n, 2), linear between the nodes of the grid."""
    at = np.clip(np.asarray(points, float) / GRID_MM, 0, [bend.shape[1] - 1.001, bend.shape[0] - 1.001])
    column, row = at[:, 0].astype(int), at[:, 1].astype(int)
    fx, fy = (at[:, 0] - column)[:, None], (at[:, 1] - row)[:, None]
    upper = bend[row, column] * (1 - fx) + bend[row, column + 1] * fx
    lower = bend[row + 1, column] * (1 - fx) + bend[row + 1, column + 1] * fx
    return upper * (1 - fy) + lower * fy


def _maps(bend: np.ndarray, matrix: np.ndarray, size: tuple[int, int], dots: int) -> np.ndarray:
    """Photo pixel of every flat pixel: exact on the grid, linear on a fine grid of eight pixels."""
    step = 8
    columns, rows = np.arange(0, size[0] + step, step), np.arange(0, size[1] + step, step)
    points = (np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2) + 0.5) / dots
    there = cv2.perspectiveTransform((points + _between(bend, points)).reshape(-1, 1, 2), matrix)
    coarse = there.reshape(len(rows), len(columns), 2).astype(np.float32)
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(coarse, scale, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
