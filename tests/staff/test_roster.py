"""The roster's screens: send a file, see what it would do, decide; in full only when asked, and written down."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from portal.jobs.table import job
from portal.models import Pupil, RosterImport, Step, db
from portal.rules.roles import Role
from portal.services import photos, roster_jobs
from portal.services.work import make_worker
from tests import roster_files as files
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page


@pytest.fixture
def registrar(make: Make, browser: Browser) -> Browser:
    browser.sign_in(make.user(Role.REGISTRAR, make.school()).login, PASSWORD)
    return browser


def send(browser: Browser, data: bytes, name: str = "花名册.xlsx", status: int = 303) -> Page:
    upload = {"file": (io.BytesIO(data), name)}
    return browser.post("/staff/roster", upload, status, content_type="multipart/form-data")


def look(browser: Browser, people: list[dict[str, Any]], show: str = "") -> Page:
    return browser.get(f"{send(browser, files.xlsx(files.table(people))).location}{show}")


def import_address(page: Page) -> str:
    return re.search(r"/staff/roster/imports/[0-9a-f-]{36}", page.html).group()  # type: ignore[union-attr]


def downloaded(browser: Browser, address: str) -> list[list[str]]:
    answer = browser.post(address, status=200).answer
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True)
    return [[cell or "" for cell in row] for row in rows]


def test_an_empty_school_is_told_what_to_do(registrar: Browser) -> None:
    page = registrar.get("/staff/roster")
    assert page.h1 == "花名册"
    assert "还没有学生" in page.text
    assert page.all("form#upload input[type=file]")


def test_a_good_file_is_looked_at_then_imported(registrar: Browser) -> None:
    page = look(registrar, files.records(3))
    assert page.h1 == "先看一看，还没有导入"
    assert "3 行" in page.text
    assert db.session.scalars(select(Pupil)).all() == []
    done = registrar.post(f"{import_address(page)}/confirm")
    page = registrar.get(done.location or "")
    assert page.h1 == "导入好了"
    assert len(db.session.scalars(select(Pupil)).all()) == 3
    page = registrar.get("/staff/roster")
    assert "1 个班，3 人" in page.text
    assert "已导入" in page.text


def test_a_second_confirm_is_refused_on_the_page(registrar: Browser) -> None:
    address = import_address(look(registrar, files.records(2)))
    registrar.post(f"{address}/confirm")
    page = registrar.post(f"{address}/confirm", status=409)
    assert "已经导入过了" in page.text
    assert len(db.session.scalars(select(Pupil)).all()) == 2


@pytest.mark.parametrize("english", [False, True])
def test_errors_stand_at_their_row_and_column_with_their_cell(registrar: Browser, english: bool) -> None:
    people = files.records(9)
    people[4] |= {"id_number": people[4]["id_number"][:17], "ethnic_group": "汉"}
    people[7]["birth_date"] = "20150609"
    if english:
        registrar.english()
    page = look(registrar, people)
    assert ("Row 6, column N" if english else "第 6 行 N 列") in page.text
    wrong = {cell["id"] for cell in page.all("td.wrong-cell")}
    assert {"cell-6-id_number", "cell-6-ethnic_group", "cell-9-birth_date"} <= wrong
    assert {link["href"] for link in page.all("[data-walk] a.bad")} == {f"#{cell}" for cell in wrong}
    assert [th.get_text() for th in page.all(".cells tbody th")] == ["1", "4", "5", "6", "7", "8", "9", "10"]
    assert page.all("button[disabled]")


def test_names_and_numbers_are_masked_until_asked_for_and_that_is_written_down(registrar: Browser) -> None:
    people = files.records(5)
    people[2] |= {"id_number": people[2]["id_number"][:17], "student_number": "G12345678901234567"}
    page = look(registrar, people, "?show=faults")
    for person in people:
        for item in ("name", "student_number", "id_number", "phone", "guardian1_id_number"):
            assert person[item] not in page.html
    full = registrar.post(f"{import_address(page)}/full?show=faults", status=200)
    assert people[2]["id_number"] in full.html
    assert people[2]["name"] in full.html
    assert "SEE_ROSTER_IN_FULL" in {step.move for step in db.session.scalars(select(Step))}


def test_differences_are_listed_with_old_and_new(registrar: Browser) -> None:
    people = files.records(3)
    registrar.post(f"{import_address(look(registrar, people))}/confirm")
    people[0] |= {"talent": "围棋", "household_type": "1"}
    page = look(registrar, people[:2], "?show=changed")
    assert "围棋" in page.text
    assert "农业户口" in page.text
    assert registrar.get(f"{import_address(page)}?show=gone").text.count("G99010***") == 1
    for show in ("new", "hints", "nothing", "faults&page=99", "gone&page=-1"):
        registrar.get(f"{import_address(page)}?show={show}")


def test_bad_rows_are_left_out_by_choice_and_come_back_as_a_file(registrar: Browser) -> None:
    people = files.records(4)
    people[1]["phone"] = "123"
    address = import_address(look(registrar, people))
    assert registrar.post(f"{address}/confirm", status=400).all(".notice.undone")
    registrar.post(f"{address}/confirm", {"leave_out": "1"})
    assert "1 行草稿还没有改好" in registrar.get("/staff/roster").text
    head, row = downloaded(registrar, "/staff/roster/drafts/file")
    assert row[head.index("联系电话")] == "123"
    assert "手机号" in row[1]
    registrar.post("/staff/roster/drafts/drop")
    assert "草稿" not in registrar.get("/staff/roster").text


def test_the_marked_rows_can_be_corrected_and_sent_again(registrar: Browser) -> None:
    people = files.records(5)
    people[3]["phone"] = "123"
    address = import_address(look(registrar, people))
    rows = downloaded(registrar, f"{address}/faults")
    assert len(rows) == 2
    assert rows[1][0] == "5"
    rows[1][rows[0].index("联系电话")] = "15400000009"
    page = registrar.get(send(registrar, files.xlsx(rows)).location or "")
    assert "不在模板里" in page.text
    assert not page.all("td.wrong-cell")


def test_a_class_is_listed_with_masks_and_can_be_asked_for(make: Make, registrar: Browser) -> None:
    people = files.records(2)
    registrar.post(f"{import_address(look(registrar, people))}/confirm")
    link = next(link for link in registrar.get("/staff/roster").links() if "/roster/class/" in link)
    page = registrar.get(link)
    assert people[0]["name"] not in page.html
    assert people[0]["student_number"] not in page.html
    asking = registrar.get(next(link for link in page.links() if "/exports/new" in link))
    assert "六年级" in asking.text or "五年级" in asking.text


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsm", files.xlsx([["x"]]), "宏"),
        ("a.xlsx", b"", "空的"),
        ("a.xls", b"<html>", "HTML"),
        ("a.xlsx", files.xlsx([["姓名", "性别"], ["张", "男"]]), "没有找到表头"),
        ("a.csv", files.text(files.table(files.records(1), files.ROSTER_ITEMS[8:])), "姓名"),
    ],
)
def test_a_refused_file_is_answered_with_what_to_do(
    registrar: Browser, name: str, data: bytes, words: str, english: bool
) -> None:
    if english:
        registrar.english()
    page = send(registrar, data, name, 400)
    assert page.all(".errors")
    assert english or words in page.text


def test_no_file_chosen_is_said(registrar: Browser) -> None:
    assert "还没有选文件" in registrar.post("/staff/roster", {}, 400).text


def test_the_template_is_a_roster_without_pupils(registrar: Browser) -> None:
    template = registrar.get("/staff/roster/template").answer.data
    assert "只有表头" in send(registrar, template, status=400).text


def test_a_preview_can_be_put_away(registrar: Browser) -> None:
    address = import_address(look(registrar, files.records(1)))
    registrar.post(f"{address}/discard")
    assert registrar.get(address).h1 == "这份名册放下了"


def test_a_large_file_is_left_to_the_worker(app: Any, registrar: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_jobs, "INLINE_BYTES", 10)
    monkeypatch.setattr(roster_jobs, "INLINE_ROWS", 1)
    page = look(registrar, files.records(3))
    address = import_address(page)
    assert page.h1 == "正在读文件"
    assert page.all("[hx-trigger]")
    assert registrar.get(address, part=True).all(".progress")
    worker = make_worker(app)
    assert worker.drain() == 1
    polled = registrar.get(address, 204, environ_overrides={"HTTP_HX_REQUEST": "true", "HTTP_X_POLLING": "1"})
    assert polled.location == address
    assert registrar.get(address).h1 == "先看一看，还没有导入"
    registrar.post(f"{address}/confirm")
    assert registrar.get(address).h1 == "正在导入"
    assert "请等一等" in registrar.post(f"{address}/confirm", status=409).text
    worker.drain()
    assert registrar.get(address).h1 == "导入好了"
    assert len(db.session.scalars(select(Pupil)).all()) == 3


def test_the_worker_tells_what_it_could_not_do(app: Any, registrar: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_jobs, "INLINE_BYTES", 10)
    monkeypatch.setattr(roster_jobs, "INLINE_ROWS", 1)
    worker = make_worker(app)
    refused = send(registrar, files.xlsx([["x"]])).location or ""
    worker.drain()
    page = registrar.get(refused)
    assert (page.h1, "没有找到表头" in page.text) == ("没有收这个文件", True)
    people = files.records(3)
    address = import_address(look(registrar, people))
    worker.drain()
    registrar.post(f"{address}/confirm")
    Make().pupil(Make().class_(code=people[0]["class_no"]), **people[0])
    worker.drain()
    page = registrar.get(address)
    assert (page.h1, "又有变动" in page.text) == ("先看一看，还没有导入", True)


def test_an_import_the_worker_gave_up_can_be_put_away(
    app: Any, registrar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it may still go on it cannot; afterwards it goes with its sealed file, also when a new file comes."""
    monkeypatch.setattr(roster_jobs, "INLINE_ROWS", 1)
    for put_away in (lambda at: registrar.post(f"{at}/discard"), lambda _: look(registrar, files.records(3))):
        address = import_address(look(registrar, files.records(2)))
        registrar.post(f"{address}/confirm")
        assert "请等一等" in registrar.post(f"{address}/discard", status=409).text
        row = db.session.get_one(RosterImport, UUID(address.rsplit("/", 1)[1]))
        db.session.execute(update(job).where(job.c.id == row.job_id).values(state="failed"))
        db.session.commit()
        assert "没有做完就停了" in registrar.get(address).text
        put_away(address)
        db.session.refresh(row)
        assert (row.state, row.report) == ("discarded", None)
        assert not photos.store().exists(row.address)


def test_reading_can_be_stopped(app: Any, registrar: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_jobs, "INLINE_BYTES", 10)
    address = import_address(look(registrar, files.records(3)))
    registrar.post(f"{address}/discard")
    make_worker(app).drain()
    assert registrar.get(address).h1 == "这份名册放下了"


def test_only_the_registrar_of_a_school_gets_here(make: Make, browser: Browser) -> None:
    for role, place in ((Role.LEADER, make.school()), (Role.REGISTRAR, make.county()), (Role.TEACHER, make.class_())):
        browser.sign_in(make.user(role, place).login, PASSWORD)
        browser.get("/staff/roster", status=403)
