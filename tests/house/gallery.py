"""Pictures of every component with made-up data, for looking: `make shots` writes them to screenshots/.

The sample pages stand in samples/ and use the portal's own templates, stylesheet, filters and words.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from flask import Blueprint, Flask, Response, render_template
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from PIL import Image, ImageDraw
from werkzeug.serving import make_server

from portal.web import assets, catalogue, filters, headers
from tests.house import sample_values

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOTS = ROOT / "screenshots"
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: suffix of the file, colour scheme, language, large type, widths
LOOKS: list[tuple[str, Literal["light", "dark"], str, bool, tuple[int, ...]]] = [
    ("", "light", "zh", False, (360, 768, 1280)),
    ("-dark", "dark", "zh", False, (360, 1280)),
    ("-large", "light", "zh", True, (320, 360, 768)),
    ("-en", "light", "en", False, (320, 1280)),
]


def sample_paper() -> bytes:
    """A page with lines on it."""
    image = Image.new("RGB", (420, 594), "#fffdf8")
    draw = ImageDraw.Draw(image)
    for y in range(90, 500, 22):
        draw.line((40, y, 380, y), fill="#888")
    for x, y in ((12, 12), (384, 12), (12, 558), (384, 558)):
        draw.rectangle((x, y, x + 24, y + 24), fill="#111")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def build(language: str = "zh", large: bool = False) -> Flask:
    """A small app around the portal's templates; its addresses lead nowhere."""
    catalogue.compile_if_stale()
    app = Flask("gallery", static_folder=None, root_path=str(ROOT / "portal"))
    app.secret_key = "only for pictures"
    locale = "en" if language == "en" else "zh_CN"
    app.config.update(BABEL_DEFAULT_LOCALE=locale, BABEL_TRANSLATION_DIRECTORIES="translations")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "portal/templates"), FileSystemLoader(HERE / "samples")])
    Babel(app)
    CSRFProtect(app)
    for part in (filters, assets):
        part.init(app)
    headers.init(app, https=False)
    web = Blueprint("web", __name__)
    for name in ("home", "language", "large", "sign_out", "wrong"):
        web.add_url_rule(f"/-/{name}", name, lambda: "", methods=["GET", "POST"])
    app.register_blueprint(web)
    static_url = app.extensions["portal.static_url"]

    @app.get("/<name>")
    def show(name: str) -> str:
        template = f"errors/{name}.html" if name.isdigit() else f"{name}.html"
        values = sample_values.around(name) | sample_values.inside()
        return render_template(template, language=language, large=large, static_url=static_url, **values)

    @app.get("/sample.png")
    def paper() -> Response:
        return Response(sample_paper(), mimetype="image/png")

    return app


def names() -> list[str]:
    """The sample pages."""
    return sorted(path.stem for path in (HERE / "samples").glob("*.html")) + ["404"]


def serve(app: Flask) -> tuple[Any, str]:
    """Serve in the background; returns the server and its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, shut down at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield browser
        browser.close()


def shoot(only: list[str]) -> None:
    SHOTS.mkdir(exist_ok=True)
    with chromium() as browser:
        for suffix, scheme, language, large, widths in LOOKS:
            server, address = serve(build(language, large))
            for width in widths:
                page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                for name in only or names():
                    page.goto(f"{address}/{name}")
                    page.screenshot(path=SHOTS / f"{name}-{width}{suffix}.png", full_page=True)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > width:
                        sys.stderr.write(f"{name} {width}{suffix}: {wide - width} px too wide\n")
                page.close()
            server.shutdown()


if __name__ == "__main__":
    shoot(sys.argv[1:])
