"""Typed X, wrote Y: told on the page after the photo and at home, to the claimed family and to nobody else."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.models import Guardianship, Leaf, Sheet, User, db
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.photographs import arrive, leaf_of, link_of
from tests.services.test_family_check import Family

TYPED = "15400001234"


@pytest.fixture
def family(make: Make, sheet: Sheet) -> Family:
    """Has typed a telephone number and nothing else."""
    found = Family(make, sheet)
    found.save("phone", TYPED)
    return found


def signed_in(browser: Browser, family: Family) -> Browser:
    user = db.session.get_one(User, family.actor.user_id)
    browser.sign_in(user.phone or "", PASSWORD)
    return browser


@pytest.fixture
def at_home(visitor: Browser, family: Family) -> Browser:
    """That family, in either language."""
    return signed_in(visitor, family)


def left(page: Page) -> list[str]:
    """What the form would leave to the paper."""
    return [str(field["value"]) for field in page.all("form[action$=differences] input[name=line]")]


def mains(page: Page) -> list[str]:
    return [str(button["href"]) for button in page.all("a.button.main")]


def test_the_answer_to_the_photo_says_so_at_once(at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf) -> None:
    photo = arrive(sheet, leaf, source="parent", written=("postcode",))
    page = at_home.get(f"/h/{family.child.hex}/photo/{photo.receipt}")
    assert left(page) == ["phone:not_written", "postcode:not_typed"]
    assert TYPED in page.text
    assert mains(page) == [f"/h/{family.child.hex}/photo"], "write it on the paper and photograph it again"
    assert f"/home/{family.child}/check/contact?item=phone#row-phone" in page.links()
    for link in page.links():
        if "/check/" in link:
            at_home.get(link.partition("#")[0])


def test_the_code_of_page_one_says_it_too_to_who_is_signed_in(
    app: Flask, at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf, make: Make
) -> None:
    photo = arrive(sheet, leaf)
    address = f"/s/{link_of(leaf)}/photo/{photo.receipt}"
    assert left(at_home.get(address)) == ["phone:not_written"]
    stranger = signed_in(Browser(app), Family(make, make.sheet(sheet.state)))
    for other in (Browser(app), stranger):
        page = other.get(address)
        assert left(page) == []
        assert TYPED not in page.html


def test_an_older_photo_is_not_compared(at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf) -> None:
    first = arrive(sheet, leaf)
    arrive(sheet, leaf, written=("phone",))
    assert left(at_home.get(f"/h/{family.child.hex}/photo/{first.receipt}")) == []


def test_home_shows_it_until_it_is_left_or_put_right(
    at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf
) -> None:
    arrive(sheet, leaf)
    page = at_home.get("/home")
    assert left(page) == ["phone:not_written"]
    assert mains(page) == [f"/h/{family.child.hex}/photo"]
    done = at_home.post(f"/home/{family.child}/differences", {"line": left(page)})
    assert done.location == f"/home/{family.child}"
    page = at_home.get("/home")
    assert left(page) == []
    assert mains(page) == []
    assert TYPED in at_home.get(f"/home/{family.child}/check/contact").text, "what was typed stays"
    arrive(sheet, leaf_of(sheet), written=("phone",))
    assert left(at_home.get("/home")) == []


def test_an_unsigned_paper_has_one_main_action(at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf) -> None:
    photo = arrive(sheet, leaf, signed=False)
    for address in ("/home", f"/h/{family.child.hex}/photo/{photo.receipt}"):
        page = at_home.get(address)
        assert left(page) == ["phone:not_written"]
        assert mains(page) == [f"/h/{family.child.hex}/photo"]


def test_several_children_say_which_one(at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf, make: Make) -> None:
    arrive(sheet, leaf)
    other = make.sheet(SheetState.ISSUED)
    own = {"school_id": other.school_id, "path": other.path, "relation": "52", "state": "active"}
    db.session.add(Guardianship(user_id=family.actor.user_id, pupil_id=other.pupil_id, **own))
    db.session.commit()
    chips = [row.select_one(".chip") for row in at_home.get("/home").all("a.queue")]
    words = [chip.get_text(strip=True) for chip in chips if chip]
    assert words in (["有不一样", "要核对"], ["Does not agree", "To check"])


def test_too_late_after_the_teacher_has_looked(at_home: Browser, family: Family, sheet: Sheet, leaf: Leaf) -> None:
    arrive(sheet, leaf)
    sheet.state = "CHECKED"
    db.session.commit()
    at_home.post(f"/home/{family.child}/differences", {"line": "phone:not_written"}, status=409)
    assert left(at_home.get("/home")) == []
