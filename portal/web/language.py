"""Chinese by default, English complete; large type one tap away; both remembered in the browser's session."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import Babel

from portal.web import catalogue

LANGUAGES = {"zh": "zh_CN", "en": "en"}


def chosen_locale() -> str:
    """The locale of this request: chosen, else Chinese."""
    return LANGUAGES.get(session.get("language", "zh"), "zh_CN")


def is_large() -> bool:
    """True when large type has been chosen."""
    return bool(session.get("large"))


def init(app: Flask) -> None:
    """Set up flask-babel; times are shown in Shanghai."""
    catalogue.compile_if_stale()
    app.config.update(
        BABEL_DEFAULT_LOCALE="zh_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    Babel(app, locale_selector=lambda: chosen_locale() if request else "zh_CN")
