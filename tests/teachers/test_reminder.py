"""Reminding on screen: a text that names no child in full, noted in one press, silent at night; causes and papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from portal.models import Place, Sheet, db
from portal.rules.clock import SHANGHAI, today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import Make
from tests.pages import Browser


@pytest.fixture
def clock(app: object) -> Iterator[Callable[[timedelta], None]]:
    evening = datetime.combine(today(), datetime.min.time(), SHANGHAI) + timedelta(hours=19, minutes=30)
    with time_machine.travel(evening, tick=False) as clock:
        yield clock.shift


@pytest.fixture
def missing(make: Make, class_: Place) -> list[Sheet]:
    return [make.sheet(SheetState.ISSUED, make.pupil(class_, name=name)) for name in ("林小试", "方小测")]


def test_one_press_notes_it_for_all_and_the_row_says_so(
    clock: object, teacher: Browser, class_: Place, missing: list[Sheet]
) -> None:
    address = f"/class/{class_.id}/reminder"
    page = teacher.get(address)
    text = page.all("#reminder")[0].get_text()
    assert not any(part in text for part in ("林小", "方小", "小试", "小测"))
    assert page.all("form [data-copy='#reminder']")
    assert page.all(f"form[action='{address}']")
    teacher.post(address)
    assert [sheet.reminded for sheet in missing] == [1, 1]
    assert not teacher.get(address).all("form [data-copy]")
    teacher.post(address, status=409)
    assert "1" in teacher.get("/class?show=missing").all(".pupil .why")[0].get_text()


def test_one_family_alone_with_a_masked_name(
    clock: object, teacher: Browser, class_: Place, missing: list[Sheet]
) -> None:
    address = f"/class/sheet/{missing[0].id}/reminder"
    assert address in teacher.get(f"/class/{class_.id}/reminder").links()
    page = teacher.get(address)
    text = page.all("#reminder")[0].get_text()
    assert "林＊试" in text
    assert "林小试" not in text
    teacher.post(address)
    assert [sheet.reminded for sheet in missing] == [1, 0]


def test_the_night_is_quiet_and_the_page_says_until_when(
    clock: Callable[[timedelta], None], teacher: Browser, class_: Place, missing: list[Sheet]
) -> None:
    clock(timedelta(hours=1, minutes=30))
    page = teacher.get(f"/class/{class_.id}/reminder")
    assert "08:00" in page.all(".notice")[0].get_text()
    assert not page.all("form [data-copy]")
    teacher.post(f"/class/{class_.id}/reminder", status=409)
    assert [sheet.reminded for sheet in missing] == [0, 0]


def test_the_school_reads_it_and_does_not_send_it(
    clock: object, staff: Callable[..., Browser], class_: Place, missing: list[Sheet]
) -> None:
    registrar = staff(Role.REGISTRAR)
    page = registrar.get(f"/class/{class_.id}/reminder")
    assert not page.all("form [data-copy]")
    assert "林小试" not in page.text
    registrar.post(f"/class/{class_.id}/reminder", status=403)
    assert staff(Role.LEADER).get(f"/class/{class_.id}").all(".pupil")


def test_causes_of_a_class_in_one_press(teacher: Browser, class_: Place, missing: list[Sheet]) -> None:
    address = f"/class/{class_.id}/causes"
    assert address in teacher.get("/class?show=missing").links()
    names = [field["name"] for field in teacher.get(address).all("select")]
    assert len(names) == 2
    teacher.post(address, dict(zip(names, ("no_phone", ""), strict=True)))
    assert sorted(sheet.cause or "" for sheet in missing) == ["", "no_phone"]
    assert teacher.get(address).all("option[value=no_phone][selected]")
    teacher.post(address, {names[0]: "rain"}, status=400)
    teacher.post(address, {"cause-x": "away"}, status=404)


def test_papers_of_a_class_in_one_press(teacher: Browser, class_: Place, missing: list[Sheet]) -> None:
    address = f"/class/{class_.id}/returned"
    assert address in teacher.get("/class?show=all").links()
    page = teacher.get(address)
    shown = [field["value"] for field in page.all("input[name=shown]")]
    teacher.post(address, {"shown": shown, "returned": shown[:1]})
    assert sorted(sheet.returned for sheet in missing) == [False, True]
    assert len(teacher.get(address).all("input[name=returned][checked]")) == 1
    teacher.post(address, {"shown": shown, "all": "1"})
    assert {sheet.state for sheet in missing} == {SheetState.RECEIVED}
    db.session.rollback()
