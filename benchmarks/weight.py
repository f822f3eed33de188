"""What the pages of a family weigh over the wire: `python -m benchmarks.weight [--json]`.

A demo with one printed class behind the real server; a phone with an empty cache opens what the QR says and then walks
the whole parent path with what its cache has kept. Counted is everything that comes back, compressed and with its
headers: page, stylesheet, scripts, icons, pictures. Prints kilobytes (1,000 bytes): the first page, the largest later
one, each page, and the parent screens that the walk does not reach (then the benchmark fails).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import waitress.server
from flask import Flask

from benchmarks import weight_path
from benchmarks.weight_path import Family
from tests.house.gallery import chromium

ROOT = Path(__file__).parents[1]
FIRST_PAGE_KB, LATER_PAGE_KB = 60, 15
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


@contextmanager
def served() -> Iterator[tuple[Flask, str]]:
    """The address of the server of an empty application in a folder of its own; static files as set-up leaves them."""
    from portal import create_app
    from portal.settings import Settings

    os.environ["PORTAL_TRIAL"] = "1"
    subprocess.run([sys.executable, str(ROOT / "scripts/browser_assets.py"), "own"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var=folder, storage_url=f"file://{Path(folder) / 'uploads'}", trial=True)
        app = create_app(settings)
        server = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        yield app, f"http://127.0.0.1:{server.effective_port}"
        server.close()
        app.extensions["portal.readers"].close()


class Scale:
    """Weighs what a browser page receives over the wire; what its cache held weighs nothing."""

    def __init__(self, page: Any) -> None:
        self.page, self.parts, self._kept = page, {}, set()
        self._addresses: dict[str, str] = {}
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.requestServedFromCache", lambda event: self._kept.add(event["requestId"]))
        wire.on("Network.responseReceived", self._answered)
        wire.on("Network.loadingFinished", self._finished)

    def _answered(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]
        if event["response"].get("fromDiskCache"):
            self._kept.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        known = event["requestId"]
        if known not in self._kept:
            self.parts[self._addresses.get(known, known)] = int(event["encodedDataLength"])

    def weigh(self, address: str) -> int:
        """Bytes over the wire of one page load."""
        self.parts = {}
        answer = self.page.goto(address, wait_until="networkidle")
        if not answer.ok:
            raise SystemExit(f"{address} answers {answer.status}")
        return sum(self.parts.values())

    def icon(self) -> int:
        """Bytes of the page's own icon, which a headless browser does not ask for."""
        found = self.page.evaluate("document.querySelector('link[rel=icon]')?.href")
        if not found or found in self.parts:
            return 0
        with urlopen(Request(found, headers={"Accept-Encoding": "gzip"})) as answer:
            return len(answer.read()) + len(bytes(answer.headers))


def measure(app: Flask, address: str, family: Family) -> dict[str, Any]:
    """Walk the path and weigh each page; raises SystemExit when a page does not answer."""
    pages: dict[str, float] = {}
    with chromium() as browser:
        page = browser.new_context(base_url=address, locale="zh-CN", **PHONE).new_page()
        page.set_default_timeout(30_000)
        scale = Scale(page)
        pages["parents.landing"] = _kb(scale.weigh(family.link) + scale.icon())
        for name, way in weight_path.WAYS.items():
            pages[name] = _kb(scale.weigh(way(page, family)))
    later = {name: kb for name, kb in pages.items() if name != "parents.landing"}
    return {
        "first_page_kb": pages["parents.landing"],
        "later_page_kb": max(later.values()),
        "pages": pages,
        "missing": weight_path.missing(app),
    }


def _kb(size: int) -> float:
    return round(size / 1000, 1)


def main() -> int:
    """Measure and print; 1 when a page is too heavy or not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with served() as (app, address):
        found = measure(app, address, weight_path.prepare(app))
    print(json.dumps(found, ensure_ascii=False, indent=None if args.json else 2))
    light = found["first_page_kb"] <= FIRST_PAGE_KB and found["later_page_kb"] <= LATER_PAGE_KB
    return 0 if light and not found["missing"] else 1


if __name__ == "__main__":
    sys.exit(main())
