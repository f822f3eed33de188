"""While the database is away every page says so in words and asks to come back (sec-R10), whoever asks for it."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from sqlalchemy.exc import OperationalError

from portal.models import db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import leaf_of, link_of


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it and nobody gets a connection any more."""

    def refuse(*_: object) -> NoReturn:
        raise OperationalError("connect", {}, Exception("the database is away"))

    def begin() -> None:
        db.session.remove()
        monkeypatch.setattr(db.engine.pool, "connect", refuse)

    return begin


@pytest.mark.parametrize("role", [None, Role.TEACHER, Role.REGISTRAR, Role.PARENT])
def test_every_page_says_that_it_will_be_back(make: Make, browser: Browser, away: Any, role: Role | None) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    link = link_of(leaf_of(sheet))
    if role == Role.PARENT:
        browser.sign_in(make.guardian(sheet.pupil).login, PASSWORD)
    elif role is not None:
        place = sheet.class_ if role == Role.TEACHER else sheet.school
        browser.sign_in(make.user(role, place).login, PASSWORD)
    away()
    for part in (False, True):
        pages = [browser.get(address, 503, part=part) for address in (f"/s/{link}", "/health")]
        pages.append(browser.post(f"/s/{link}/photo", {"any": "thing"}, 503, part=part))
        assert {page.answer.headers.get("Retry-After") for page in pages} == {"5"}
        assert part or {page.h1 for page in pages} == {"现在人太多，请过一会儿再来"}
