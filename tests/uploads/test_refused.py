"""What is no picture we take: one clear sentence in the sender's language, and nothing is kept (sec-U1 ... sec-U27)."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.jobs.children import Children
from portal.paper import bounds
from tests.make import Make
from tests.pages import Page
from tests.uploads.doors import DOORS, Door, PileDoor
from tests.uploads.hostile import REFUSED

PARTS = 3


@pytest.fixture(params=DOORS)
def door(app: Flask, make: Make, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Door:
    """No reader is asked about what is refused."""
    made = DOORS[request.param](app, make)
    monkeypatch.setattr(Children, "call", lambda *_, **__: pytest.fail("a reader was asked"))
    return made


def said(page: Page) -> list[str]:
    return [li.get_text(" ", strip=True) for li in page.all("[data-errors] li")]


@pytest.mark.parametrize("part", range(PARTS))
def test_each_is_refused_with_one_sentence_and_nothing_is_kept(door: Door, part: int) -> None:
    for name in list(REFUSED)[part::PARTS]:
        make, reason = REFUSED[name]
        data = make()
        if isinstance(door, PileDoor) and bounds.is_scans(data):
            continue  # a pile takes files of scans
        page = door.send(data, 400)
        words = "".join(said(page))
        assert len(said(page)) == 1, name
        if reason != "too_big_file":
            assert door.words(door.refusal(reason, data)) in words, name
        assert door.is_empty(), name
