"""Handwriting as strokes: digits, letters, made-up Chinese characters, ticks, signatures; pens of several kinds."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

# Strokes in a unit square, y down.
DIGITS: dict[str, list[list[tuple[float, float]]]] = {
    "0": [[(0.5, 0), (0.1, 0.3), (0.1, 0.7), (0.5, 1), (0.9, 0.7), (0.9, 0.3), (0.5, 0)]],
    "1": [[(0.3, 0.2), (0.55, 0), (0.55, 1)]],
    "2": [[(0.1, 0.25), (0.4, 0), (0.8, 0.2), (0.7, 0.5), (0.1, 1), (0.9, 1)]],
    "3": [[(0.1, 0.1), (0.6, 0), (0.8, 0.25), (0.4, 0.45), (0.85, 0.7), (0.6, 1), (0.1, 0.9)]],
    "4": [[(0.6, 0), (0.1, 0.65), (0.9, 0.65)], [(0.65, 0.35), (0.6, 1)]],
    "5": [[(0.85, 0), (0.25, 0), (0.2, 0.45), (0.7, 0.4), (0.85, 0.7), (0.5, 1), (0.1, 0.9)]],
    "6": [[(0.7, 0), (0.2, 0.5), (0.2, 0.85), (0.6, 1), (0.8, 0.75), (0.5, 0.55), (0.2, 0.75)]],
    "7": [[(0.1, 0), (0.9, 0), (0.45, 1)]],
    "8": [[(0.8, 0.15), (0.4, 0), (0.2, 0.25), (0.75, 0.65), (0.6, 1), (0.2, 0.85), (0.45, 0.5), (0.8, 0.15)]],
    "9": [[(0.8, 0.3), (0.4, 0.5), (0.2, 0.2), (0.6, 0), (0.8, 0.3), (0.75, 0.7), (0.5, 1)]],
}  # fmt: skip
TICKS = (
    [[(0.0, 0.5), (0.35, 1.0), (1.1, -0.3)]],
    [[(0.0, 0.4), (0.3, 0.9), (1.4, -0.6)]],
    [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]],
    [[(0.1, 0.5), (0.4, 0.9), (0.9, 0.1)]],
)


@dataclass(frozen=True)
class Pen:
    """Width in millimetres, colour as BGR, cover 0-1 (how much of the paper it hides), grain 0-1 (how uneven)."""

    width: float
    colour: tuple[int, int, int]
    cover: float
    grain: float


PENS = (
    Pen(0.45, (28, 24, 24), 0.95, 0.10),  # black gel
    Pen(0.55, (30, 28, 30), 0.95, 0.08),
    Pen(0.40, (125, 55, 25), 0.90, 0.20),  # blue ballpoint
    Pen(0.35, (140, 70, 30), 0.80, 0.30),
    Pen(0.50, (150, 60, 20), 0.92, 0.12),  # blue gel
    Pen(0.45, (45, 40, 190), 0.90, 0.15),  # red
    Pen(0.50, (90, 90, 95), 0.60, 0.45),  # pencil
    Pen(0.40, (80, 80, 85), 0.50, 0.50),
    Pen(0.45, (70, 110, 30), 0.88, 0.15),  # green
    Pen(0.90, (35, 30, 30), 0.95, 0.05),  # felt tip
    Pen(0.45, (130, 40, 110), 0.90, 0.15),  # violet
    Pen(0.50, (30, 110, 225), 0.90, 0.12),  # orange
    Pen(0.45, (200, 130, 40), 0.88, 0.15),  # light blue
)
CHANCES = (0.25, 0.12, 0.17, 0.08, 0.14, 0.06, 0.06, 0.04, 0.04, 0.04, 0.0, 0.0, 0.0)
"""How often each is used where the condition does not say which."""


class Sheet:
    """A page raster being written on: `pixels` BGR, `dots` per millimetre; `ink` is the cover of all writing, 0-1."""

    def __init__(self, pixels: np.ndarray, dots: float, rng: np.random.Generator) -> None:
        self.pixels = pixels.copy()
        self.dots = dots
        self.rng = rng
        self.ink = np.zeros(pixels.shape[:2], np.float32)

    def strokes(self, lines: list[np.ndarray], pen: Pen) -> None:
        """Draw polylines given in page millimetres."""
        points = np.concatenate(lines)
        pad = pen.width + 0.5
        low = np.floor((points.min(0) - pad) * self.dots).astype(int)
        high = np.ceil((points.max(0) + pad) * self.dots).astype(int)
        low, high = np.maximum(low, 0), np.minimum(high, [self.ink.shape[1], self.ink.shape[0]])
        if (high <= low).any():
            return
        layer = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        for line in lines:
            width = max(1, round(pen.width * self.dots * float(self.rng.uniform(0.8, 1.15))))
            fixed = np.round((_smooth(line) * self.dots - low) * 16).astype(np.int32)
            cv2.polylines(layer, [fixed[:, None]], False, 255, width, cv2.LINE_AA, 4)
        cover = layer.astype(np.float32) / 255 * pen.cover
        cover *= 1 - pen.grain * self._grain(cover.shape)
        part = self.pixels[low[1] : high[1], low[0] : high[0]]
        part[:] = (part * (1 - cover[..., None]) + np.array(pen.colour, np.float32) * cover[..., None]).astype(np.uint8)
        ink = self.ink[low[1] : high[1], low[0] : high[0]]
        np.maximum(ink, cover, out=ink)

    def _grain(self, shape: tuple[int, ...]) -> np.ndarray:
        small = self.rng.random((shape[0] // 3 + 2, shape[1] // 3 + 2)).astype(np.float32)
        return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _smooth(line: np.ndarray) -> np.ndarray:
    """Catmull-Rom through the points."""
    if len(line) < 3:
        return line
    padded = np.concatenate([line[:1], line, line[-1:]])
    steps = np.linspace(0, 1, 6, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(
            0.5
            * (2 * b + (c - a) * steps + (2 * a - 5 * b + 4 * c - d) * steps**2 + (3 * b - a - 3 * c + d) * steps**3)
        )
    return np.concatenate([*parts, line[-1:]])


def _character(symbol: str, rng: np.random.Generator) -> tuple[list[list[tuple[float, float]]], float]:
    """Strokes in the unit square, and the advance in shares of the height."""
    if symbol in DIGITS:
        return DIGITS[symbol], 0.72
    if symbol in " -/:":
        return [[(0.2, 0.5), (0.8, 0.5)]] if symbol != " " else [], 0.6
    shape = np.random.default_rng(ord(symbol))
    if symbol.isascii():
        count = 2 + int(shape.integers(2))
        return [[tuple(shape.random(2)) for _ in range(3)] for _ in range(count)], 0.7
    lines: list[list[tuple[float, float]]] = []
    for _ in range(int(shape.integers(4, 10))):
        kind, x, y = shape.integers(4), shape.uniform(0.05, 0.7), shape.uniform(0.05, 0.7)
        end = {0: (0.95, y), 1: (x, 0.95), 2: (x - 0.35, y + 0.4), 3: (x + 0.35, y + 0.4)}[int(kind)]
        lines.append([(x, y), ((x + end[0]) / 2, (y + end[1]) / 2), end])
    return lines, 1.08


def write_text(sheet: Sheet, text: str, box: tuple[float, float, float, float], pen: Pen) -> None:
    """Write into a box (x, y, width, height in mm), as a hand does: sloping, uneven, sometimes over the rule."""
    rng = sheet.rng
    x, y, width, height = box
    size = float(min(rng.uniform(0.5, 0.8) * height, 6.5, rng.uniform(3.6, 6.5)))
    advances = sum(_character(symbol, rng)[1] for symbol in text)
    size = max(1.8, min(size, (width - 2.0) / max(advances, 0.7)))
    at = x + float(rng.uniform(0.6, max(0.8, min(6.0, width - advances * size - 0.8))))
    base = y + (height - size) / 2 + float(rng.normal(0, height * 0.05))
    slope, slant = float(rng.normal(0, 0.02)), float(rng.normal(0.08, 0.12))
    for symbol in text:
        lines, advance = _character(symbol, rng)
        wide = size * advance * 0.86
        drawn = []
        for line in lines:
            points = np.array(line, float) + rng.normal(0, 0.035, (len(line), 2))
            px = at + points[:, 0] * wide - (points[:, 1] - 0.5) * size * slant
            py = base + points[:, 1] * size + (px - x) * slope
            drawn.append(np.stack([px, py], 1))
        if drawn:
            sheet.strokes(drawn, pen)
        at += advance * size * float(rng.uniform(0.92, 1.08))


def tick(sheet: Sheet, box: tuple[float, float, float, float], pen: Pen) -> None:
    """Tick a printed square (x, y, width, height), mostly larger than it and not quite on it."""
    rng = sheet.rng
    x, y, width, height = box
    shape = TICKS[int(rng.integers(len(TICKS)))]
    scale = float(rng.uniform(0.9, 1.7)) * max(width, height)
    move = np.array([x + width / 2, y + height / 2]) + rng.normal(0, 0.45, 2)
    lines = [(np.array(line) - 0.5 + rng.normal(0, 0.05, (len(line), 2))) * scale + move for line in shape]
    sheet.strokes(lines, pen)


def sign(sheet: Sheet, box: tuple[float, float, float, float], pen: Pen) -> None:
    """A signature: two to four characters run together, or a flourish."""
    rng = sheet.rng
    x, y, width, height = box
    size = float(rng.uniform(0.5, 0.85)) * height
    if rng.random() < 0.6:
        text = "".join(chr(int(rng.integers(0x4E00, 0x9FA0))) for _ in range(int(rng.integers(2, 4))))
        room = min(width, size * 3.6)
        left = x + float(rng.uniform(1, max(1.5, width - room)))
        write_text(sheet, text, (left, y, min(room + 4, x + width - left), height), pen)
        return
    count, left = int(rng.integers(7, 16)), x + float(rng.uniform(2, max(2.5, width * 0.35)))
    xs = left + np.cumsum(rng.uniform(0.4, 3.2, count)) * rng.choice([1, 1, 1, -0.4], count)
    ys = y + height / 2 + rng.uniform(-0.5, 0.5, count) * size
    xs = np.clip(xs, x + 0.8, x + width - 0.8)
    sheet.strokes([np.stack([xs, ys], 1)], pen)


def scratch(sheet: Sheet, start: tuple[float, float], end: tuple[float, float], pen: Pen) -> None:
    """One wavering line, as when a printed value is struck out."""
    along = np.linspace(0, 1, 6)[:, None]
    line = np.array(start) * (1 - along) + np.array(end) * along + sheet.rng.normal(0, 0.25, (6, 2))
    sheet.strokes([line], pen)
