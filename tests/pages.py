"""A client that checks every page it gets: title, one h1, labels, no duplicate ids, nothing untranslated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask, g
from werkzeug.test import TestResponse

from portal.models import db

CHINESE = re.compile(r"[\u4e00-\u9fff]")
DATA = re.compile("^zh")


class Page:
    """One answer: status, soup and short ways to what tests look at."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer, self.status = answer, answer.status_code
        self.location = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
        html = "html" in (answer.content_type or "")
        self.html = answer.get_data(as_text=True) if html else ""
        self.soup = BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        """All words of the main part, blanks folded."""
        main = self.soup.find("main") or self.soup
        return re.sub(r"\s+", " ", main.get_text(" "))

    @property
    def h1(self) -> str:
        found = self.soup.find("h1")
        return re.sub(r"\s+", " ", found.get_text(" ")).strip() if found else ""

    def all(self, css: str) -> list[Tag]:
        return list(self.soup.select(css))

    def links(self) -> list[str]:
        return [str(a["href"]) for a in self.soup.select("a[href]")]


def faults_of(page: Page) -> list[str]:
    """What is wrong with a full page; empty when nothing is."""
    soup, faults = page.soup, []
    tags = [each for each in soup.descendants if isinstance(each, Tag)]  # walked once: every page of every test is read
    if not soup.title or not soup.title.get_text(strip=True):
        faults.append("no title")
    heads = sum(tag.name == "h1" for tag in tags)
    if heads != 1:
        faults.append(f"{heads} h1")
    doubles = [i for i, n in Counter(str(tag["id"]) for tag in tags if "id" in tag.attrs).items() if n > 1]
    faults += [f"id {i} twice" for i in doubles]
    labels = {str(tag["for"]) for tag in tags if tag.name == "label" and "for" in tag.attrs}
    for tag in tags:
        faults += _faults_of_tag(tag, labels)
    if soup.html and soup.html.get("lang") == "en":
        faults += _untranslated(soup)
    return faults


def _faults_of_tag(tag: Tag, labels: set[str]) -> Iterator[str]:
    has = tag.attrs
    if tag.name in ("input", "select", "textarea") and has.get("type") not in ("hidden", "submit"):
        said = has.get("id") in labels or has.get("aria-label") or has.get("aria-labelledby")
        if not said and not tag.find_parent("label"):
            yield f"no label: {tag}"
    if tag.name == "img" and "alt" not in has:
        yield f"no alt: {tag}"
    if tag.name == "form" and "action" not in has:
        yield f"form without action: {has.get('id')}"
    yield from (f"inline {name}" for name in ("style", "onclick") if name in has)


def _untranslated(soup: BeautifulSoup) -> list[str]:
    """Chinese left on an English page, except in what is data (lang=zh) or names a language."""
    chinese = [each for each in soup.descendants if isinstance(each, NavigableString) and CHINESE.search(each)]
    return [f"untranslated: {text.strip()[:60]}" for text in chinese if not text.find_parent(lang=DATA)]


class Browser:
    """A test client with a memory of its cookies; follows nothing by itself."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def _fresh(self) -> None:
        """Nothing of the test's own context may leak into a request, nor uncommitted changes out of one."""
        for name in list(g):
            g.pop(name)
        db.session.rollback()

    def get(self, address: str, status: int = 200, part: bool = False, **options: Any) -> Page:
        self._fresh()
        headers = {"HX-Request": "true"} if part else {}
        page = Page(self.client.get(address, headers=headers, **options))
        return self._checked(page, status, part)

    def post(
        self, address: str, data: dict[str, Any] | None = None, status: int = 303, part: bool = False, **options: Any
    ) -> Page:
        self._fresh()
        headers = {"HX-Request": "true"} if part else {}
        page = Page(self.client.post(address, data=data or {}, headers=headers, **options))
        return self._checked(page, status, part)

    def _checked(self, page: Page, status: int, part: bool) -> Page:
        left = [*db.session.new, *db.session.dirty, *db.session.deleted]
        assert not left, "a view left uncommitted changes"
        db.session.rollback()
        assert page.status == status, f"{page.status} instead of {status}: {page.text[:300]} {page.location or ''}"
        if page.html and not part and page.status not in (301, 302, 303):
            faults = faults_of(page)
            assert not faults, faults
        return page

    def sign_in(self, login: str, password: str) -> Page:
        """Sign in and return the answer (a redirect)."""
        return self.post("/sign-in", {"login": login, "password": password})

    def english(self) -> Browser:
        """Switch to English."""
        self.post("/language", {"to": "en"})
        return self
