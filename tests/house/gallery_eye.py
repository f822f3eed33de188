"""Looks at one screen in a browser the way different people would, and says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask, url_for
from flask.testing import FlaskClient

from portal.web.guard import TOKEN_NAME, WAITING_NAME
from tests.house import gallery_security
from tests.house.gallery_screens import Screen
from tests.house.gallery_world import World
from tests.house.test_look import PRESSED, SMALL_TARGETS
from tests.pages import Page, faults_of

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
HEIGHT = 800
AXE = """options => axe.run(document, options).then(found =>
  found.violations.map(v => [v.id, v.nodes.slice(0, 4).map(node => node.html.slice(0, 120))]))"""
#: a bar at the foot covers what is below it until one scrolls
FOOT = "document.querySelectorAll('.footbar').forEach(bar => bar.style.position = 'static')"
#: Chinese outside what is data (lang=zh), in texts and in the attributes that people see or hear
CHINESE = """() => {
  const chinese = /[\\u4e00-\\u9fff]/, found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let n = walk.nextNode(); n; n = walk.nextNode())
    if (chinese.test(n.data) && !n.parentElement.closest('[lang^=zh], script')) found.push(n.data.trim().slice(0, 60))
  for (const e of document.querySelectorAll('[alt], [title], [aria-label], [placeholder]'))
    for (const name of ['alt', 'title', 'aria-label', 'placeholder']) {
      const said = e.getAttribute(name) || ''
      if (chinese.test(said) && !e.closest('[lang^=zh]')) found.push(said.slice(0, 60))
    }
  if (chinese.test(document.title)) found.push(document.title)
  return found }"""
#: as without scripts, and although the browser would ask for what is missing
SUBMIT = """button => {
  const {name, value} = button
  if (name) button.form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}))
  HTMLFormElement.prototype.submit.call(button.form) }"""
#: by how many pixels the page scrolls sideways, and what is cut by the box it stands in; a .scroll may be moved
WIDE = """() => {
  const page = document.documentElement
  const cut = [...document.querySelectorAll('main *, header *, footer *')].filter(e => e.scrollWidth > e.clientWidth + 1
    && !e.closest('.words-only, svg, input, select, textarea') && /hidden|clip/.test(getComputedStyle(e).overflowX))
  return [page.scrollWidth - page.clientWidth, cut.slice(0, 4).map(e => e.outerHTML.slice(0, 100))] }"""
LARGE = "on => document.documentElement.classList.toggle('large', on)"


class Eye:
    """One browser page for all screens: the person changes with the cookie, the width without a new load."""

    def __init__(self, app: Flask, world: World, browser: Any, address: str, pictures: Path | None = None) -> None:
        self.app, self.world, self.address, self.pictures = app, world, address, pictures
        self.context = browser.new_context(viewport={"width": 360, "height": HEIGHT}, bypass_csp=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.tokens: dict[str, str] = {}

    def faults(self, screen: Screen) -> list[str]:
        """Everything that is wrong with one screen, in both languages."""
        return [f"{screen.name}: {fault}" for fault in self._faults(screen)]

    def _faults(self, screen: Screen) -> Iterator[str]:
        if screen.is_looked_at or self.pictures:
            status = self._open(screen, "zh")
            if status not in screen.statuses:
                yield f"answers {status}"
                return
            yield from self._in_chinese(screen)
        else:
            yield from self._read(screen, "zh")
        if screen.is_first or screen.is_long or self.pictures:
            yield from self._in_english(screen)
        elif not screen.is_filled:
            yield from self._read(screen, "en")

    def _in_chinese(self, screen: Screen) -> Iterator[str]:
        if screen.is_first or not screen.is_long:
            yield from self._axe_finds(screen)
        if screen.is_for_phones:
            yield from (f"low target {html}" for html in self.page.evaluate(SMALL_TARGETS, PRESSED))
        self._keep(screen, "360")
        for width in (768, 1280) if screen.is_first or self.pictures else ():
            yield from self._at(width)
            self._keep(screen, str(width))
        self.page.evaluate(LARGE, True)
        yield from self._at(320, "in large type ")
        self._keep(screen, "320-large")

    def _axe_finds(self, screen: Screen) -> Iterator[str]:
        self.page.evaluate(FOOT)
        self.page.evaluate(AXE_SCRIPT)
        contrast = {"enabled": screen.is_first or self.pictures is not None}
        yield from self._axe({"runOnly": RULES, "rules": {"color-contrast": contrast}})
        if screen.is_first:
            self.page.emulate_media(color_scheme="dark")
            yield from self._axe({"runOnly": ["color-contrast"]}, "dark ")
            self._keep(screen, "360-dark")
            self.page.emulate_media(color_scheme="light")

    def _in_english(self, screen: Screen) -> Iterator[str]:
        self._open(screen, "en", 320)
        yield from (f"untranslated {text!r}" for text in self.page.evaluate(CHINESE))
        yield from self._at(320, "in English ")
        self._keep(screen, "320-en")
        self.page.evaluate(LARGE, True)
        yield from self._at(320, "large in English ")

    def _read(self, screen: Screen, language: str) -> Iterator[str]:
        """The words and the make of a screen whose look is known from another row, without a browser."""
        client = self.client(screen.who, language)
        page = Page(client.get(self.address_of(screen).removeprefix(self.address), follow_redirects=True))
        if page.status not in screen.statuses:
            yield f"answers {page.status} in {language}"
        yield from faults_of(page)

    def client(self, who: str, language: str = "zh") -> FlaskClient:
        """A person without a browser."""
        client = self.app.test_client()
        client.set_cookie("portal", self._cookie(who, language))
        return client

    def _open(self, screen: Screen, language: str, width: int = 360) -> int:
        """Open the screen as its person and bring it into its state; the status of the last answer."""
        self._be(screen.who, language)
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        with gallery_security.guessed(self.app, screen.guessed), self._without_work(screen.guessed):
            return self._brought(screen)

    @contextmanager
    def _without_work(self, held: bool) -> Iterator[None]:
        """The script that works and goes on by itself stays away: the page would be gone before it is looked at."""
        if held:
            self.page.route("**/code.*", lambda route: route.abort())
        yield
        if held:
            self.page.unroute("**/code.*")

    def _brought(self, screen: Screen) -> int:
        answer = self.page.goto(self.address_of(screen))
        for place, text in screen.fill.items():
            typed = self.world.things[text[1:]] if text[:1] == "@" else text
            self.page.locator(place).first.fill(typed)
        if screen.press:
            with self.page.expect_navigation() as sent:
                self.page.locator(screen.press).first.evaluate(SUBMIT)
            answer = sent.value
        return int(answer.status)

    def address_of(self, screen: Screen) -> str:
        """The address with the ids of the world."""
        known = self.world.things
        values = {name: known.get(thing, thing) if _is_named(name) else thing for name, thing in screen.things.items()}
        pairs = [pair.partition("=") for pair in screen.query.split("&") if pair]
        asked = urlencode([(name, known[text[1:]] if text[:1] == "@" else text) for name, _, text in pairs])
        with self.app.test_request_context():
            return self.address + url_for(screen.endpoint, **values) + (f"?{asked}" if asked else "")

    def _be(self, who: str, language: str) -> None:
        """Put on the cookie of a person."""
        self.context.clear_cookies()
        self.context.add_cookies([{"name": "portal", "value": self._cookie(who, language), "url": self.address}])

    def _cookie(self, who: str, language: str) -> str:
        """The cookie of a person; the sign-in is made at the first time."""
        if who and who not in self.tokens:
            with self.app.app_context():
                self.tokens[who] = self.world.sign_in(who)
        signed_in = {TOKEN_NAME: self.tokens[who], "_fresh": True} if who else {}
        family = self.world.session if not who or who.startswith("parent") else {}
        held = {"language": language} | family | signed_in
        if not who:  # the second page of a sign-in is for who has just given the password
            with self.app.app_context():
                held[WAITING_NAME] = gallery_security.wait(self.world)
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(signer.dumps(held))

    def _axe(self, rules: dict[str, Any], how: str = "") -> Iterator[str]:
        for rule, nodes in self.page.evaluate(AXE, rules | {"resultTypes": ["violations"]}):
            yield f"{how}{rule} {nodes}"

    def _at(self, width: int, how: str = "") -> Iterator[str]:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        wide, cut = self.page.evaluate(WIDE)
        if wide > 0:
            yield f"{how}scrolls sideways by {wide} px at {width}"
        yield from (f"{how}cut at {width}: {html}" for html in cut)

    def _keep(self, screen: Screen, look: str) -> None:
        if self.pictures:
            name = re.sub(r"[^\w.-]", "", screen.name)
            self.page.screenshot(path=self.pictures / f"{name}-{look}.png", full_page=True)


def _is_named(part: str) -> bool:
    """True for the parts of an address that stand for things of the world."""
    return part.endswith("_id") or part in ("key", "receipt")
