"""The class teacher's and the registrar's help for families on the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.models import Guardianship, Place, Sheet, User, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def sheet(make: Make, class_: Place) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(class_))


def one_of(user: User) -> Guardianship:
    return db.session.query(Guardianship).filter_by(user_id=user.id).one()


def test_a_second_guardian_is_agreed_to_with_one_press(teacher: Browser, make: Make, sheet: Sheet) -> None:
    assert teacher.get("/class/requests").all(".empty")
    make.guardian(sheet.pupil)
    second = make.guardian(sheet.pupil, phone="15412345678", state="waiting")
    assert "/class/requests" in teacher.get("/class").links()
    page = teacher.get("/class/requests")
    assert "154****5678" in page.text
    assert "15412345678" not in page.html
    address = f"/class/guardian/{one_of(second).id}/decide"
    assert teacher.post(address, {"decision": "no", "reason": " "}, status=400).all("[data-errors] li")
    assert teacher.post(address, {"decision": "yes"}).location == "/class/requests"
    assert one_of(second).state == "active"
    teacher.post(address, {"decision": "yes"}, status=409)
    assert "/class/requests" not in teacher.get("/class").links()


def test_a_forgotten_password_is_shown_once_and_printed(teacher: Browser, make: Make, sheet: Sheet) -> None:
    assert teacher.get(f"/class/sheet/{sheet.id}/family").all(".empty")
    one = one_of(make.guardian(sheet.pupil))
    assert f"/class/sheet/{sheet.id}/family" in teacher.get(f"/class/sheet/{sheet.id}").links()
    page = teacher.get(f"/class/sheet/{sheet.id}/family")
    assert "154****" in page.text
    password = teacher.post(f"/class/guardian/{one.id}/password", status=200).all(".receipt")[0].get_text()
    assert password not in teacher.get(f"/class/sheet/{sheet.id}/family").html
    slip = teacher.post(f"/class/guardian/{one.id}/password-slip", status=200).answer
    assert slip.content_type == "application/pdf"
    assert slip.data.startswith(b"%PDF")


def test_a_wrong_claim_ends_with_a_reason_and_a_new_code(teacher: Browser, make: Make, sheet: Sheet) -> None:
    one = one_of(make.guardian(sheet.pupil))
    assert teacher.post(f"/class/guardian/{one.id}/end", {}, status=400).all("[data-errors] li")
    page = teacher.post(f"/class/guardian/{one.id}/end", {"reason": "不是监护人"}, status=200)
    assert page.all(".receipt")[0].get_text().startswith("R")
    teacher.post(f"/class/guardian/{one.id}/end", {"reason": "不是监护人"}, status=404)


def test_the_registrar_sees_masked_names_and_the_leader_nothing(
    staff: Callable[..., Browser], make: Make, sheet: Sheet
) -> None:
    make.guardian(sheet.pupil, state="waiting")
    registrar = staff(Role.REGISTRAR)
    for address in ("/class/requests", f"/class/sheet/{sheet.id}/family"):
        page = registrar.get(address)
        assert "＊" in page.text
        assert sheet.pupil.record["name"] not in page.html
    staff(Role.LEADER).get("/class/requests", status=403)


def test_next_door_there_is_nobody(app: object, make: Make, sheet: Sheet) -> None:
    one = one_of(make.guardian(sheet.pupil, state="waiting"))
    neighbour = Browser(app)
    neighbour.sign_in(make.user(Role.TEACHER, make.class_(code="2021107", name="五年级（7）班")).login, PASSWORD)
    assert neighbour.get("/class/requests").all(".empty")
    neighbour.get(f"/class/sheet/{sheet.id}/family", status=404)
    for act in ("decide", "password", "password-slip", "end"):
        neighbour.post(f"/class/guardian/{one.id}/{act}", {"reason": "x", "decision": "no"}, status=404)
