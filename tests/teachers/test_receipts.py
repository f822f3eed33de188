"""The screen that checks a receipt, the printed list of a class, and all photos of a sheet, in both languages."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import unquote

import pypdfium2
import pytest

from portal.models import Place, Sheet, Step, db
from portal.paper import receipt_list
from portal.rules.clock import today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.receipt_numbers import free_receipt, word_of
from tests.make import Make
from tests.pages import Browser, Page
from tests.photographs import arrive, leaf_of

Staff = Callable[..., Browser]


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    words = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return " ".join(words)


def _asked(browser: Browser, text: str, status: int = 200) -> Page:
    return browser.post("/class/receipts", {"receipt": text}, status=status)


def test_a_receipt_is_found_and_leads_to_its_sheet(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received()
    receipt = sheet.photos[0].receipt
    page = _asked(teacher, f"{receipt[:4]} {receipt[4:]}".lower())
    assert page.h1 in ("有这张照片", "The photo is here")
    assert f"{receipt[:4]} {receipt[4:]}" in page.text
    assert f"/class/sheet/{sheet.id}" in " ".join(page.links())


def test_the_other_answers_say_what_to_do(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received()
    fits = _asked(teacher, free_receipt(sheet.id, "0" * 64))
    assert "请重拍一张" in fits.text or "photograph the sheet again" in fits.text
    strange = _asked(teacher, free_receipt(sheet.school_id, "0" * 64))
    assert sheet.pupil.record["name"] not in strange.text
    slip = _asked(teacher, "7ABC", status=400)
    assert [field["value"] for field in slip.all("#receipt")] == ["7ABC"]
    assert slip.all("#receipt-error")


def test_the_list_is_a_paper_with_every_word_and_receipt(
    teacher: Browser, received: Callable[..., Sheet], make: Make, class_: Place
) -> None:
    sheet, other = received(), make.sheet(SheetState.ISSUED, make.pupil(class_))
    receipt = sheet.photos[0].receipt
    teacher.get("/class/receipts")
    answer = teacher.post("/class/receipts/list", {"class_id": class_.id.hex, "day": "nonsense"}, status=200).answer
    text = _text(answer.data)
    assert answer.content_type == "application/pdf"
    for part in (word_of(sheet.id), word_of(other.id), f"{receipt[:4]} {receipt[4:]}"):
        assert part in text
    assert sheet.pupil.record["name"] not in text
    assert [step.details["photos"] for step in db.session.query(Step).filter_by(move="PRINT_RECEIPTS")] == [1]


def test_nobody_waits_while_the_list_is_laid_out(
    teacher: Browser, class_: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_: list[bool] = []
    lay_out = receipt_list.print_receipt_list

    def watched(page: receipt_list.ReceiptList, out: io.BytesIO) -> None:
        open_.append(db.session().in_transaction())
        lay_out(page, out)

    monkeypatch.setattr(receipt_list, "print_receipt_list", watched)
    teacher.post("/class/receipts/list", {"class_id": class_.id.hex}, status=200)
    assert open_ == [False]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_that_no_receipt_is_of_are_today(teacher: Browser, class_: Place, day: str) -> None:
    answer = teacher.post("/class/receipts/list", {"class_id": class_.id.hex, "day": day}, status=200).answer
    assert f"{today()}.pdf" in unquote(answer.headers["Content-Disposition"])


def test_a_registrar_chooses_a_class(staff: Staff, make: Make, class_: Place) -> None:
    make.class_(code="2021107", name="五年级（7）班")
    browser = staff(Role.REGISTRAR)
    assert len(browser.get("/class/receipts").all("#class_id option")) == 2
    browser.post("/class/receipts/list", {"day": "2026-05-12"}, status=404)
    far = make.class_(make.school("2199000002", "试验市第二小学"))
    browser.post("/class/receipts/list", {"class_id": far.id.hex}, status=404)


def test_after_many_wrong_ones_the_page_says_when_to_go_on(
    staff: Staff, class_: Place, received: Callable[..., Sheet]
) -> None:
    wrong = free_receipt(received().id, "0" * 64)
    browser = staff(Role.TEACHER, class_)
    for _ in range(10):
        _asked(browser, wrong)
    assert "分钟" in _asked(browser, wrong, status=429).text


def test_all_photos_of_a_sheet_are_listed_the_shown_one_first(
    teacher: Browser, received: Callable[..., Sheet], staff: Staff
) -> None:
    sheet = received()
    worse = arrive(sheet, leaf_of(sheet), source="teacher", verdict="retake", reasons=("blur",))
    arrive(sheet, None, reasons=("not_a_sheet",), verdict="unknown")
    address = f"/class/sheet/{sheet.id}/photos"
    assert address in " ".join(teacher.get(f"/class/sheet/{sheet.id}").links())
    for browser in (teacher, staff(Role.LEADER)):
        rows = browser.get(address).all("li.shot")
        assert len(rows) == 3
        assert rows[0].select(".chip")
        assert not rows[1].select(".chip")
        for picture in browser.get(address).all("li.shot img"):
            browser.get(str(picture["src"]))
    assert worse.receipt[:4] in rows[1].get_text() or worse.receipt[:4] in rows[2].get_text()


def test_a_sheet_without_photos_says_so(teacher: Browser, make: Make, class_: Place) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    page = teacher.get(f"/class/sheet/{sheet.id}/photos")
    assert not page.all("li.shot")
