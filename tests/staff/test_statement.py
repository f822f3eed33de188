"""The completion statement as a school takes it from the page of filing, in both languages."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdfium2
import pytest
import time_machine

from portal.models import Step, db
from portal.rules.clock import now
from portal.rules.receipts import short_text
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import receipt_days, statements
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import arrive, leaf_of


@pytest.mark.parametrize(("language", "open_"), [("zh", "还有 1 张表没有归档"), ("en", "1 sheet was not filed")])
def test_the_statement_has_figures_and_digests(make: Make, browser: Browser, language: str, open_: str) -> None:
    make.sheet(SheetState.ARCHIVED)
    make.sheet(in_scope=False, exclusion="left")
    sheet = make.sheet(SheetState.ISSUED)
    with time_machine.travel(now() - timedelta(days=2), tick=False):
        arrive(sheet, leaf_of(sheet))
    receipt_days.close_days()
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    if language == "en":
        browser.english()
    page = browser.get("/staff/archive")
    assert page.all("form[action='/staff/archive/statement']")
    assert not page.all("a[href='/class/receipts']"), "a leader checks no receipts"
    answer = browser.post("/staff/archive/statement", status=200).answer
    assert answer.content_type == "application/pdf"
    document = pypdfium2.PdfDocument(io.BytesIO(answer.data))
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    document.close()
    [day] = receipt_days.days_of(sheet.school_id, sheet.round_id)
    assert short_text(day.digest) in text
    assert open_ in text.replace("\r\n", " ").replace("\n", " ")
    [step] = db.session.query(Step).filter_by(move="PRINT_STATEMENT")
    assert step.details == {"filed": 1, "open": 1, "digest": day.digest.hex()}


def test_nobody_waits_while_the_page_is_laid_out(make: Make, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    open_: list[bool] = []
    make.sheet(SheetState.ARCHIVED)
    monkeypatch.setattr(statements, "print_statement", lambda *_: open_.append(db.session().in_transaction()))
    browser.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    browser.get("/staff/archive")
    browser.post("/staff/archive/statement", status=200)
    assert open_ == [False]
