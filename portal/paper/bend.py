"""How paper bends: a smooth displacement over the page, fitted to many measured moves of which some are mistaken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

PAGE_MM = (210.0, 297.0)
WAVES = (11, 15)  # cosines across and down the page: folds as sharp as 20 mm are followed
# Numbers of shapes, from the smoothest on, and the moves (mm) off them that are still believed, stage by stage.
STAGES = ((12, 8.0), (40, 4.0), (90, 2.0), (150, 1.0), (150, 0.8))
STIFF = 0.2
LAZY = 4.0  # what keeps parts of the page still of which nothing is seen
LEAST_MOVES = 40
NOTHING: Any = None  # what OpenCV takes for no matrix; its types do not know


@dataclass(frozen=True)
class Bend:
    """Displacement in millimetres at every point of the page, as weights (shapes, 2) of smooth shapes."""

    weights: np.ndarray

    @classmethod
    def none(cls) -> Bend:
        return cls(np.zeros((len(_shapes()[0]), 2)))

    def __add__(self, other: Bend) -> Bend:
        return Bend(self.weights + other.weights)

    @property
    def is_flat(self) -> bool:
        return not self.weights.any()

    def at(self, points: np.ndarray) -> np.ndarray:
        """Displacements (n, 2) at page points (n, 2)."""
        return design(points) @ self.weights

    def over(self, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """Displacements (rows, columns, 2) on a grid of page coordinates."""
        across, down = _along(xs, 0), _along(ys, 1)
        k, m, _ = _shapes()
        table = np.zeros((down.shape[1], across.shape[1], 2))
        table[m, k] = self.weights
        return np.stack([down @ table[:, :, axis] @ across.T for axis in (0, 1)], -1)


def _along(places: np.ndarray, axis: int) -> np.ndarray:
    """The one-dimensional shapes at places (mm): cosines, then the straight line and the parabola."""
    share = np.asarray(places, float)[:, None] / PAGE_MM[axis]
    waves = np.cos(np.pi * share * np.arange(WAVES[axis]))
    return np.concatenate([waves, 2 * share - 1, (2 * share - 1) ** 2], 1)


@cache
def _shapes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the shapes across and down, smoothest first, and how much each resists."""
    line, parabola = (WAVES[0], WAVES[1]), (WAVES[0] + 1, WAVES[1] + 1)
    plain = [(0, 0), (line[0], 0), (0, line[1]), (line[0], line[1]), (parabola[0], 0), (0, parabola[1])]
    waves = [(k, m) for k in range(WAVES[0]) for m in range(WAVES[1]) if (k, m) != (0, 0)]
    waves.sort(key=lambda wave: _bending(*wave))
    found = plain + waves
    resist = [0.1] * 3 + [1.0] * 3 + [LAZY + _bending(*wave) ** 2 for wave in waves]
    return np.array([k for k, _ in found]), np.array([m for _, m in found]), np.array(resist)


def _bending(k: int, m: int) -> float:
    return (k / PAGE_MM[0] * 100) ** 2 + (m / PAGE_MM[1] * 100) ** 2


def design(points: np.ndarray) -> np.ndarray:
    """The value of every shape at every point: (n, shapes)."""
    k, m, _ = _shapes()
    return _along(points[:, 0], 0)[:, k] * _along(points[:, 1], 1)[:, m]


def fit(known: np.ndarray, moves: np.ndarray, trust: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (shapes, k) of the bend that most of the moves (n, k; mm) agree on, and which of them do.

    `known` is `design` at the moved points, `trust` how much each move counts. With too few moves: no bend.
    """
    shapes, columns = known.shape[1], moves.shape[1]
    kept, weight = np.ones(len(moves), bool), trust.copy()
    weights = np.zeros((shapes, columns))
    resist = _shapes()[2]
    for count, limit in STAGES:
        if kept.sum() < LEAST_MOVES:
            return np.zeros((shapes, columns)), np.zeros(len(moves), bool)
        part = np.ascontiguousarray(known[:, :count])
        pulled = part * weight[:, None]
        # OpenCV's algebra: as quick as numpy's at this size, and it starts no threads of its own
        square = cv2.gemm(part, pulled, 1.0, NOTHING, 0.0, flags=cv2.GEMM_1_T)
        right = cv2.gemm(pulled, moves, 1.0, NOTHING, 0.0, flags=cv2.GEMM_1_T)
        square = square + np.diag(STIFF * resist[:count])
        _, solved = cv2.solve(square, right, flags=cv2.DECOMP_CHOLESKY)
        weights = np.zeros((shapes, columns))
        weights[:count] = solved
        left = np.linalg.norm(moves - part @ solved, axis=1)
        kept = left < limit
        weight = trust * kept / (1 + (left / (limit / 3)) ** 2)
    return weights, kept
