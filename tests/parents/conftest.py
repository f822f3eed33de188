"""A visitor in either language, and a sheet that has been handed out."""

from __future__ import annotations

import pytest

from portal.models import Leaf, Sheet
from portal.rules.workflow import SheetState
from tests.make import Make
from tests.pages import Browser
from tests.photographs import leaf_of, link_of


@pytest.fixture(params=["zh", "en"])
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Browser:
    """Somebody without an account."""
    return browser.english() if request.param == "en" else browser


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


@pytest.fixture
def leaf(sheet: Sheet) -> Leaf:
    return leaf_of(sheet)


@pytest.fixture
def door(leaf: Leaf) -> str:
    """The address behind the QR of page 1."""
    return f"/s/{link_of(leaf)}"
