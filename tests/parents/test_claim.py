"""Claiming on the screen: one form, what comes back when something is wrong, and that nothing personal leaks."""

from __future__ import annotations

import logging

import pytest

from portal.models import Guardianship, Sheet, db
from portal.rules import consent
from portal.rules.roles import Role
from portal.services import printed_codes
from portal.services.tries import COOLS_AFTER
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page

PHONE = "15400000077"


@pytest.fixture
def visitor(browser: Browser) -> Browser:
    """In Chinese; one test below reads all screens in English."""
    return browser


@pytest.fixture
def code(sheet: Sheet) -> str:
    made = printed_codes.make_code(sheet)
    db.session.commit()
    return made.code


@pytest.fixture
def landing(visitor: Browser, code: str) -> str:
    """The page behind the code of page 2."""
    return visitor.post("/r", {"code": code}).location


def answers(sheet: Sheet, **other: str) -> dict[str, str]:
    last = sheet.pupil.record["id_number"][-4:]
    base = {"answer": last, "relation": "52", "phone": PHONE, "password": PASSWORD, "agreed": "y"}
    return base | {"version": consent.VERSION} | other


def claim(visitor: Browser, landing: str, status: int = 303, **form: str) -> Page:
    return visitor.post(f"{landing}/claim", form, status=status)


def test_the_code_of_page_2_shows_two_ways(visitor: Browser, landing: str, door: str) -> None:
    links = visitor.get(landing).links()
    assert f"{landing}/photo" in links
    assert f"{landing}/claim" in links
    front = visitor.get(door)
    assert f"{door}/claim" not in front.links()
    assert "/r" in front.links()
    assert visitor.get(f"{door}/claim", status=303).location == "/r"


def test_one_form_leads_home(visitor: Browser, landing: str, sheet: Sheet) -> None:
    form = visitor.get(f"{landing}/claim")
    wanted = {"answer", "relation", "phone", "password", "agreed"}
    assert wanted <= {str(field["name"]) for field in form.all("main form [name]")}
    assert f"{landing}/photo" in form.links()
    home = visitor.get(claim(visitor, landing, **answers(sheet)).location)
    assert home.h1 == "林＊试"
    assert len(home.all("ol.steps > li")) == 3
    assert db.session.query(Guardianship).one().state == "active"


@pytest.mark.parametrize("missing", ["answer", "relation", "phone", "password", "agreed"])
def test_what_is_missing_is_told_at_its_field(visitor: Browser, landing: str, sheet: Sheet, missing: str) -> None:
    page = claim(visitor, landing, 400, **{k: v for k, v in answers(sheet).items() if k != missing})
    assert [a["href"] for a in page.all("[data-errors] a")] == [f"#{missing}"]
    assert db.session.query(Guardianship).count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [({"answer": "zzzz"}, "answer"), ({"phone": "12"}, "phone"), ({"password": "12345678"}, "password")],
)
def test_what_is_wrong_is_told_and_the_password_is_not_sent_back(
    visitor: Browser, landing: str, sheet: Sheet, change: dict[str, str], field: str
) -> None:
    given = answers(sheet, **change)
    page = claim(visitor, landing, 400, **given)
    assert [a["href"] for a in page.all("[data-errors] a")] == [f"#{field}"]
    assert page.all("#phone")[0]["value"] == given["phone"]
    assert not page.all("#password")[0].get("value")


def test_after_ten_wrong_answers_it_waits(visitor: Browser, landing: str, sheet: Sheet) -> None:
    for _ in range(COOLS_AFTER):
        claim(visitor, landing, 400, **answers(sheet, answer="zzzz"))
    assert "15" in claim(visitor, landing, 429, **answers(sheet)).text


def test_the_second_guardian_is_told_to_wait(visitor: Browser, landing: str, sheet: Sheet, make: Make) -> None:
    make.guardian(sheet.pupil)
    home = visitor.get(claim(visitor, landing, **answers(sheet)).location)
    assert home.all(".chip")
    assert not home.all("ol.steps")
    assert not [link for link in home.links() if "/check" in link]


def test_the_third_is_refused_with_a_sentence(visitor: Browser, landing: str, sheet: Sheet, make: Make) -> None:
    make.guardian(sheet.pupil)
    make.guardian(sheet.pupil, state="waiting")
    page = claim(visitor, landing, 409, **answers(sheet))
    assert page.all("[data-errors] li")
    assert f"{landing}/photo" in page.links()


def test_a_family_that_is_signed_in_adds_a_child(visitor: Browser, sheet: Sheet, code: str, make: Make) -> None:
    user = make.guardian(make.pupil(sheet.class_))
    visitor.sign_in(user.phone, PASSWORD)
    landing = visitor.post("/r", {"code": code}).location
    form = visitor.get(f"{landing}/claim")
    assert not form.all("#phone, #password")
    given = {k: v for k, v in answers(sheet).items() if k not in ("phone", "password")}
    home = visitor.get(claim(visitor, landing, **given).location)
    assert len(home.all("a.queue")) == 2
    assert visitor.get(landing).links().count(home.all("a.queue")[1]["href"]) == 1


def test_staff_claim_with_an_account_of_their_own(visitor: Browser, sheet: Sheet, code: str, make: Make) -> None:
    visitor.sign_in(make.user(Role.TEACHER, sheet.class_).login, PASSWORD)
    landing = visitor.post("/r", {"code": code}).location
    assert visitor.get(f"{landing}/claim").all("#phone")
    assert visitor.get(claim(visitor, landing, **answers(sheet)).location).h1 == "林＊试"


def test_nothing_personal_in_address_cookie_or_log(
    visitor: Browser, landing: str, sheet: Sheet, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        claim(visitor, landing, 400, **answers(sheet, answer="zzzz"))
        done = claim(visitor, landing, **answers(sheet))
        visitor.get(done.location)
    with visitor.client.session_transaction() as cookie:
        kept = str(dict(cookie))
    for secret in (PHONE, PASSWORD, code, sheet.pupil.record["id_number"], sheet.pupil.record["name"]):
        assert secret not in kept + caplog.text + landing + (done.location or "")


def test_a_handle_of_another_browser_and_a_closed_sheet_open_nothing(
    visitor: Browser, app: object, landing: str, sheet: Sheet
) -> None:
    Browser(app).get(f"{landing}/claim", status=404)
    sheet.issued = False
    db.session.commit()
    assert visitor.get(f"{landing}/claim", status=303).location == landing


def test_every_screen_is_english_for_who_reads_english(
    visitor: Browser, landing: str, door: str, sheet: Sheet, make: Make
) -> None:
    visitor.english()
    for address in (landing, door, f"{landing}/claim", "/consent", "/forgot", "/sign-in", "/"):
        visitor.get(address)
    claim(visitor, landing, 400)
    claim(visitor, landing, 400, **answers(sheet, answer="zzzz"))
    claim(visitor, landing, 400, **answers(sheet, password="12345678"))
    make.guardian(sheet.pupil, state="waiting")
    claim(visitor, landing, **answers(sheet, relation="51"))
    visitor.get("/home")
    make.guardian(sheet.pupil)
    claim(Browser(visitor.client.application).english(), landing, 404)


def test_the_notes_and_the_help_are_there_to_read(visitor: Browser) -> None:
    assert consent.VERSION in visitor.get("/consent").text
    assert "/sign-in" in visitor.get("/forgot").links()
    assert "/forgot" in visitor.get("/sign-in").links()
