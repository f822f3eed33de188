"""Which found mark is which of the six, and how a page lies in the photo: groups of marks -> placed sheets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np

from portal.paper.find import Mark
from portal.paper.layout import Page

NEAR_MM = 22.0  # how far from its place a mark may seem to be before perspective is known
FIT_MM = 7.0  # and after it is known; what is left is the paper's curl


@dataclass(frozen=True)
class Placed:
    """One sheet in a photo: position 0-5 -> mark, and the matrix that takes page millimetres to photo pixels."""

    marks: dict[int, Mark]
    matrix: np.ndarray
    error_mm: float

    @property
    def ids(self) -> dict[int, int]:
        return {at: mark.id for at, mark in self.marks.items()}


def corners_of(page: Page, at: int) -> np.ndarray:
    """Corners of a mark on the page in millimetres, (4, 2), from its top left clockwise."""
    mark = page.marks[at]
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return square * mark.size_mm + [mark.x_mm, mark.y_mm]


def to_photo(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Page millimetres (..., 2) -> photo pixels by a 3 x 3 matrix."""
    flat = np.asarray(points, float).reshape(-1, 1, 2)
    return cv2.perspectiveTransform(flat, matrix).reshape(np.shape(points))


def sheets(found: list[Mark], page: Page) -> list[Placed]:
    """The sheets that these marks belong to, the one with most marks first; marks that fit no other are left out."""
    placed: list[Placed] = []
    left = list(found)
    while len(left) >= 2 and len(placed) < 12:
        best = _best(left, page)
        if best is None:
            break
        placed.append(best)
        used = {id(mark) for mark in best.marks.values()}
        left = [mark for mark in left if id(mark) not in used]
    return placed


def _best(found: list[Mark], page: Page) -> Placed | None:
    best: Placed | None = None
    tried: set[tuple[tuple[int, int], ...]] = set()
    for guess in _guesses(found, page):
        key = tuple(sorted((at, id(mark)) for at, mark in guess.items()))
        if len(key) < 2 or key in tried:
            continue
        tried.add(key)
        placed = _fit(guess, found, page)
        if placed and (best is None or _rank(placed) > _rank(best)):
            best = placed
            if len(placed.marks) == len(page.marks):
                break
    return best


def _rank(placed: Placed) -> tuple[int, float]:
    return len(placed.marks), -placed.error_mm


def _guesses(found: list[Mark], page: Page):
    """For each pair of marks that may be two certain ones of the six: all marks where that would put them."""
    places = np.array([[mark.x_mm + mark.size_mm / 2, mark.y_mm + mark.size_mm / 2] for mark in page.marks])
    size_mm = page.marks[0].size_mm
    centres = np.array([mark.centre for mark in found])
    for a, b in permutations(range(len(found)), 2):
        first, second = found[a], found[b]
        if not 0.55 < first.size / second.size < 1.8 or abs(_turned(first.angle - second.angle)) > 0.6:
            continue
        across = second.centre - first.centre
        far = float(np.hypot(*across)) / (first.size + second.size) * 2 * size_mm
        angle = np.arctan2(across[1], across[0]) - (first.angle + _turned(second.angle - first.angle) / 2)
        for i, j in permutations(range(len(places)), 2):
            want = places[j] - places[i]
            length = float(np.hypot(*want))
            if not 0.7 < far / length < 1.4 or abs(_turned(angle - np.arctan2(want[1], want[0]))) > 0.4:
                continue
            yield _where(centres, found, places, (a, b, i, j))


def _where(
    centres: np.ndarray, found: list[Mark], places: np.ndarray, pair: tuple[int, int, int, int]
) -> dict[int, Mark]:
    """By the similarity that takes two marks to two places: which mark is nearest to each place."""
    a, b, i, j = pair
    across, want = complex(*(centres[b] - centres[a])), complex(*(places[j] - places[i]))
    turn = want / across
    relative = (centres[:, 0] - centres[a, 0]) + 1j * (centres[:, 1] - centres[a, 1])
    on_page = relative * turn + complex(*places[i])
    away = np.abs(on_page[:, None] - (places[:, 0] + 1j * places[:, 1])[None])
    guess = {}
    for at in range(len(places)):
        nearest = int(away[:, at].argmin())
        if away[nearest, at] < NEAR_MM and int(away[nearest].argmin()) == at:
            guess[at] = found[nearest]
    return guess


def _turned(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _fit(guess: dict[int, Mark], found: list[Mark], page: Page) -> Placed | None:
    """Homography of the guessed marks; marks that do not fit are dropped, marks that do are taken in."""
    for _ in range(3):
        matrix = homography(guess, page)
        if matrix is None:
            return None
        errors = {at: _error(matrix, mark, page, at) for at, mark in guess.items()}
        worst = max(errors, key=lambda at: errors[at])
        if errors[worst] < FIT_MM:
            return Placed(dict(guess), matrix, float(np.mean(list(errors.values()))))
        if len(guess) <= 2:
            return None
        guess = {at: mark for at, mark in guess.items() if at != worst}
    return None


def homography(marks: dict[int, Mark], page: Page) -> np.ndarray | None:
    """Least squares over all corners of these marks; None where the page would be seen from behind or folded over."""
    on_page = np.concatenate([corners_of(page, at) for at in marks])
    in_photo = np.concatenate([mark.corners for mark in marks.values()])
    matrix, _ = cv2.findHomography(on_page, in_photo, 0)
    if matrix is None or not np.isfinite(matrix).all():
        return None
    edge = np.array(
        [[0, 0, 1], [page.width_mm, 0, 1], [0, page.height_mm, 1], [page.width_mm, page.height_mm, 1]], float
    )
    depth = edge @ matrix[2]
    if (depth <= 0.2).any() or (depth > 5).any() or np.linalg.det(matrix) <= 0:
        return None
    return matrix


def _error(matrix: np.ndarray, mark: Mark, page: Page, at: int) -> float:
    """How far a mark is from where the matrix puts it, in millimetres at the mark's own scale."""
    away = to_photo(matrix, corners_of(page, at)) - mark.corners
    return float(np.linalg.norm(away, axis=1).mean()) / mark.size * page.marks[at].size_mm
