"""What all screens share: guard, pages, errors, language, pictures, headers."""

from __future__ import annotations

from flask import Flask, request
from flask_compress import Compress
from flask_htmx import HTMX
from flask_wtf.csrf import CSRFProtect

from portal.services import transactions
from portal.settings import Settings
from portal.web import (  # noqa: F401 - the screens of questions and posts register themselves
    account,
    address,
    assets,
    device,
    errors,
    filters,
    guard,
    guides,
    headers,
    language,
    logs,
    origin,
    page,
    posts,
    questions,
    second,
    security,
    see_more,
    wrong,
)
from portal.web.guard import refuse_views_without_action

__all__ = ["init", "refuse_views_without_action"]


def init(app: Flask, settings: Settings) -> None:
    """Everything a screen relies on, in the order of a request."""
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-portal" if settings.https else "portal",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=["text/html", "text/css", "application/javascript", "image/svg+xml"],
    )
    if settings.https:
        app.wsgi_app = address.behind_proxy(app.wsgi_app)  # type: ignore[method-assign]
        app.config["TRUSTED_HOSTS"] = [settings.base_url.removeprefix("https://").split("/")[0].split(":")[0]]

    logs.init(app)

    @app.before_request
    def read_or_write() -> None:
        transactions.only_read(request.method in ("GET", "HEAD", "OPTIONS"))

    origin.init(app, settings)
    guard.manager.init_app(app)
    guard.manager.session_protection = None
    CSRFProtect(app)
    app.before_request(lambda: guard.before_request(app))
    for part in (language, errors, filters, assets, page, guides):
        part.init(app)
    headers.init(app, settings.https)
    device.init(app)
    HTMX(app)
    Compress(app)
    app.register_blueprint(account.screens)
