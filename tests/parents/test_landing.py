"""The page behind the QR of page 1: whose sheet, what to do, and what a closed paper says."""

from __future__ import annotations

import pytest

from portal.models import db
from portal.rules.workflow import SheetState
from tests.make import Make
from tests.pages import Browser
from tests.photographs import arrive, leaf_of, link_of


@pytest.fixture(params=["zh", "en"])
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Browser:
    return browser.english() if request.param == "en" else browser


def test_the_printed_link_says_whose_sheet_it_is(visitor: Browser, make: Make) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
    link = link_of(leaf_of(sheet))
    page = visitor.get(f"/S/{link}")
    assert page.h1 == "林＊试"
    assert "试验市第一小学" in page.text
    assert f"/s/{link}/photo" in page.links()
    assert "010-00000000" in page.html
    assert "林小试" not in page.html
