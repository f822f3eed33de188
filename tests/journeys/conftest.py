"""A served application with its worker, and browsers of a phone and a desk that look at each page they see."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from portal import create_app
from portal.models import set_writing
from portal.services.work import make_worker
from portal.settings import Settings
from tests.serving import served
from tests.standing import COMPILED

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
PICTURES = Path(__file__).parents[2] / "screenshots"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The address is known before the sheets are printed, because it is printed on them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return replace(settings, base_url=f"http://127.0.0.1:{port}")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application as it is served: with its tokens."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    set_writing(True)  # a page read by the test before may have left it off
    with app.app_context():
        yield app
    app.extensions["portal.readers"].close()


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """The address of a running server; a worker runs beside it."""
    port = int(settings.base_url.rsplit(":", 1)[1])
    stop = threading.Event()
    worker = threading.Thread(target=make_worker(app).run, args=[stop], daemon=True)
    worker.start()
    with served(app, host="127.0.0.1", port=port, threads=4):
        yield settings.base_url
    stop.set()
    app.extensions["portal.readers"].close()  # nobody waits for what is still read
    worker.join(timeout=20)


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright_: Playwright) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no Chromium: `make set-up-test` installs it")
    browser = playwright_.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a page of a new person: `opened("phone")` or `opened("desk")`; a complaint of the browser fails."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(device: str = "desk", scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=address, java_script_enabled=scripts, locale="zh-CN", **(PHONE if device == "phone" else DESK)
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None
        )
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of what is seen, and hold every screen to its width."""
    PICTURES.mkdir(exist_ok=True)

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} scrolls sideways by {wide} px"

    return shoot
