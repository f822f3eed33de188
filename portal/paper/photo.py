"""Bytes from a stranger -> an upright picture of bounded size, or `PhotoRefused` with a reason; nothing else comes out.

The type is told by content, the pixel ceilings hold before anything is decoded (sec-U1 ... sec-U27), JPEG is decoded at
the scale that is needed, and of EXIF only the orientation is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portal.paper.bounds import CEILINGS, inspect
from portal.paper.containers import Header, PhotoRefused, png_bare

# The working picture keeps its long side between these, so that every later step has a bounded cost.
WORK_LEAST, WORK_MOST, WORK_SIZE = 1750, 3500, 2100

cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass(frozen=True)
class Photo:
    """An upright colour picture (BGR, uint8) and what it was: width and height in pixels of the photo as sent."""

    pixels: np.ndarray
    width: int
    height: int
    kind: str

    @property
    def scale(self) -> float:
        """Working pixels per pixel of the photo as sent."""
        return max(self.pixels.shape[:2]) / max(self.width, self.height)


def decode(data: bytes) -> Photo:
    """Decode a photo for reading; raises PhotoRefused, never anything else."""
    header = inspect(data)
    try:
        pixels = _heic(data) if header.kind == "heic" else _coded(data, header)
    except PhotoRefused:
        raise
    except Exception as error:  # decoders of five formats raise what they like; a stranger's file must not stop us
        raise PhotoRefused("broken") from error
    pixels = _upright(_bounded(pixels), header.orientation)
    width, height = header.width, header.height
    if header.orientation >= 5:
        width, height = height, width
    return Photo(pixels, width, height, header.kind)


def _coded(data: bytes, header: Header) -> np.ndarray:
    flags = cv2.IMREAD_COLOR
    if header.kind == "jpeg":
        flags = _jpeg_scale(max(header.width, header.height))
    if header.kind == "png":
        data = png_bare(data)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise PhotoRefused("broken")
    return pixels


def _jpeg_scale(long_side: int) -> int:
    for divisor, flag in (
        (8, cv2.IMREAD_REDUCED_COLOR_8),
        (4, cv2.IMREAD_REDUCED_COLOR_4),
        (2, cv2.IMREAD_REDUCED_COLOR_2),
    ):
        if long_side >= WORK_LEAST * divisor:
            return flag
    return cv2.IMREAD_COLOR


def _heic(data: bytes) -> np.ndarray:
    import pi_heif  # 40 ms and 10 MB that only pictures of iPhones need

    picture = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    width, height = picture.size
    if width * height > CEILINGS["heic"] * 1_000_000:
        raise PhotoRefused("too_big_pixels")
    pixels = np.asarray(picture)
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    return cv2.cvtColor(np.ascontiguousarray(pixels[:, :, :3]), cv2.COLOR_RGB2BGR)


def _bounded(pixels: np.ndarray) -> np.ndarray:
    """Shrink what is larger than any later step needs; never enlarge."""
    long = max(pixels.shape[:2])
    if long <= WORK_MOST:
        return pixels
    scale = WORK_SIZE / long
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply the EXIF orientation 1 ... 8."""
    if orientation >= 5:
        pixels = cv2.transpose(pixels)
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return pixels if flip is None else cv2.flip(pixels, flip)
