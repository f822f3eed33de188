"""The photo of a document on the screen: sent, seen by its sender, removed, refused in words; shown to the school."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portal.models import Evidence, db
from portal.rules.check_groups import GROUPS
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import readings
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.parents.test_check import Family
from tests.services.test_evidence import Inside, document


@pytest.fixture(params=["zh", "en"])
def family(browser: Browser, make: Make, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Family:
    inside = Inside()
    monkeypatch.setattr(readings, "readers", lambda: inside)
    if request.param == "en":
        browser.english()
    family = Family(browser, make, make.sheet(SheetState.ISSUED))
    family.post("check/basic", {"name.version": "0", "name.value": "林小验", "do": "save:name"})
    return family


def send(family: Family, data: bytes, status: int = 303, kind: str = "HUKOU_SCAN", part: bool = False) -> Page:
    fields = {"photo": (io.BytesIO(data), "证件.jpg"), "kind": kind}
    return family.browser.post(f"{family.home}/documents/name", fields, status=status, part=part)


def test_from_the_changed_item_to_its_document_and_back(family: Family) -> None:
    (way,) = family.get("check/basic").all("#row-name a[href$='/documents/name']")
    page = family.browser.get(str(way["href"]))
    assert [str(one["value"]) for one in page.all("input[name=kind]")] == ["HUKOU_SCAN", "ID_CARD_SCAN"]
    sent = family.browser.get(send(family, document()).location or "")
    (picture,) = sent.all("main img")
    answer = family.browser.get(str(picture["src"])).answer
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(answer.data) < 15_000
    assert family.get("check/done").all(".copy-out")
    (away,) = sent.all("form[action$='/remove']")
    family.browser.post(str(away["action"]))
    family.browser.get(str(picture["src"]), status=404)
    assert not family.get("documents/name").all("main img")


def test_when_all_is_checked_it_leads_back_to_what_to_write(family: Family) -> None:
    for group in GROUPS:
        assert family.get("documents/name").all(f"a[href*='/check/{GROUPS[0].code}']")
        family.post(f"check/{group.code}", {"do": "next"})
    for page in (family.get("documents/name"), family.browser.get(send(family, document()).location or "")):
        assert page.all("a[href$='/check/done']")


def test_what_is_no_photo_comes_back_with_the_form(family: Family) -> None:
    for data in (b"", b"%PDF-1.7", b"\xff\xd8\xff"):
        page = send(family, data, status=400)
        assert page.all("[data-errors] li")
        assert page.all("form[enctype]")
    assert db.session.query(Evidence).count() == 0


def test_items_that_need_none_have_no_such_page(family: Family) -> None:
    for item in ("phone", "sex", "nothing"):
        family.get(f"documents/{item}", status=404)


def test_scripts_are_sent_on_by_a_header(family: Family) -> None:
    assert (send(family, document(), status=204, part=True).location or "").endswith("/documents/name")


def test_when_closed_it_is_shown_and_not_taken(family: Family) -> None:
    send(family, document())
    family.sheet().state = SheetState.CHECKED
    db.session.commit()
    page = family.get("documents/name")
    assert page.all("main img")
    assert not page.all("form[enctype], form[action$='/remove']")
    assert send(family, document(200), status=409).all("[data-errors]")


def test_the_school_sees_it_beside_what_was_typed(family: Family, make: Make, app: object) -> None:
    send(family, document())
    evidence_id = db.session.scalars(select(Evidence.id)).one()
    sheet = family.sheet()
    sheet.state, sheet.received = SheetState.PASSED, True
    db.session.commit()
    for role, place, address in (
        (Role.OPERATOR, sheet.school, f"/staff/entry/sheet/{sheet.id}"),
        (Role.LEADER, sheet.school, f"/staff/queue/{sheet.id}"),
        (Role.TEACHER, sheet.class_, f"/class/sheet/{sheet.id}"),
    ):
        make.let_in(role)
        staff = Browser(app)
        staff.sign_in(make.user(role, place).login, PASSWORD)
        page = staff.get(address)
        assert "林小验" in page.text, role
        assert str(evidence_id) in page.html, role
        staff.get(f"/staff/evidence/{evidence_id}/small.jpg")
    county = Browser(app)
    county.sign_in(make.user(Role.REGISTRAR, make.county()).login, PASSWORD)
    county.get(f"/staff/evidence/{evidence_id}/small.jpg", status=403)
