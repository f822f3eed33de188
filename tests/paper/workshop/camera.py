"""Where a point of the paper lands in the photo, and back: a bent sheet in space seen by a pinhole camera."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from tests.paper.workshop.scene import Scene

PAGE = (210.0, 297.0)
STEP = 12  # photo pixels between the points where the inverse is computed


class Camera:
    """The geometry of one scene; points are arrays (..., 2)."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rotation = _turn(scene.roll, scene.tilt, scene.pan)
        self._bend()
        self.focal, self.centre = 1.0, np.zeros(2)
        corners = np.array([[0, 0], [PAGE[0], 0], [0, PAGE[1]], PAGE], float)
        spread = self.to_photo(corners)
        size = np.array([scene.width, scene.height], float)
        extent = spread.max(0) - spread.min(0)
        self.focal = scene.fill * float((size / extent).min())
        middle = (spread.max(0) + spread.min(0)) / 2 * self.focal
        self.centre = size / 2 - middle + np.array(scene.shift) * size
        if "aim" in scene.extra:
            self._put_on_edge(np.array(scene.extra["aim"], float), size)

    def _put_on_edge(self, point: np.ndarray, size: np.ndarray) -> None:
        """Move the photo so that its nearest edge runs through this point of the page."""
        at = self.to_photo(point[None])[0]
        gaps = [(at[0], 0, 0.0), (size[0] - at[0], 0, size[0]), (at[1], 1, 0.0), (size[1] - at[1], 1, size[1])]
        _, axis, edge = min(gaps)
        self.centre[axis] += edge - at[axis]

    def _bend(self) -> None:
        along = np.arange(-260.0, 260.5, 0.5)
        height = np.zeros_like(along)
        for amplitude, length, phase in self.scene.waves:
            height += amplitude * np.cos(along / length * 2 * np.pi + phase)
        for place, up, half in self.scene.creases:
            height += up * np.clip(1 - np.abs(along - place) / half, 0, None)
        kernel = np.hanning(13)
        height = np.convolve(np.pad(height, 6, mode="edge"), kernel / kernel.sum(), mode="valid")
        slope = np.gradient(height, along)
        arc = np.concatenate([[0], np.cumsum(np.hypot(np.diff(along), np.diff(height)))])
        self._along, self._height, self._slope = along, height, slope
        self._arc = arc - np.interp(0.0, along, arc)

    def _in_space(self, page: np.ndarray) -> np.ndarray:
        turn = radians(self.scene.ruling)
        x, y = page[..., 0] - PAGE[0] / 2, page[..., 1] - PAGE[1] / 2
        across, beside = x * cos(turn) + y * sin(turn), -x * sin(turn) + y * cos(turn)
        along = np.interp(across, self._arc, self._along)
        z = np.interp(along, self._along, self._height)
        for corner, lift in enumerate(self.scene.corner_lift):
            if lift:
                cx, cy = (corner % 2) * PAGE[0], (corner // 2) * PAGE[1]
                near = np.clip(1 - np.hypot(page[..., 0] - cx, page[..., 1] - cy) / 110, 0, None)
                z = z + lift * near**2
        return np.stack([along * cos(turn) - beside * sin(turn), along * sin(turn) + beside * cos(turn), -z], -1)

    def to_photo(self, page: np.ndarray) -> np.ndarray:
        """Millimetres on the page (origin top left) -> photo pixels."""
        seen = self._in_space(np.asarray(page, float)) @ self.rotation.T
        depth = seen[..., 2:] + self.scene.distance
        return seen[..., :2] / depth * self.focal + self.centre

    def inverse(self) -> np.ndarray:
        """For every STEP-th photo pixel the page point seen there, (rows, columns, 2) in mm; beyond the page too."""
        rows = np.arange(0, self.scene.height + STEP, STEP, dtype=float)
        columns = np.arange(0, self.scene.width + STEP, STEP, dtype=float)
        pixels = np.stack(np.meshgrid(columns, rows), -1)
        flat = _homography(self)
        target = _apply(flat, pixels)
        page = target.copy()
        for _ in range(7):
            held = np.clip(page, -40, [PAGE[0] + 40, PAGE[1] + 40])
            page = held + target - _apply(flat, self.to_photo(held))
        return page

    def slope_at(self, page: np.ndarray) -> np.ndarray:
        """How steep the bent paper is, along the bend, at page points."""
        turn = radians(self.scene.ruling)
        across = (page[..., 0] - PAGE[0] / 2) * cos(turn) + (page[..., 1] - PAGE[1] / 2) * sin(turn)
        return np.interp(np.interp(across, self._arc, self._along), self._along, self._slope)

    def dots_per_mm(self) -> float:
        """Photo pixels per millimetre, averaged over the page."""
        edge = self.to_photo(np.array([[0, 0], [PAGE[0], 0], PAGE, [0, PAGE[1]]], float))
        x, y = edge[:, 0], edge[:, 1]
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        return float((area / (PAGE[0] * PAGE[1])) ** 0.5)


def _turn(roll: float, tilt: float, pan: float) -> np.ndarray:
    a, b, c = radians(roll), radians(tilt), radians(pan)
    about_z = np.array([[cos(a), -sin(a), 0], [sin(a), cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, cos(b), -sin(b)], [0, sin(b), cos(b)]])
    about_y = np.array([[cos(c), 0, sin(c)], [0, 1, 0], [-sin(c), 0, cos(c)]])
    return about_x @ about_y @ about_z


def _homography(camera: Camera) -> np.ndarray:
    """Photo -> page of the sheet as if it were flat: four corners suffice."""
    page = np.array([[0, 0], [PAGE[0], 0], PAGE, [0, PAGE[1]]], float)
    photo = camera.to_photo(page)
    rows = []
    for (x, y), (u, v) in zip(photo, page, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), page.reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    x, y = points[..., 0], points[..., 1]
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    return np.stack(
        [
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w,
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w,
        ],
        -1,
    )
