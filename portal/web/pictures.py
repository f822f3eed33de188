"""Pictures of pages and handwriting: fixed type, sandboxed, never cached, never a public address (sec-A28, sec-A30)."""

from __future__ import annotations

from werkzeug.wrappers import Response


def jpeg(data: bytes) -> Response:
    """A JPEG of our own making as an answer."""
    answer = Response(data, content_type="image/jpeg")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
