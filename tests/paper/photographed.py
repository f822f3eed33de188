"""Printed pages for the tests of the reader: printed and rasterised once per process."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from tests.paper.workshop import press

LEAVES = (4_711_001, 68_000_123, 150_300_999, 268_435_455)
STRANGE_LEAF = 99_000_111
CLASS = frozenset(LEAVES) | frozenset(range(30_000_000, 30_000_041))
"""The leaves a class teacher may send: the printed ones among others."""


@cache
def _pages(leaves: tuple[int, ...], foreign: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(press.pages(list(leaves), press.OTHER_KEY if foreign else press.KEY, 250))


def front(number: int = 0) -> np.ndarray:
    """Page 1 of LEAVES[number], BGR."""
    return _pages(LEAVES, False)[number][0]


def back(number: int = 0) -> np.ndarray:
    """Page 2 of LEAVES[number], BGR."""
    return _pages(LEAVES, False)[number][1]


def foreign_front() -> np.ndarray:
    """Page 1 of a sheet of another deployment."""
    return _pages((STRANGE_LEAF,), True)[0][0]


def jpeg(pixels: np.ndarray, quality: int = 85) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def scan(pixels: np.ndarray) -> bytes:
    """A page as a flat-bed scanner gives it: straight, with a rim of table around it."""
    return jpeg(cv2.copyMakeBorder(pixels, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(90, 90, 90)))
