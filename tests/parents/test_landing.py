"""The page behind the QR of page 1: whose sheet, what to do, how far it is, and what a closed paper says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Leaf, Sheet, db
from portal.rules.clock import now, today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import checking
from tests.make import Make
from tests.pages import Browser
from tests.photographs import arrive, link_of


def test_the_printed_link_says_whose_sheet_it_is(visitor: Browser, leaf: Leaf) -> None:
    page = visitor.get(f"/S/{link_of(leaf)}")
    assert page.h1 == "林＊试"
    assert "试验市第一小学" in page.text
    assert f"/s/{link_of(leaf)}/photo" in page.links()
    assert "010-00000000" in page.html
    assert "127.<wbr>0.<wbr>0.<wbr>1" in page.html
    assert "林小试" not in page.html


def test_nothing_of_the_record_stands_on_a_familys_page(visitor: Browser, sheet: Sheet, door: str) -> None:
    photo = arrive(sheet, sheet_leaf(sheet), written=("phone", "id_number"))
    record = sheet.pupil.record
    secret = [
        record[item] for item in ("id_number", "student_number", "phone", "current_address", "name", "birth_date")
    ]
    for path in ("", "/photo", "/genuine", f"/photo/{photo.receipt}"):
        html = visitor.get(door + path).html
        assert not [value for value in secret if value in html]


def sheet_leaf(sheet: Sheet) -> Leaf:
    return db.session.query(Leaf).filter_by(sheet_id=sheet.id).one()


def test_answers_are_never_kept_and_never_cached(visitor: Browser, door: str) -> None:
    for path in ("", "/photo", "/genuine"):
        headers = visitor.get(door + path).answer.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["", "/photo", "/genuine", "/photo/ABCDEFGH", "/photo/ABCDEFGH/page.jpg"])
def test_a_wrong_link_is_one_and_the_same_page(visitor: Browser, door: str, path: str) -> None:
    wrong = door[:-1] + ("0" if door[-1] != "0" else "1")
    page = visitor.get(wrong + path, status=404)
    assert "/r" in page.links()
    assert page.text == visitor.get(f"/c/00000000{path}", status=404).text


def test_a_closed_paper_says_why_and_takes_nothing(visitor: Browser, sheet: Sheet, leaf: Leaf, door: str) -> None:
    said = []
    sheet.issued = False
    db.session.commit()
    said.append(visitor.get(door).h1)
    leaf.revoked_at = now()
    db.session.commit()
    said.append(visitor.get(door).h1)
    leaf.revoked_at = None
    sheet.round.ends = today() - timedelta(days=1)
    db.session.commit()
    said.append(visitor.get(door).h1)
    assert len(set(said)) == 3
    assert visitor.get(f"{door}/photo", status=303).location == door


def test_a_superseded_paper_still_works_and_says_so(visitor: Browser, leaf: Leaf, door: str) -> None:
    leaf.superseded_by = leaf.number
    db.session.commit()
    page = visitor.get(door)
    assert page.all(".notice.soon")
    assert f"{door}/photo" in page.links()


def test_a_photo_that_arrived_is_told_on_the_landing_page(
    visitor: Browser, sheet: Sheet, leaf: Leaf, door: str
) -> None:
    assert not visitor.get(door).all("main .notice")
    arrive(sheet, leaf, verdict="retake", reasons=("blur",))
    assert visitor.get(door).all(".notice.soon")
    arrive(sheet, leaf)
    page = visitor.get(door)
    assert page.all(".notice.info")
    assert not page.all(".button.main[href]")


def test_a_sheet_that_was_sent_back_says_why(visitor: Browser, make: Make, sheet: Sheet, leaf: Leaf, door: str) -> None:
    teacher = make.actor(Role.TEACHER, sheet.class_)
    for reason in (checking.REASONS["unclear"], "请把爸爸的电话写全"):
        arrive(sheet, leaf)
        checking.send_back(teacher, sheet.id, sheet.version, reason)
        page = visitor.get(door)
        assert page.all("main .notice.soon")
        assert page.all(".button.main[href]")
        shown = page.all("main .notice")[0].get_text()
        assert reason in shown or visitor.get("/r").soup.html["lang"] == "en"


def test_each_item_is_told_by_word(visitor: Browser, sheet: Sheet, leaf: Leaf, door: str) -> None:
    arrive(sheet, leaf, written=("phone", "birth_date"))
    for change in sheet.changes:
        change.outcome, change.reason = "refused", "户口簿上不是"
    sheet.state = SheetState.ENTERED
    db.session.commit()
    page = visitor.get(door)
    assert len(page.all(".chip.no")) == 2
    assert "户口簿上不是" not in page.html
    assert not page.all("a.button")
