"""Light, shadow, glare, blur and noise of a scene, laid over the photographed page."""

from __future__ import annotations

from math import cos, radians, sin

import cv2
import numpy as np

from tests.paper.workshop.camera import PAGE, Camera

HIDDEN_BELOW = 0.15
"""A stroke that keeps less contrast than this (share of the full range) cannot be seen: glare or shadow hides it."""
_UNIT = 200.0  # light 1.0 in the eight-bit light map


def light_at(camera: Camera, page: np.ndarray) -> np.ndarray:
    """Factor of light at page points (..., 2), without glare."""
    scene = camera.scene
    x, y = page[..., 0] / PAGE[0] - 0.5, page[..., 1] / PAGE[1] - 0.5
    light = scene.light * (1 + scene.gradient[0] * x * 2 + scene.gradient[1] * y * 2)
    light = light * (1 - 0.9 * camera.slope_at(page))
    for sx, sy, direction, depth, soft in scene.shadows:
        turn = radians(direction)
        behind = (page[..., 0] - sx) * cos(turn) + (page[..., 1] - sy) * sin(turn)
        light = light * (1 - depth / (1 + np.exp(-np.clip(behind / soft * 4, -40, 40))))
    return np.clip(light, 0.02, 1.25)


def glare_at(camera: Camera, page: np.ndarray) -> np.ndarray:
    """Light added on top at page points, share of the full range."""
    total = np.zeros(page.shape[:-1])
    for gx, gy, radius, strength in camera.scene.glares:
        far = ((page[..., 0] - gx) ** 2 + ((page[..., 1] - gy) * 0.8) ** 2) / radius**2
        total += strength * np.exp(-(far**1.5))
    return total


def contrast_at(camera: Camera, page: np.ndarray) -> np.ndarray:
    """What is left between black ink and white paper at page points, share of the full range."""
    light, glare = light_at(camera, page), glare_at(camera, page)
    paper, ink = np.minimum(light * 0.96 + glare, 1.0), np.minimum(light * 0.10 + glare, 1.0)
    return paper**camera.scene.gamma - ink**camera.scene.gamma


def _spread(grid: np.ndarray, camera: Camera, step: int) -> np.ndarray:
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    return cv2.warpAffine(
        grid, scale, (camera.scene.width, camera.scene.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def lit(picture: np.ndarray, camera: Camera, page: np.ndarray, step: int) -> np.ndarray:
    """Multiply the light in and add the glare; `page` are the page points of every `step`-th pixel."""
    light = np.clip(light_at(camera, page)[..., None] * np.array(camera.scene.cast) * _UNIT, 0, 255)
    picture = cv2.multiply(picture, _spread(light.astype(np.uint8), camera, step), scale=1 / _UNIT)
    if camera.scene.glares:
        glare = np.clip(glare_at(camera, page) * 255, 0, 255).astype(np.uint8)
        glare = _spread(np.repeat(glare[..., None], 3, 2), camera, step)
        picture = cv2.add(picture, glare)
    return picture


def blurred(picture: np.ndarray, camera: Camera) -> np.ndarray:
    """Defocus and hand movement, in the photo's pixels as given on paper."""
    dots = camera.dots_per_mm()
    sigma = camera.scene.blur * dots
    if sigma > 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    length = camera.scene.motion[0] * dots
    if length > 1:
        picture = cv2.filter2D(picture, -1, _motion_kernel(length, camera.scene.motion[1]))
    return picture


def _motion_kernel(length: float, direction: float) -> np.ndarray:
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for along in np.linspace(-length / 2, length / 2, int(length * 4) + 2):
        x, y = half + along * cos(radians(direction)), half + along * sin(radians(direction))
        column, row = int(x), int(y)
        fx, fy = x - column, y - row
        kernel[row, column] += (1 - fx) * (1 - fy)
        kernel[row, column + 1] += fx * (1 - fy)
        kernel[row + 1, column] += (1 - fx) * fy
        kernel[row + 1, column + 1] += fx * fy
    return kernel / kernel.sum()


def blur_on_paper(camera: Camera) -> float:
    """Standard deviation of the whole blur in millimetres, mean of both directions."""
    scene = camera.scene
    return float((scene.blur**2 + scene.motion[0] ** 2 / 24) ** 0.5)


def developed(picture: np.ndarray, camera: Camera) -> np.ndarray:
    """What a phone does to a photo: sharpened edges, another tone curve."""
    scene = camera.scene
    if scene.sharpen > 0.02:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.5)
        picture = cv2.addWeighted(picture, 1 + scene.sharpen, soft, -scene.sharpen, 0)
    if abs(scene.gamma - 1) > 0.01:
        picture = cv2.LUT(picture, (255 * (np.arange(256) / 255) ** scene.gamma).astype(np.uint8))
    return picture


def noisy(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Sensor noise; one tile of noise is laid at random places."""
    tile = rng.normal(0, strength, (512, 512, 3))
    tile += cv2.resize(rng.normal(0, strength, (256, 256, 3)), (512, 512))
    tile = np.clip(np.round(tile), -127, 127).astype(np.int16)
    height, width = picture.shape[:2]
    out = np.empty_like(picture)
    for top in range(0, height, 512):
        for left in range(0, width, 512):
            part = picture[top : top + 512, left : left + 512]
            turned = np.roll(tile, (int(rng.integers(512)), int(rng.integers(512))), (0, 1))
            noise = turned[: part.shape[0], : part.shape[1]]
            out[top : top + 512, left : left + 512] = cv2.add(part, noise, dtype=cv2.CV_8U)
    return out


def moire(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The grid of a display photographed instead of paper."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    pitch, turn = float(rng.uniform(2.3, 4.2)), float(rng.uniform(0, 0.3))
    wave = np.sin((columns * cos(turn) + rows * sin(turn)) * 2 * np.pi / pitch)
    wave += np.sin((rows * cos(turn) - columns * sin(turn)) * 2 * np.pi / pitch)
    factor = (1 - 0.07 * (1 + wave / 2))[..., None]
    return np.clip(picture * factor, 0, 255).astype(np.uint8)
