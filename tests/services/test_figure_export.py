"""Figures as a workbook: marked on every page, with a purpose, written down, nothing calculated, nobody named."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal.models import Step, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import figure_export, figures
from portal.services.figure_export import Scope, Wanted, export, scopes_of
from portal.services.refusals import Refusal
from tests.make import Make

WHY = "五月进度会 & 通报"


@pytest.fixture
def officer(make: Make) -> Actor:
    make.sheet(SheetState.RECEIVED, pupil=make.pupil(name="林小试"))
    make.sheet(SheetState.EXPECTED)
    evil = make.school("2199000002", "=cmd|' /C calc'!A0")
    make.sheet(pupil=make.pupil(make.class_(evil, name="+1@班")))
    make.class_(make.school("2199000003", "没有人的小学"))
    figures.fold_all()
    return make.actor(Role.REGISTRAR, make.county())


def opened(actor: Actor, scope: Scope, keys: frozenset[str] = frozenset()) -> tuple[bytes, list[list[object]]]:
    _, content = export(actor, Wanted(scope, WHY, keys), lambda text: text)
    page = load_workbook(io.BytesIO(content)).active
    assert page is not None
    return content, [list(row) for row in page.iter_rows(values_only=True)]


def test_schools_and_classes_with_their_numbers(officer: Actor) -> None:
    rows = opened(officer, Scope.SCHOOLS)[1]
    assert rows[4][:4] == ["地区", "学校代码", "学校", "应核"]
    assert [row[1:4] for row in rows[5:]] == [
        ["2199000001", "试验市第一小学", 2],
        ["2199000002", "=cmd|' /C calc'!A0", 1],
        ["2199000003", "没有人的小学", 0],
    ]
    assert rows[5][0] == "试验市 试验一区"
    classes = opened(officer, Scope.CLASSES)[1]
    assert [row[4:6] for row in classes[5:]] == [["六年级（6）班", 2], ["+1@班", 1], ["六年级（6）班", 0]]


def test_the_rows_that_are_open(officer: Actor) -> None:
    rows = opened(officer, Scope.OPENED, frozenset({"2199000001"}))[1]
    assert [row[0] for row in rows[5:]] == [
        "试验一区",
        "　试验市第一小学",
        "　　六年级（6）班",
        "　=cmd|' /C calc'!A0",
        "　没有人的小学",
    ]


def test_every_page_says_who_when_where_and_what_for(officer: Actor) -> None:
    content, rows = opened(officer, Scope.SCHOOLS)
    head = "\n".join(str(row[0]) for row in rows[:4])
    book = load_workbook(io.BytesIO(content))
    page = book.active
    assert page is not None
    top, foot = page.oddHeader, page.oddFooter
    step = db.session.scalars(select(Step).where(Step.move == "EXPORT_FIGURES")).one()
    number = step.details["number"]
    for said in (officer.name, "试验一区教育局", f"第 {number} 号", WHY):
        assert said in head
    assert officer.name in str(top.right.text)
    assert number in str(top.right.text)
    assert "试验一区教育局" in str(top.left.text)
    assert "五月进度会" in str(foot.left.text)
    assert (book.properties.subject, book.properties.keywords) == (f"用途：{WHY}", number)
    assert page.print_title_rows == "$5:$5"


def test_nothing_in_it_is_calculated_or_a_link(officer: Actor) -> None:
    """sec-A24"""
    content = opened(officer, Scope.CLASSES)[0]
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_nobody_is_named(officer: Actor) -> None:
    with zipfile.ZipFile(io.BytesIO(opened(officer, Scope.CLASSES)[0])) as file:
        everything = "".join(file.read(name).decode() for name in file.namelist())
    assert "林小试" not in everything


def test_each_export_is_written_down_with_its_purpose_and_hash(officer: Actor) -> None:
    import hashlib

    content = opened(officer, Scope.SCHOOLS)[0]
    step = db.session.scalars(select(Step).where(Step.move == "EXPORT_FIGURES")).one()
    assert (step.by_id, step.reason, step.details["rows"]) == (officer.user_id, WHY, 3)
    assert step.details["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("purpose", ["", "   ", "看看", "\x00\x01\x02\x03\x04", "长" * 81])
def test_without_a_purpose_nothing_is_exported(officer: Actor, purpose: str) -> None:
    with pytest.raises(Refusal, match="用途"):
        export(officer, Wanted(Scope.SCHOOLS, purpose), lambda text: text)
    assert db.session.scalar(select(Step.id).where(Step.move == "EXPORT_FIGURES")) is None


def test_a_school_exports_itself_only(officer: Actor, make: Make) -> None:
    registrar = make.actor(Role.REGISTRAR, make.school())
    assert Scope.SCHOOLS not in scopes_of(registrar)
    with pytest.raises(Refusal):
        export(registrar, Wanted(Scope.SCHOOLS, WHY), lambda text: text)
    assert {row[1] for row in opened(registrar, Scope.CLASSES)[1][5:]} == {"2199000001"}


def test_more_rows_than_anybody_waits_for_are_refused(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_export, "MOST_ROWS", 2)
    with pytest.raises(Refusal, match="最多"):
        opened(officer, Scope.SCHOOLS)
