"""A photo of a document, not of a sheet: decoded in the child process and given back upright, bounded and bare."""

from __future__ import annotations

from typing import Any

from portal.paper import crops, photo
from portal.paper.photo import PhotoRefused


def entry(payload: bytes, _args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """{"reason": None} and one JPEG of at most `crops.UPRIGHT_SIDE` pixels that holds nothing but them; or the reason
    (a code of `reasons.py`) and nothing. Never raises (sec-U22, sec-U23)."""
    try:
        picture = crops.upright(photo.decode(payload).pixels)
    except PhotoRefused as refused:
        return {"reason": refused.reason}, []
    except Exception:  # a stranger's picture may hit any corner of three libraries
        return {"reason": "broken"}, []
    return {"reason": None}, [picture]
