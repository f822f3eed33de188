"""What is in a photo besides the sheet: the table, a thumb, a dog-ear, a school stamp, the other side's print."""

from __future__ import annotations

from math import cos, radians, sin

import cv2
import numpy as np

from tests.paper.workshop.camera import PAGE
from tests.paper.workshop.scene import Scene


def table(width: int, height: int, seed: int) -> np.ndarray:
    """A table top: wood, stone, cloth, dark or nearly as white as paper; sometimes with other printed paper on it."""
    rng = np.random.default_rng(seed)
    small = np.zeros((height // 4 + 1, width // 4 + 1, 3), np.float32)
    tone = np.array(
        [[60, 90, 130], [95, 120, 150], [110, 110, 110], [45, 45, 50], [215, 220, 222], [150, 110, 90]], np.float32
    )
    small[:] = tone[rng.integers(len(tone))] * rng.uniform(0.8, 1.1)
    for cell, strength in ((2, 6), (6, 7), (40, 12), (200, 12)):
        shape = (small.shape[0] // cell + 2, small.shape[1] // (cell * int(rng.choice([1, 6]))) + 2)
        grain = cv2.resize(
            rng.normal(0, strength, shape).astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_CUBIC
        )
        small += grain[..., None]
    for _ in range(int(rng.integers(0, 4))):
        _thing(small, rng)
    return cv2.resize(np.clip(small, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)


def _thing(small: np.ndarray, rng: np.random.Generator) -> None:
    """A pen, a book's edge or a page with lines of print."""
    height, width = small.shape[:2]
    centre = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
    size = (float(rng.uniform(20, width / 2)), float(rng.uniform(6, height / 3)))
    corners = cv2.boxPoints((centre, size, float(rng.uniform(0, 180)))).astype(np.int32)
    cv2.fillConvexPoly(small, corners, tuple(float(v) for v in rng.uniform(20, 240, 3)), cv2.LINE_AA)
    for share in np.linspace(0.1, 0.9, int(rng.integers(0, 9))):
        a = corners[0] * (1 - share) + corners[1] * share
        b = corners[3] * (1 - share) + corners[2] * share
        cv2.line(small, tuple(int(v) for v in a), tuple(int(v) for v in b), (30.0, 30.0, 30.0), 1, cv2.LINE_AA)


def finger_at(scene: Scene, page: np.ndarray) -> np.ndarray:
    """0-1: how deep page points (..., 2) lie under a finger (1 in its middle)."""
    depth = np.zeros(page.shape[:-1])
    for x, y, direction, thick in scene.fingers:
        turn = radians(direction)
        along = np.clip((page[..., 0] - x) * cos(turn) + (page[..., 1] - y) * sin(turn) - thick / 2, 0, 400)
        dx = page[..., 0] - x - (along + thick / 2) * cos(turn)
        dy = page[..., 1] - y - (along + thick / 2) * sin(turn)
        depth = np.maximum(depth, 1 - (dx**2 + dy**2) / (thick / 2 * (1 + along / 300)) ** 2)
    return np.clip(depth, 0, 1)


def ear_at(scene: Scene, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Millimetres by which page points lie inside the part that is folded away, and inside its back on the page."""
    if scene.dog_ear is None:
        nothing = np.full(page.shape[:-1], -1.0)
        return nothing, nothing
    corner, size = scene.dog_ear
    x = page[..., 0] if corner % 2 == 0 else PAGE[0] - page[..., 0]
    y = page[..., 1] if corner // 2 == 0 else PAGE[1] - page[..., 1]
    away = (size - x - y) / 2**0.5
    return away, np.minimum(-away, np.minimum(size - x, size - y))


def covered_at(scene: Scene, page: np.ndarray) -> np.ndarray:
    """True where page points cannot be seen because something lies on them or they are folded away."""
    away, flap = ear_at(scene, page)
    return (finger_at(scene, page) > 0) | (away > 0) | (flap > 0)


def lay_over(picture: np.ndarray, background: np.ndarray, scene: Scene, page: np.ndarray, step: int) -> np.ndarray:
    """Put folded corner and fingers over the photographed page; `page` are the page points of every `step`-th pixel."""
    if scene.dog_ear is not None:
        away, flap = (_wide(part, picture, step) for part in ear_at(scene, page))
        part = _around(np.maximum(away, flap))
        seen = np.where(away[part][..., None] > 0, background[part], picture[part])
        cover = np.clip(flap[part] * 6, 0, 1)[..., None]
        picture[part] = (seen * (1 - cover) + np.array([234, 237, 239]) * cover).astype(np.uint8)
    if scene.fingers:
        depth = _wide(finger_at(scene, page), picture, step)
        part = _around(depth)
        cover = np.clip(depth[part] * 12, 0, 1)[..., None]
        shade = (0.55 + 0.45 * np.sqrt(np.clip(depth[part], 0, 1)))[..., None]
        skin = np.array([128, 158, 206]) * shade
        picture[part] = (picture[part] * (1 - cover) + skin * cover).astype(np.uint8)
    return picture


def _around(depth: np.ndarray) -> tuple[slice, slice]:
    """The rectangle outside of which nothing is deeper than 0."""
    left, top, width, height = cv2.boundingRect((depth > 0).astype(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _wide(grid: np.ndarray, picture: np.ndarray, step: int) -> np.ndarray:
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    size = (picture.shape[1], picture.shape[0])
    return cv2.warpAffine(
        grid.astype(np.float32),
        scale,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def stamp(pixels: np.ndarray, dots: float, scene: Scene, rng: np.random.Generator) -> None:
    """Red school stamps: ring, star, a line of characters; uneven and half transparent."""
    for x, y, turn in scene.stamps:
        side = int(44 * dots)
        layer = np.zeros((side, side), np.uint8)
        middle = (side // 2, side // 2)
        cv2.circle(layer, middle, int(19.5 * dots), 255, max(1, int(1.0 * dots)), cv2.LINE_AA)
        star = [
            (
                middle[0] + int(r * dots * sin(radians(turn + 36 * i))),
                middle[1] - int(r * dots * cos(radians(turn + 36 * i))),
            )
            for i, r in enumerate([5.5, 2.2] * 5)
        ]
        cv2.fillPoly(layer, [np.array(star, np.int32)], 255, cv2.LINE_AA)
        for angle in np.arange(-120, 121, 20):
            a = radians(turn + angle)
            cx, cy = middle[0] + 15 * dots * sin(a), middle[1] - 15 * dots * cos(a)
            for _ in range(5):
                p, q = rng.uniform(-1.8, 1.8, 2) * dots, rng.uniform(-1.8, 1.8, 2) * dots
                cv2.line(layer, (int(cx + p[0]), int(cy + p[1])), (int(cx + q[0]), int(cy + q[1])), 255, 3, cv2.LINE_AA)
        grain = cv2.resize(rng.uniform(0.3, 1, (side // 4, side // 4)).astype(np.float32), (side, side))
        _blend(
            pixels,
            layer.astype(np.float32) / 255 * 0.75 * grain,
            (int(x * dots) - middle[0], int(y * dots) - middle[1]),
        )


def _blend(pixels: np.ndarray, cover: np.ndarray, at: tuple[int, int]) -> None:
    top, left = max(0, at[1]), max(0, at[0])
    part = pixels[top : at[1] + cover.shape[0], left : at[0] + cover.shape[1]]
    cover = cover[top - at[1] :, left - at[0] :][: part.shape[0], : part.shape[1], None]
    part[:] = (part * (1 - cover * (1 - np.array([70, 60, 205]) / 255.0))).astype(np.uint8)


def bleed(pixels: np.ndarray, back: np.ndarray | None, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The other side's print shining through, mirrored and soft; without a back page, lines of made-up print."""
    if strength < 0.005:
        return pixels
    if back is None:
        back = np.full(pixels.shape[:2], 255, np.uint8)
        for row in range(int(pixels.shape[0] * 0.1), int(pixels.shape[0] * 0.9), max(8, pixels.shape[0] // 60)):
            for left in range(pixels.shape[1] // 10, int(pixels.shape[1] * 0.9), 14):
                cv2.line(back, (left, row + int(rng.integers(9))), (left + 9, row + int(rng.integers(9))), 0, 2)
    elif back.ndim == 3:
        back = cv2.cvtColor(back, cv2.COLOR_BGR2GRAY)
    if back.shape != pixels.shape[:2]:
        back = cv2.resize(back, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(cv2.flip(back, 1), (0, 0), 3)
    factor = cv2.LUT(soft, 255 - ((255 - np.arange(256)) * strength).astype(np.uint8))
    return cv2.multiply(pixels, cv2.merge([factor] * 3), scale=1 / 255)
