"""Nothing written and signed: one question on each drawn sheet, then all in one press."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.models import Place, Sheet
from portal.rules.sampling import TOP
from portal.rules.workflow import SheetState
from portal.services import sampling
from tests.make import Make
from tests.pages import Browser, Page


@pytest.fixture(autouse=True)
def _only_the_first_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling.rules, "rank", lambda _key, _round, _sheet: TOP // 2)


def form(page: Page, answer: str | None = None) -> dict[str, object]:
    """What the page sends, with one answer to every question."""
    shown: dict[str, object] = {"sheet": [field["value"] for field in page.all("input[name=sheet]")]}
    names = {str(field["name"]) for field in page.all("input[type=radio]")}
    return shown | ({name: answer for name in names} if answer else {})


def test_a_class_is_confirmed_with_one_answer(teacher: Browser, class_: Place, received: Callable[..., Sheet]) -> None:
    sheets = [received() for _ in range(4)]
    changed = received(written=("phone",))
    address = f"/class/{class_.id}/unchanged"
    assert address in teacher.get("/class").links()
    page = teacher.get(address)
    assert len(page.all("input[name=sheet]")) == 4
    assert len(page.all(".evidence img")) == 1
    teacher.get(page.all(".evidence img")[0]["src"])
    again = teacher.post(address, form(page), status=400)
    assert again.all("[role=alert]")
    assert not again.all("input[checked]")
    assert {sheet.state for sheet in sheets} == {SheetState.RECEIVED}
    assert teacher.post(address, form(page, "nothing")).location == f"/class/{class_.id}"
    assert {sheet.state for sheet in sheets} == {SheetState.CHECKED}
    assert changed.state == SheetState.RECEIVED
    assert teacher.get(address).all(".empty")


def test_writing_on_a_drawn_sheet_confirms_none(
    teacher: Browser, class_: Place, received: Callable[..., Sheet]
) -> None:
    sheets = [received() for _ in range(4)]
    address = f"/class/{class_.id}/unchanged"
    answer = teacher.post(address, form(teacher.get(address), "written"))
    assert answer.location == f"{address}?missed=1"
    page = teacher.get(answer.location)
    assert page.all(".notice.soon")
    assert len(page.all(".evidence img")) == 2, "more are drawn"
    assert {sheet.state for sheet in sheets} == {SheetState.RECEIVED}
    assert sorted(sheet.written for sheet in sheets) == [0, 0, 0, 1]


def test_what_was_answered_stays_when_another_sheet_comes(
    teacher: Browser, class_: Place, received: Callable[..., Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = received()
    address = f"/class/{class_.id}/unchanged"
    sent = form(teacher.get(address), "nothing")
    received()
    monkeypatch.setattr(sampling.rules, "rank", lambda _key, _round, _sheet: 0)
    page = teacher.post(address, sent, status=409)
    assert len(page.all("input[type=radio]")) == 4
    assert [field["name"] for field in page.all("input[checked]")] == [f"look-{first.id.hex}"]


def test_a_drawn_sheet_asks_its_question_when_opened_by_itself(
    teacher: Browser, received: Callable[..., Sheet]
) -> None:
    sheet = received()
    address = f"/class/sheet/{sheet.id}"
    page = teacher.get(address)
    assert [field["value"] for field in page.all("input[name=nothing]")] == ["yes", "no"]
    assert not page.all("input[name=missed]")
    teacher.post(f"{address}/check", {"version": sheet.version}, status=400)
    teacher.post(f"{address}/check", {"version": sheet.version, "nothing": "yes"})
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, 0)


@pytest.mark.parametrize("data", [{"sheet": "nonsense"}, {"look-nonsense": "nothing"}])
def test_nonsense_does_not_exist(teacher: Browser, class_: Place, data: dict[str, str]) -> None:
    teacher.post(f"/class/{class_.id}/unchanged", data, status=404)


def test_other_classes_do_not_exist(teacher: Browser, make: Make) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    for place in (other, make.school()):
        address = f"/class/{place.id}/unchanged"
        teacher.get(address, status=404)
        teacher.post(address, {}, status=404)
