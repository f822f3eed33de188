"""The figures page on all levels: trend, who needs help, why; figures taken along as workbook and as a printed page."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from portal.models import Place, Sheet, Step, db
from portal.rules.clock import now, today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page


@pytest.fixture
def weeks(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Six days on each of which one sheet came in, then four without any; ten sheets are still out, for two reasons."""
    for days_ago in range(9, 3, -1):
        monkeypatch.setattr(figures, "today", lambda days_ago=days_ago: today() - timedelta(days=days_ago))
        if days_ago == 9:
            for n in range(10):
                make.sheet(SheetState.ISSUED, cause="away" if n < 3 else None)
        make.sheet(SheetState.RECEIVED)
        figures.fold_all()
    monkeypatch.undo()
    db.session.execute(update(Sheet).values(updated_at=now() - timedelta(days=4)))
    db.session.commit()
    return make


def sign_in(browser: Browser, make: Make, place: Place, role: Role = Role.REGISTRAR) -> Browser:
    browser.sign_in(make.user(role, place).login, PASSWORD)
    return browser


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("level", ["province", "prefecture", "county", "school"])
def test_every_level_sees_its_place(browser: Browser, weeks: Make, level: str, english: bool) -> None:
    if english:
        browser.english()
    page = sign_in(browser, weeks, getattr(weeks, level)()).get("/staff/figures")
    lead = page.all("p.lead")[0].get_text()
    assert "10" in lead, "still missing"
    assert page.all("svg.trend path.ahead"), "a forecast"
    assert [row.get_text() for row in page.all(".cause .end")] == ["3", "7"], "not recorded comes last"
    assert len(page.all(".helps li")) == 1
    assert page.all(".helps a.button")


def test_every_reason_leads_to_a_list_of_that_length(browser: Browser, weeks: Make) -> None:
    page = sign_in(browser, weeks, weeks.county(), Role.LEADER).get("/staff/figures")
    for cause in page.all(".cause"):
        listed = browser.get(str(cause.select("a")[0]["href"]))
        assert len(listed.all("tbody tr")) == int(cause.select(".end")[0].get_text())


def test_whom_to_call_or_what_to_look_at(browser: Browser, weeks: Make) -> None:
    page = sign_in(browser, weeks, weeks.county()).get("/staff/figures")
    assert page.all(".helps a.button")[0]["href"] == "tel:010-00000000"
    browser.get(str(page.all(".helps h3 a")[0]["href"]))
    browser.post("/sign-out")
    own = sign_in(browser, weeks, weeks.school()).get("/staff/figures")
    browser.get(str(own.all(".helps a.button")[0]["href"]))


@pytest.mark.parametrize("english", [False, True])
def test_the_days_stand_in_a_table(browser: Browser, weeks: Make, english: bool) -> None:
    if english:
        browser.english()
    sign_in(browser, weeks, weeks.county())
    rows = [
        [cell.get_text() for cell in row.select("td")] for row in browser.get("/staff/figures/days").all("tbody tr")
    ]
    assert rows[0] == ["0", "6", "0", "0"], "today comes first"
    assert rows[4] == ["1", "6", "0", "0"]
    assert rows[9] == ["1", "1", "0", "0"]


def test_before_anybody_is_expected_there_is_a_sentence_and_no_picture(browser: Browser, make: Make) -> None:
    make.round()
    page = sign_in(browser, make, make.province()).get("/staff/figures")
    assert "名册还没有进来" in page.text
    assert not page.all("svg.trend")


def take(browser: Browser, purpose: str, scope: str = "schools", status: int = 200) -> Page:
    return browser.post("/staff/figures/export", {"purpose": purpose, "scope": scope, "opened": ""}, status=status)


@pytest.mark.parametrize("english", [False, True])
def test_a_workbook_with_its_purpose(browser: Browser, weeks: Make, english: bool) -> None:
    if english:
        browser.english()
    sign_in(browser, weeks, weeks.province())
    browser.get("/staff/figures/export?open=990100")
    answer = take(browser, "五月进度会用").answer
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=990000-")
    page = load_workbook(io.BytesIO(answer.data)).active
    assert page is not None
    assert "五月进度会用" in str(page["A3"].value)
    heads = [cell.value for cell in page[5]]
    assert heads[3] == ("Expected" if english else "应核")


@pytest.mark.parametrize("english", [False, True])
def test_without_a_purpose_the_form_comes_back(browser: Browser, weeks: Make, english: bool) -> None:
    if english:
        browser.english()
    sign_in(browser, weeks, weeks.county())
    page = take(browser, "", "classes", status=400)
    assert page.all("#purpose-error")
    assert page.all("#scope input[checked]")[0]["value"] == "classes", "what was chosen stays"
    assert db.session.scalar(select(Step.id).where(Step.move == "EXPORT_FIGURES")) is None


def test_a_scope_that_there_is_not_is_the_open_rows(browser: Browser, weeks: Make) -> None:
    sign_in(browser, weeks, weeks.school())
    assert not [
        option for option in browser.get("/staff/figures/export").all("#scope input") if option["value"] == "schools"
    ]
    assert take(browser, "五月进度会用", "everything").status == 200


def test_a_bulletin_is_for_authorities(browser: Browser, weeks: Make) -> None:
    sign_in(browser, weeks, weeks.school())
    assert "通报" not in browser.get("/staff/figures").text
    browser.post("/staff/figures/bulletin", status=403)
    browser.post("/sign-out")
    sign_in(browser.english(), weeks, weeks.county())
    assert browser.post("/staff/figures/bulletin", status=200).answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("keys", ["", ",", "990100,,990100", "x" * 5000, "990100d,990000d", "%00", "'\"<b>"])
def test_keys_that_open_nothing_open_nothing(browser: Browser, weeks: Make, keys: str) -> None:
    sign_in(browser, weeks, weeks.province())
    browser.get(f"/staff/figures?open={keys}")
    browser.get(f"/staff/figures/export?open={keys}")
