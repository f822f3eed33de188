"""Nothing written and signed: confirmed in one press, behind a sample that was opened."""

from __future__ import annotations

from collections.abc import Callable

from portal.models import Place, Sheet
from portal.rules.workflow import SheetState
from tests.make import Make
from tests.pages import Browser


def test_a_class_is_confirmed_in_three_presses(teacher: Browser, class_: Place, received: Callable[..., Sheet]) -> None:
    sheets = [received() for _ in range(4)]
    changed = received(written=("phone",))
    address = f"/class/{class_.id}/unchanged"
    assert address in teacher.get("/class").links()
    assert not teacher.get(address).all("img")
    teacher.post(address, {}, status=409)
    teacher.post(f"{address}/sample")
    page = teacher.get(address)
    assert len(page.all(".evidence img")) == 3
    for img in page.all(".evidence img"):
        teacher.get(img["src"])
    teacher.post(address, {})
    assert {sheet.state for sheet in sheets} == {SheetState.CHECKED}
    assert changed.state == SheetState.RECEIVED
    assert teacher.get(address).all(".empty")


def test_a_ticked_error_confirms_none(teacher: Browser, class_: Place, received: Callable[..., Sheet]) -> None:
    sheets = [received() for _ in range(3)]
    address = f"/class/{class_.id}/unchanged"
    teacher.post(f"{address}/sample")
    wrong = teacher.get(address).all("input[name=wrong]")[0]["value"]
    teacher.post(address, {"wrong": [wrong, "nonsense"]})
    assert {sheet.state for sheet in sheets} == {SheetState.RECEIVED}
    assert sorted(sheet.written for sheet in sheets) == [0, 0, 1]
    assert not teacher.get(address).all("img")


def test_other_classes_do_not_exist(teacher: Browser, make: Make) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    for place in (other, make.school()):
        address = f"/class/{place.id}/unchanged"
        teacher.get(address, status=404)
        teacher.post(f"{address}/sample", {}, status=404)
        teacher.post(address, {}, status=404)
