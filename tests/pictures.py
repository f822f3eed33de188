"""Small pictures for tests that need a photo but not its content."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image


@cache
def small_jpeg(shade: int = 0) -> bytes:
    """A plain grey JPEG; each shade is other bytes."""
    out = BytesIO()
    Image.new("L", (640, 900), 200 - shade).save(out, "JPEG")
    return out.getvalue()
