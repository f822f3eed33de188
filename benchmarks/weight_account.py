"""The screens of a family with an account, for `benchmarks.weight`: claimed with the code of page 2, checked group by
group, each at its heaviest (the longest list open, a document photographed)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PHONE, PASSWORD = "15499900001", "four quiet horses"


def claim(page: Any, code: str) -> str:
    """Type the code; the address of the claim behind it."""
    page.goto("/r")
    page.locator("#code").fill(code)
    page.locator("main form button.main").click()
    page.wait_for_url("**/c/*")
    return f"{page.url}/claim"


def _claimed(page: Any, answer: str) -> str:
    """Fill the form that the last screen showed; home."""
    page.locator("#answer").fill(answer)
    page.locator("#relation").select_option("52")
    page.locator("#phone").fill(PHONE)
    page.locator("#password").fill(PASSWORD)
    page.locator("#agreed").check()
    page.locator("main form button.main").click()
    page.wait_for_url("**/home")
    return "/home"


def _child(page: Any) -> str:
    """The address of the only child's home, out of its first link."""
    page.goto("/home")
    return str(page.locator("a[href$='/leave']").first.get_attribute("href")).removesuffix("/leave")


def _document(page: Any) -> str:
    """A changed name needs a document; one photo of it has been sent."""
    child = _child(page)
    page.goto(f"{child}/check/basic?item=name")
    page.locator("#f-name").fill("林小验")
    page.locator("#row-name button.main").click()
    page.locator("#row-name .chip").wait_for()
    page.goto(f"{child}/documents/name")
    made = page.screenshot(type="jpeg")
    page.locator("input[type=file]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made})
    page.locator("main img").wait_for()
    return f"{child}/documents/name"


#: endpoint -> (page, answer to the question) -> address; in the order of a family
WAYS: dict[str, Callable[[Any, str], str]] = {
    "parents.home": _claimed,
    "parents.child": lambda page, answer: _child(page),
    "parents.check": lambda page, answer: f"{_child(page)}/check",
    "parents.check_group": lambda page, answer: f"{_child(page)}/check/basic?item=nationality",
    "parents.document": lambda page, answer: _document(page),
    "parents.check_done": lambda page, answer: f"{_child(page)}/check/done",
    "parents.leaving": lambda page, answer: f"{_child(page)}/leave",
}
