"""Addresses of static files and outlines of icons, as the set-up left them in static/vendor/."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

STATIC = Path(__file__).resolve().parent.parent / "static"
DIGITS = 12
HASHED = re.compile(rf"\.[0-9a-f]{{{DIGITS}}}\.\w+$")

Outlines = dict[str, list[tuple[str, str]]]


class AssetsMissing(Exception):
    """The browser files were not made ready; the text says how to do that."""


class Assets:
    """The files below `folder`, served under `prefix`; names in templates never carry a hash."""

    def __init__(self, folder: Path = STATIC, prefix: str = "/static/") -> None:
        self.folder = folder
        self.prefix = prefix
        self.url = lru_cache(maxsize=None)(self._url)

    def _list(self, name: str) -> dict:
        try:
            return json.loads((self.folder / "vendor" / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise AssetsMissing(f"static/vendor/{name} is missing: run `make set-up`") from None

    def icons(self) -> Outlines:
        """Per icon its paths as (outline, fill rule), in a box of 16 x 16."""
        return self._list("icons.json")

    def _url(self, name: str) -> str:
        """The address of a file, changing with its content so that browsers may keep it for ever.

        Own files edited since the last set-up are served by their plain name with the hash behind it.
        """
        own = self.folder / name
        if not own.exists():
            return self.prefix + "vendor/" + self._list("fetched.json")[name]
        digest = hashlib.sha256(own.read_bytes()).hexdigest()[:DIGITS]
        stem, _, extension = name.rpartition(".")
        hashed = f"vendor/{stem}.{digest}.{extension}"
        return self.prefix + (hashed if (self.folder / hashed).exists() else f"{name}?v={digest}")


def _headers(headers: dict, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init(app: Flask) -> None:
    """Serve static/ before the app sees the request, compressed where set-up left a sibling; give templates
    `static_url` and `icons`. Raises `AssetsMissing`."""
    files = Assets()
    app.extensions["portal.static_url"] = files.url
    app.jinja_env.globals.update(static_url=files.url, icons=files.icons())
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(files.folder),
        prefix=files.prefix,
        immutable_file_test=lambda _path, url: bool(HASHED.search(url)),
        add_headers_function=_headers,
        allow_all_origins=False,
    )
