"""Ids and numbers that no page makes end in an answer, never in a trace."""

from __future__ import annotations

import pytest

from portal.rules.roles import Role
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.mark.parametrize("text", ["x", "x" * 32, "x" * 36])
def test_tick_that_is_no_id_does_not_exist(browser: Browser, make: Make, text: str) -> None:
    make.round()
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    for address in ("/staff/queue/pass", "/staff/queue/verify"):
        assert browser.post(address, {"sheet": text}, status=404).h1


def test_page_without_end_of_a_list_is_empty(browser: Browser, make: Make) -> None:
    make.round()
    county = make.county()
    browser.sign_in(make.user(Role.REGISTRAR, county).login, PASSWORD)
    assert browser.get(f"/staff/figures/{county.id}/expected?page={10**30}").h1
