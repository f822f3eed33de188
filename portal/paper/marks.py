"""Draws the six marks and the QR as rectangles: exact at every resolution, one fill each so that no seam shows."""

import json
import re
from functools import cache
from math import isqrt
from pathlib import Path
from typing import Any, cast

import zxingcpp

MODULES = 7
"""Modules along a mark's side: 5 x 5 bits and a black border."""

_BLACK = re.compile(rb"\0+")


@cache
def _bits() -> tuple[int, ...]:
    """The 25 bits of each mark of ArUco 5x5_1000, row by row from the top left, white is 1."""
    path = Path(__file__).parent / "marks_5x5_1000.json"
    return tuple(json.loads(path.read_text(encoding="ascii")))


@cache
def mark_path(mark: int) -> str:
    """The mark as a path in modules, origin bottom left: its black runs row by row, filled at once."""
    bits = _bits()[mark]
    inner = (bytes(255 * (bits >> 5 * (4 - row) + 4 - column & 1) for column in range(5)) for row in range(5))
    rows = [bytes(MODULES), *(b"\0" + row + b"\0" for row in inner), bytes(MODULES)]
    return _path(b"".join(rows), MODULES)


def qr_path(text: str) -> tuple[str, int]:
    """A QR at level M as a path in modules, origin bottom left, and its modules along a side, without quiet zone."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = bytes(cast(Any, barcode.to_image(scale=1, add_quiet_zones=False)))
    side = isqrt(len(modules))
    return _path(modules, side), side


def _path(modules: bytes, side: int) -> str:
    """The black (0) modules of a square picture as rectangles, and the fill; eight modules at a time, remembered."""
    pieces = [_piece(side, at, modules[at : at + 8]) for at in range(0, side * side, 8)]
    return "".join(pieces) + "f"


@cache
def _piece(side: int, first: int, modules: bytes) -> str:
    """Runs of black among up to eight modules that start at number `first`; a picture has few hundred such pieces."""
    drawn = []
    for row in range(first // side, (first + len(modules) - 1) // side + 1):
        start = max(first, row * side)
        end = min(first + len(modules), (row + 1) * side)
        for run in _BLACK.finditer(modules, start - first, end - first):
            column = run.start() + first - row * side
            drawn.append(f"{column} {side - 1 - row} {run.end() - run.start()} 1 re\n")
    return "".join(drawn)
