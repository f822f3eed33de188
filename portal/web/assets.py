"""Static files: hashed addresses, cached for a year, compressed at set-up; nothing comes from another host."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

STATIC = Path(__file__).parent.parent / "static"
PICTURES = Path(__file__).parent.parent / "pictures"
PREFIX = "/static/"
#: heads of files, which never come past the application (sec 2.7)
_HEADS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OWN = (".css", ".js", ".svg", ".png", ".ico")


class AssetsMissing(RuntimeError):
    """Set-up has not fetched the browser files yet."""


class Assets:
    """Addresses `/static/NAME.HASH.EXT`: own files of `static/`, the pictures of the guides, and what set-up fetched
    into `static/vendor/`."""

    def __init__(self, root: Path = STATIC) -> None:
        self.files: dict[str, Path] = {}
        fetched = root / "vendor" / "fetched.json"
        if not fetched.exists():
            raise AssetsMissing("portal/static/vendor is empty: run `make set-up` once")
        for name, hashed in json.loads(fetched.read_text()).items():
            self.files[name] = root / "vendor" / hashed
        for path in sorted([*root.iterdir(), *PICTURES.glob("*.png")]):
            if path.suffix in OWN:
                self.files[path.name] = self._compressed(root, path)

    @staticmethod
    def _compressed(root: Path, path: Path) -> Path:
        """The copy that set-up compressed, unless the file has changed since."""
        copy = root / "vendor" / f"{path.stem}.{_mark(path)}{path.suffix}"
        return copy if copy.exists() else path

    def url(self, name: str) -> str:
        """The address of a file; raises KeyError for a file that is not there."""
        path = self.files[name]
        if path.parent.name == "vendor":
            return PREFIX + path.name
        return f"{PREFIX}{path.stem}.{_mark(path)}{path.suffix}"


def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _add_heads(heads: Headers, _path: str, _url: str) -> None:
    for name, value in _HEADS.items():
        heads[name] = value


def init(app: Flask) -> None:
    """Serve the files before Flask sees the request; give templates their addresses and the icons."""
    assets = Assets()
    addresses = {name: assets.url(name) for name in assets.files}
    app.extensions["portal.static_url"] = addresses.__getitem__
    white = WhiteNoise(
        app.wsgi_app,
        max_age=31536000,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_add_heads,
    )
    for name, address in addresses.items():
        white.add_file_to_dictionary(address, str(assets.files[name]))
    app.wsgi_app = white  # type: ignore[method-assign]
    app.jinja_env.globals["icons"] = json.loads((STATIC / "vendor" / "icons.json").read_text())
