"""A class teacher who is signed in, in either language, and sheets of the class."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.models import Place, Sheet
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import arrive, leaf_of


@pytest.fixture
def class_(make: Make) -> Place:
    make.round()
    return make.class_()


@pytest.fixture(params=["zh", "en"])
def teacher(browser: Browser, make: Make, class_: Place, request: pytest.FixtureRequest) -> Browser:
    browser.sign_in(make.user(Role.TEACHER, class_).login, PASSWORD)
    return browser.english() if request.param == "en" else browser


@pytest.fixture
def staff(app: object, make: Make, class_: Place) -> Callable[..., Browser]:
    """Somebody else, signed in: staff(role, place)."""

    def sign_in(role: Role, place: Place | None = None) -> Browser:
        browser = Browser(app)
        make.let_in(role)
        browser.sign_in(make.user(role, place or make.school()).login, PASSWORD)
        return browser

    return sign_in


@pytest.fixture
def received(make: Make, class_: Place) -> Callable[..., Sheet]:
    """A sheet of the class whose photo was read: received(**what the reader saw)."""

    def one(**facts: object) -> Sheet:
        sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
        arrive(sheet, leaf_of(sheet), **facts)
        return sheet

    return one
