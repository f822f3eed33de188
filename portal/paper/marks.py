"""Draws the six marks and the QR as rectangles: exact at every resolution, one fill each so that no seam shows."""

import json
from functools import cache
from pathlib import Path

import zxingcpp

MODULES = 7
"""Modules along a mark's side: 5 x 5 bits and a black border."""


@cache
def _bits() -> tuple[int, ...]:
    """The 25 bits of each mark of ArUco 5x5_1000, row by row from the top left, white is 1."""
    path = Path(__file__).parent / "marks_5x5_1000.json"
    return tuple(json.loads(path.read_text(encoding="ascii")))


@cache
def mark_path(mark: int) -> str:
    """The mark as a path in modules, origin bottom left: the black square with its white runs as holes (fill f*)."""
    rows = [(_bits()[mark] >> 5 * (4 - row) & 31) for row in range(5)]
    holes = []
    for row, bits in enumerate(rows):
        white = [bool(bits >> (4 - column) & 1) for column in range(5)]
        holes += [f"{start + 1} {5 - row} {length} 1 re" for start, length in _runs(white)]
    return f"0 0 {MODULES} {MODULES} re {' '.join(holes)} f*"


def qr_path(text: str) -> tuple[str, int]:
    """A QR at level M as a path in modules, origin bottom left, and its modules along a side, without quiet zone."""
    image = memoryview(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(
            scale=1, add_quiet_zones=False
        )
    )
    side = image.shape[0]
    signs = image.tobytes()
    rectangles = []
    for row in range(side):
        black = [value == 0 for value in signs[row * side : (row + 1) * side]]
        rectangles += [f"{start} {side - 1 - row} {length} 1 re" for start, length in _runs(black)]
    return " ".join(rectangles) + " f", side


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """(start, length) of the runs of True."""
    runs = []
    start = None
    for at, is_set in enumerate([*row, False]):
        if is_set and start is None:
            start = at
        elif not is_set and start is not None:
            runs.append((start, at - start))
            start = None
    return runs
