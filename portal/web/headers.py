"""Security headers on every answer, whatever its status (sec 2.7)."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


def init(app: Flask, https: bool) -> None:
    """Add the headers after every request."""

    @app.after_request
    def add(answer: Response) -> Response:
        for name, value in FIXED.items():
            answer.headers.setdefault(name, value)
        if https:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "no-store" not in answer.headers.get("Cache-Control", ""):  # files sent by Flask say no-cache
            answer.headers["Cache-Control"] = "no-store"
        answer.vary.add("Cookie")
        if request.method == "POST" and request.endpoint == "web.sign_out":
            answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer
