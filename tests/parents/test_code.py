"""The page-2 code: typed or brought behind #, and never in an address."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import RegistrationCode, Sheet, Try, db
from portal.rules import work_proof
from portal.rules.numbers import with_check
from portal.rules.roles import Role
from portal.services import printed_codes
from portal.services.tries import COOLS_AFTER
from tests.make import Make
from tests.pages import Browser


@pytest.fixture
def code(sheet: Sheet) -> RegistrationCode:
    made = printed_codes.make_code(sheet)
    db.session.commit()
    return made


def test_the_typed_code_opens_the_sheet_in_this_browser_only(
    visitor: Browser, app: object, code: RegistrationCode
) -> None:
    assert visitor.get("/r").all("input[data-from-fragment]")
    opened = visitor.post("/r", {"code": f" {code.code.lower()} "}).location
    assert code.code not in opened
    assert code.selector not in opened
    assert visitor.get(opened).h1 == "林＊试"
    assert visitor.get(f"{opened}/photo").h1
    Browser(app).get(opened, status=404)


def test_two_children_stay_apart(visitor: Browser, make: Make, code: RegistrationCode) -> None:
    sibling = make.sheet(code.sheet.state, make.pupil(name="林大试"))
    other = printed_codes.make_code(sibling)
    db.session.commit()
    first = visitor.post("/r", {"code": code.code}).location
    second = visitor.post("/r", {"code": other.code}).location
    assert first != second
    assert first == visitor.post("/r", {"code": code.code}).location
    assert visitor.get(first).h1 == "林＊试"


@pytest.mark.parametrize("slip", ["", "R123", "D" + "0" * 8, "R" + "U" * 15])
def test_a_slip_comes_back_with_the_field(visitor: Browser, slip: str) -> None:
    page = visitor.post("/r", {"code": slip}, status=400)
    field = page.all("#code")[0]
    assert field["aria-invalid"] == "true"
    assert page.all("#code-error")
    assert field.get("value", "") == slip


def test_unknown_and_wrong_codes_look_alike_and_cool(visitor: Browser, code: RegistrationCode) -> None:
    wrong, unknown = with_check(f"R{code.selector}00000000"), with_check("R" + "0" * 14)
    said = {
        visitor.post("/r", {"code": text}, status=400).all("#code-error")[0].get_text() for text in (wrong, unknown)
    }
    assert len(said) == 1
    for _ in range(COOLS_AFTER):
        visitor.client.post("/r", data={"code": unknown})
    visitor.post("/r", {"code": unknown}, status=429)
    assert visitor.post("/r", {"code": code.code}).location


def test_looking_at_the_page_uses_nothing_up(visitor: Browser, code: RegistrationCode) -> None:
    for _ in range(3):
        visitor.get("/r")
    assert (code.live, code.claimed_at) == (True, None)


def test_a_code_that_was_replaced_opens_no_more(visitor: Browser, make: Make, code: RegistrationCode) -> None:
    opened = visitor.post("/r", {"code": code.code}).location
    printed_codes.reset_code(make.actor(Role.TEACHER, code.sheet.class_), code.sheet)
    visitor.get(opened, status=404)


def test_where_many_guess_the_page_asks_to_wait_and_keeps_the_code(visitor: Browser, code: RegistrationCode) -> None:
    """sec-A43: what a client claims about its address makes no other address of it."""
    told = [
        visitor.client.post(
            "/r", data={"code": with_check(f"R{n:06d}00000000")}, headers={"X-Forwarded-For": f"1.2.3.{n}"}
        )
        for n in range(3)
    ]
    assert {answer.status_code for answer in told} == {400}
    [bucket] = set(db.session.scalars(select(Try.bucket).where(Try.kind == "address")))
    db.session.add_all([Try(kind="address", bucket=bucket) for _ in range(60)])
    db.session.commit()
    page = visitor.post("/r", {"code": code.code}, status=200)
    assert page.all("form[data-goes-on] .after-five button")
    assert page.all("#code")[0]["value"] == code.code
    ticket = str(page.all("[name=ticket]")[0]["value"])
    form = {"code": code.code, "ticket": ticket, "work": work_proof.solve(ticket, int(ticket[8:10]))}
    slip = visitor.post("/r", form | {"code": code.code[:-1]}, status=400)
    assert [field["value"] for field in slip.all("[name=ticket], [name=work]")] == [ticket, form["work"]]
    assert visitor.post("/r", form).location.startswith("/c/")
    assert not visitor.get("/r").all("[name=ticket]"), "known from now on"
