"""The check of a claimed family on the screen, without and with scripts (p2-check; E3, D7)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import Change, GroupCheck, Guardianship, Sheet, db
from portal.rules.check_groups import GROUPS
from portal.rules.items import ITEMS
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page


class Family:
    """A guardian at a browser."""

    def __init__(self, browser: Browser, make: Make, sheet: Sheet) -> None:
        user = make.guardian(sheet.pupil)
        self.browser, self.sheet_id = browser, sheet.id
        query = select(Guardianship.id).where(Guardianship.user_id == user.id)
        self.home = f"/home/{db.session.scalars(query).one()}"
        browser.sign_in(user.phone or "", PASSWORD)

    def get(self, path: str, status: int = 200, part: bool = False) -> Page:
        return self.browser.get(f"{self.home}/{path}", status=status, part=part)

    def post(self, path: str, data: dict[str, str], status: int = 303, part: bool = False) -> Page:
        return self.browser.post(f"{self.home}/{path}", data, status=status, part=part)

    def typed(self) -> dict[str, str]:
        query = select(Change).where(Change.sheet_id == self.sheet_id)
        return {change.item: change.values["typed"] for change in db.session.scalars(query)}

    def sheet(self) -> Sheet:
        return db.session.get_one(Sheet, self.sheet_id)


@pytest.fixture(params=["zh", "en"])
def family(browser: Browser, make: Make, request: pytest.FixtureRequest) -> Family:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试", postcode="10000"))
    return Family(browser.english() if request.param == "en" else browser, make, sheet)


@pytest.fixture
def child(browser: Browser, make: Make) -> Family:
    return Family(browser, make, make.sheet(SheetState.ISSUED, make.pupil(name="林小试", postcode="10000")))


def fields_of(page: Page) -> dict[str, str]:
    """What the form of a page would send, with nothing pressed."""
    fields = {}
    for field in page.all("#group [name]"):
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            fields[str(field["name"])] = str(chosen["value"]) if chosen else ""
        elif field.name == "input" and (field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")):
            fields[str(field["name"])] = str(field.get("value", ""))
    return fields


def test_every_group_is_a_whole_page_with_each_row_that_can_open(family: Family) -> None:
    for one in GROUPS:
        page = family.get(f"check/{one.code}")
        assert len(page.all(".item")) == len(one.items)
        assert len(page.all(".item a.button")) == len(one.items)
        assert len(page.all("button.main")) == 1
    for item in ITEMS:
        group = next((one for one in GROUPS if item in one.items), None)
        if group is not None and item in (*GROUPS[0].items, *GROUPS[1].items, *GROUPS[2].items, "commuting_mode"):
            page = family.get(f"check/{group.code}?item={item}")
            assert page.all(f"#in-{item} [name^='{item}.']"), item
            assert page.all(f"#std-{item}"), item


def test_values_are_shown_in_full_and_the_name_masked_at_the_top(child: Family) -> None:
    record = child.sheet().pupil.record
    page = child.get("check/contact")
    assert record["phone"] in page.text
    assert "林＊试" in page.text
    assert page.all(".item")[0]["id"] == "row-postcode", "what a rule finds odd comes first"
    assert "邮政编码要 6 位，这里只有 5 位。" in page.text


def test_an_unchanged_child_takes_one_press_a_group(child: Family) -> None:
    address, presses = child.get("check", status=303).location or "", 1
    while not address.endswith("/done"):
        page = child.browser.get(address)
        answer = child.browser.post(address, fields_of(page) | {"do": page.all("button.main")[0]["value"]})
        address, presses = answer.location or "", presses + 1
    done = child.browser.get(address)
    assert presses + len(done.all("a.button.main")) == 8
    assert db.session.query(GroupCheck).count() == len(GROUPS)
    assert child.typed() == {}


def test_a_change_wrong_then_right(child: Family) -> None:
    opened = child.get("check/contact?item=postcode")
    fields = fields_of(opened) | {"postcode.value": "1000", "do": "save:postcode"}
    wrong = child.post("check/contact", fields, status=400)
    assert wrong.all("[data-errors] a[href='#in-postcode']")
    assert wrong.all("#f-postcode[value='1000'][aria-invalid=true]")
    assert child.typed() == {}
    saved = child.post("check/contact", fields_of(wrong) | {"postcode.value": "999000", "do": "save:postcode"})
    page = child.browser.get((saved.location or "").partition("#")[0])
    row = page.all("#row-postcode")[0]
    assert row.select_one("del").get_text() == "10000"
    assert "999000" in row.get_text()
    assert row.select(".chip")
    assert child.typed() == {"postcode": "999000"}


def test_after_the_check_home_leads_to_what_to_write(child: Family) -> None:
    for group in GROUPS:
        opened = child.get(f"check/{group.code}?item=postcode")
        typed = {"postcode.value": "999000"} if "postcode" in group.items else {}
        child.post(f"check/{group.code}", fields_of(opened) | typed | {"do": "next"})
    page = child.browser.get(child.home)
    assert [a.get_text(strip=True) for a in page.all(f"a[href='{child.home}/check/done']")] == ["看要写的 1 处"]


def test_nothing_typed_is_lost_whatever_is_pressed(child: Family) -> None:
    opened = child.get("check/contact?item=postcode")
    fields = fields_of(opened) | {"postcode.value": "999000"}
    page = child.browser.get(
        (child.post("check/contact", fields | {"do": "open:email"}).location or "").partition("#")[0]
    )
    assert child.typed() == {"postcode": "999000"}
    fields = fields_of(page) | {"email.value": "a@example.org"}
    assert (child.post("check/contact", fields | {"do": "next"}).location or "").endswith("/check/extended")
    assert child.typed() == {"postcode": "999000", "email": "a@example.org"}


def test_next_with_something_wrong_stays_and_opens_what_else_was_asked_for(child: Family) -> None:
    fields = fields_of(child.get("check/contact?item=postcode")) | {"postcode.value": "1"}
    assert child.post("check/contact", fields | {"do": "next"}, status=400).all("#f-postcode")
    both = child.post("check/contact", fields | {"do": "open:email"}, status=400)
    assert both.all("#f-postcode")
    assert both.all("#f-email")
    assert db.session.query(GroupCheck).count() == 0


def test_taking_back_and_asking_the_school(child: Family) -> None:
    fields = fields_of(child.get("check/contact?item=email")) | {"email.value": "a@example.org", "do": "save:email"}
    child.post("check/contact", fields)
    fields = fields_of(child.get("check/contact?item=email"))
    child.post("check/contact", fields | {"do": "undo:email"})
    assert child.typed() == {}
    fields = fields_of(child.get("check/contact?item=email"))
    child.post("check/contact", fields | {"do": "ask:email"})
    assert child.typed() == {"email": None}
    assert len(child.get("check/done").all("ul.dots li")) == 1


def test_a_place_is_chosen_step_by_step_without_scripts(family: Family) -> None:
    page = family.get("check/basic?item=birthplace_code")
    fields = fields_of(page) | {"birthplace_code.province": "420000", "do": "place:birthplace_code"}
    page = family.post("check/basic", fields, status=200)
    assert len(page.all("#row-birthplace_code select")) == 2
    unfinished = family.post("check/basic", fields_of(page) | {"do": "save:birthplace_code"}, status=400)
    assert unfinished.all(".error")
    fields = fields_of(page) | {"birthplace_code.prefecture": "420100", "do": "place:birthplace_code"}
    page = family.post("check/basic", fields, status=200)
    fields = fields_of(page) | {"birthplace_code.county": "420103", "do": "save:birthplace_code"}
    family.post("check/basic", fields)
    assert family.typed() == {"birthplace_code": "420103000000"}


def test_the_end_says_what_to_write(family: Family) -> None:
    fields = fields_of(family.get("check/extended?item=orphan")) | {"orphan.value": "1", "do": "save:orphan"}
    family.post("check/extended", fields)
    page = family.get("check/done")
    assert [p.get_text() for p in page.all(".copy-out")] == ["是"]
    assert page.all("a[href$='/documents/orphan']")


def test_with_scripts_only_the_form_comes_back(child: Family) -> None:
    part = child.get("check/contact?item=postcode", part=True)
    assert part.soup.select_one("html") is None
    assert part.all("form#group input[name='csrf_token']") or part.all("form#group")
    fields = fields_of(part) | {"postcode.value": "999000", "do": "save:postcode"}
    saved = child.post("check/contact", fields, status=200, part=True)
    assert saved.all("#row-postcode [autofocus]")
    assert (child.post("check/contact", {"do": "next"}, status=204, part=True).location or "").endswith("extended")


def test_what_came_too_late_is_not_lost_from_sight(child: Family) -> None:
    """Architecture 4: later saves are refused with the text kept on screen."""
    fields = fields_of(child.get("check/contact?item=postcode")) | {"postcode.value": "999000", "do": "next"}
    child.sheet().state = SheetState.CHECKED
    db.session.commit()
    page = child.post("check/contact", fields, status=409)
    assert "999000" in page.text
    assert page.all(".notice")
    assert not page.all(".item .button")
    assert child.typed() == {}
    child.get("check/done")


def test_two_guardians_are_told_of_each_other(child: Family, make: Make, app: object) -> None:
    other = Family(Browser(app), make, child.sheet())
    early = fields_of(other.get("check/contact?item=postcode"))
    child.post("check/contact", {"postcode.version": "0", "postcode.value": "999000", "do": "save:postcode"})
    page = other.post("check/contact", early | {"postcode.value": "999111", "do": "save:postcode"}, status=400)
    assert "这一项刚才有了变化" in page.text
    other.post("check/contact", fields_of(page) | {"do": "save:postcode"})
    assert child.typed() == {"postcode": "999111"}
    assert "另一位家长改的" in child.get("check/contact").text


ODD = (
    {"do": "undo:class_no"},
    {"do": "ask:phone"},
    {"do": "undo:"},
    {"do": "nonsense"},
    {"do": "open:nothing"},
    {"do": "place:name"},
    {"name.version": "x" * 50, "name.value": "\x00", "do": "save"},
    {"name.version": "-1", "do": "save"},
    {"phone.version": "0", "phone.value": "1"},
    {"birth_date.version": "0", "birth_date.year": "二〇一四"},
    {"birthplace_code.version": "0", "birthplace_code.province": "<b>"},
)


def test_odd_requests_break_nothing(child: Family) -> None:
    for data in ODD:
        child.get("check/basic")
        answer = child.browser.client.post(f"{child.home}/check/basic", data=data)
        assert answer.status_code in (200, 303, 400, 404), data
    assert child.typed() == {}


def test_a_stranger_finds_nothing(child: Family, make: Make, app: object) -> None:
    stranger = Browser(app)
    user = make.guardian(make.sheet(SheetState.ISSUED).pupil)
    stranger.sign_in(user.phone or "", PASSWORD)
    for path in ("check", "check/basic", "check/done", "documents/name"):
        stranger.get(f"{child.home}/{path}", status=404)
    stranger.post(f"{child.home}/check/basic", {"do": "next"}, status=404)
    child.get("check/nothing", status=404)
