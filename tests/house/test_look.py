"""The components in a real browser: contrast and names (axe), no sideways scrolling, targets for thumbs, no errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.house import gallery

pytestmark = pytest.mark.journey

#: things to press that are lower than 44 px; links inside a sentence are as high as their line (WCAG 2.5.8)
PRESSED = "button, select, input:not([type=hidden]), a.button, a.link, .tabs a"
SMALL_TARGETS = """pressed => [...document.querySelectorAll(pressed)]
  .filter(e => e.offsetParent && !e.closest('label.choice, .words-only') && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with gallery.chromium() as found:
        yield found


@contextmanager
def served(language: str, large: bool = False) -> Iterator[str]:
    server, at = gallery.serve(gallery.build(language, large))
    yield at
    server.shutdown()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served("zh") as at:
        yield at


def visit(page: Any, address: str, name: str) -> None:
    answer = page.goto(f"{address}/{name}")
    assert answer.ok, f"{name}: {answer.status}"


@pytest.mark.parametrize(("language", "large"), [("zh", True), ("en", False)])
def test_no_sideways_scrolling_at_320(browser: Any, language: str, large: bool) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    widths = {}
    with served(language, large) as at:
        for name in gallery.names():
            visit(page, at, name)
            widths[name] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert {name: width for name, width in widths.items() if width > 320} == {}


def test_targets_are_made_for_thumbs(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    small = {}
    for name in gallery.names():
        visit(page, address, name)
        small[name] = page.evaluate(SMALL_TARGETS, PRESSED)
    page.close()
    assert {name: found for name, found in small.items() if found} == {}


def test_axe_finds_nothing(browser: Any, address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # The policy refuses scripts that are not files, axe's included.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page, axe, found = context.new_page(), Axe(), {}
    rules = {"light": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "dark": ["color-contrast"]}
    for name in gallery.names():
        visit(page, address, name)
        for scheme, asked in rules.items():
            page.emulate_media(color_scheme=scheme)
            result = axe.run(page, options={"runOnly": asked}).response
            found[name, scheme] = [(v["id"], [n["html"][:100] for n in v["nodes"]]) for v in result["violations"]]
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_pages_keep_to_their_own_policy(browser: Any, address: str) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in gallery.names():
        visit(page, address, name)
    page.close()
    assert said == []


def test_htmx_keeps_to_our_rules(browser: Any, address: str) -> None:
    page = browser.new_page()
    visit(page, address, "c1")
    config = page.evaluate("[htmx.config.allowEval, htmx.config.historyCacheSize, htmx.config.includeIndicatorStyles]")
    assert config == [False, 0, False]
    assert page.evaluate("document.activeElement.hasAttribute('data-errors')"), "errors take the focus"
    page.close()


def test_keys_walk_a_queue(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    visit(page, address, "d4")
    page.keyboard.press("j")
    assert page.evaluate("[...document.querySelectorAll('[data-walk] a')].indexOf(document.activeElement)") == 1
    page.keyboard.press("k")
    assert page.evaluate("[...document.querySelectorAll('[data-walk] a')].indexOf(document.activeElement)") == 0
    page.close()


def test_a_refusal_is_said_beside_the_page(browser: Any, address: str) -> None:
    page = browser.new_page()
    visit(page, address, "d1")
    headers = {"Content-Type": "text/html", "HX-Retarget": "#live", "HX-Reswap": "innerHTML"}
    page.route("**/refused", lambda route: route.fulfill(status=403, headers=headers, body="<p>Not yours.</p>"))
    page.route("**/broken", lambda route: route.fulfill(status=500, body="<h1>trace</h1>"))
    page.evaluate("htmx.ajax('POST', '/refused', {target: 'h1'})")
    page.wait_for_selector("#live:has-text('Not yours.')")
    page.evaluate("htmx.ajax('POST', '/broken', {target: 'h1'})")
    page.wait_for_selector("#live:has-text('没有做成')")
    assert page.text_content("h1") == "本轮要做的事"
    page.close()
