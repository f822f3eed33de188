"""Looking sheets through: what is shown, what may be decided, and that nothing is decided unseen."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from portal.models import Photo, Place, Sheet, Try, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import checking, printed_codes, readings, tries
from tests.make import Make
from tests.pages import Browser
from tests.photographs import arrive, jpeg, leaf_of, seen


def path(sheet: Sheet, act: str = "") -> str:
    return f"/class/sheet/{sheet.id}{act}"


def test_the_page_shows_the_photo_and_every_written_box(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received(written=("phone", "current_address"))
    page = teacher.get(path(sheet))
    assert len(page.all(".places rect")) == 2
    assert len(page.all("img.crop")) == 2
    assert sheet.pupil.record["phone"] in page.html
    for img in page.all("main img"):
        answer = teacher.get(img["src"]).answer
        assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")


def test_accepting_goes_on_to_the_next_that_waits(teacher: Browser, received: Callable[..., Sheet]) -> None:
    first, second = received(), received(written=("phone",))
    on = teacher.post(path(first, "/check"), {"version": first.version, "nothing": "yes"})
    assert on.location == path(second, f"?done={first.id}")
    undo = teacher.get(on.location).all("form.notice")[0]
    assert undo["action"] == path(first, "/undo")
    assert undo.select("button[data-key=u]")
    back = teacher.post(path(second, "/check"), {"version": second.version, "nothing": "yes"})
    assert back.location.startswith("/class")
    assert {first.state, second.state} == {SheetState.CHECKED}


def test_the_last_acceptance_is_taken_back_where_it_was_made(
    teacher: Browser, class_: Place, received: Callable[..., Sheet]
) -> None:
    sheet = received()
    on = teacher.post(path(sheet, "/check"), {"version": sheet.version, "nothing": "yes"})
    assert on.location == f"/class/{class_.id}?done={sheet.id}"
    undo = teacher.get(on.location).all("form.notice")[0]["action"]
    assert teacher.post(undo).location == path(sheet)
    assert sheet.state == SheetState.RECEIVED
    assert not teacher.get(on.location).all("form.notice")
    teacher.post(undo, status=409)
    assert teacher.get(f"/class/{class_.id}?done=nonsense").status == 200


def test_an_old_screen_decides_nothing(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received()
    for act, data in (("/check", {}), ("/send-back", {"reason": "unclear"})):
        for version in (sheet.version - 1, "", "x", "9" * 30):
            page = teacher.post(path(sheet, act), data | {"version": version}, status=409)
            assert page.all("[data-errors]")
    assert sheet.state == SheetState.RECEIVED


def test_without_a_signature_the_teacher_must_have_seen_one(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received(signed=False)
    assert teacher.get(path(sheet)).all("input[name=signed]")
    teacher.post(path(sheet, "/check"), {"version": sheet.version}, status=400)
    teacher.post(path(sheet, "/check"), {"version": sheet.version, "signed": "y"})
    assert sheet.state == SheetState.CHECKED


def test_what_was_not_read_is_said_by_the_teacher(teacher: Browser, received: Callable[..., Sheet]) -> None:
    sheet = received(verdict="retake", reasons=("blur",))
    page = teacher.get(path(sheet))
    assert page.all("input[name=changed]")
    assert page.all(".notice.soon")
    seen_by_eye = {"version": sheet.version, "signed": "y"}
    teacher.post(path(sheet, "/check"), seen_by_eye, status=400)
    teacher.post(path(sheet, "/check"), seen_by_eye | {"changed": "yes"})
    assert (sheet.state, sheet.written) == (SheetState.CHECKED, 1)


@pytest.mark.parametrize("data", [{"reason": "unclear"}, {"words": "请把爸爸的电话写全"}])
def test_sending_back_with_a_reason(teacher: Browser, received: Callable[..., Sheet], data: dict[str, str]) -> None:
    sheet = received()
    teacher.post(path(sheet, "/send-back"), {"version": sheet.version}, status=400)
    teacher.post(path(sheet, "/send-back"), {"version": sheet.version, **data})
    assert sheet.state == SheetState.ISSUED
    assert sheet.note == data.get("words", checking.REASONS["unclear"])
    assert teacher.get(path(sheet)).all(".notice.soon")


def test_what_is_already_entered_offers_no_decision(teacher: Browser, make: Make, class_: Place) -> None:
    sheet = make.sheet(SheetState.ENTERED, make.pupil(class_))
    page = teacher.get(path(sheet))
    assert not page.all(f"form[action$='{path(sheet, '/check')}']")
    assert not page.all(f"form[action$='{path(sheet, '/send-back')}']")
    teacher.post(path(sheet, "/check"), {"version": sheet.version, "signed": "y", "changed": "no"}, status=409)


def test_a_photo_for_a_family(teacher: Browser, make: Make, class_: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    leaf = leaf_of(sheet)
    monkeypatch.setattr(readings, "read_now", lambda photo: readings.keep(photo, seen(leaf)))
    teacher.post(path(sheet, "/upload"), {}, status=400)
    teacher.post(path(sheet, "/upload"), {"photo": (io.BytesIO(b"no"), "a.jpg")}, status=400)
    teacher.post(path(sheet, "/upload"), {"photo": (io.BytesIO(jpeg()), "a.jpg")})
    assert db.session.query(Photo).one().source == "teacher"
    assert teacher.get(path(sheet)).all(".evidence img")


def test_a_photo_that_is_still_being_read_asks_again(
    teacher: Browser, make: Make, class_: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    monkeypatch.setattr(readings, "read_now", lambda photo: photo)
    teacher.post(path(sheet, "/upload"), {"photo": (io.BytesIO(jpeg()), "a.jpg")})
    assert teacher.get(path(sheet)).all("#newest[data-ask-again]")
    part = teacher.get(path(sheet), part=True)
    assert part.all("#newest")
    assert not part.all("html")


def test_a_photo_nobody_could_name(teacher: Browser, make: Make, class_: Place) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    photo = arrive(sheet, None, page=None, verdict="unknown", reasons=("few_marks",), flat=True)
    page = teacher.get(path(sheet))
    form = page.all("form[action$='/recognise']")[0]
    teacher.get(page.all(".evidence img")[0]["src"])
    teacher.post(str(form["action"]), {"is_it": "yes"})
    assert (sheet.state, sheet.photo_id) == (SheetState.RECEIVED, photo.id)
    teacher.post(str(form["action"]), {"is_it": "yes"}, status=409)


def test_the_paper_a_cause_and_a_new_code(teacher: Browser, make: Make, class_: Place) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    teacher.post(path(sheet, "/cause"), {"cause": "away"})
    assert sheet.cause == "away"
    teacher.post(path(sheet, "/cause"), {"cause": "lazy"}, status=400)
    page = teacher.post(path(sheet, "/code"), {}, status=200)
    code = page.all(".receipt")[0].get_text().strip()
    assert teacher.post("/r", {"code": code}).location.startswith("/c/")
    slip = teacher.post(path(sheet, "/code-slip"), {}, status=200).answer
    assert (slip.content_type, slip.data[:5]) == ("application/pdf", b"%PDF-")
    assert slip.headers["Cache-Control"] == "no-store"
    teacher.post(path(sheet, "/returned"), {"returned": "yes"})
    assert (sheet.returned, sheet.state) == (True, SheetState.RECEIVED)


def test_a_code_whose_tries_are_used_up_says_so(teacher: Browser, make: Make, class_: Place) -> None:
    """sec-A1: the family is sent to the class teacher, who sees why and what to do."""
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    code = printed_codes.make_code(sheet)
    bucket = tries.bucket_of("code", code.selector)
    db.session.add_all([Try(kind="code", bucket=bucket) for _ in range(tries.ENDS_AFTER)])
    db.session.commit()
    assert teacher.get(path(sheet)).all("details[open] form[action$='/code']")
    assert teacher.get(path(sheet)).all("details[open] .bad")
    teacher.post(path(sheet, "/code"), {}, status=200)
    assert not teacher.get(path(sheet)).all("details[open] form[action$='/code']")


def test_before_hand_out_there_is_nothing_to_tick(teacher: Browser, make: Make, class_: Place) -> None:
    sheet = make.sheet(SheetState.PRINTED, make.pupil(class_))
    assert not teacher.get(path(sheet)).all("form[action$='/returned'], form[action$='/upload'], form[action$='/code']")
    teacher.post(path(sheet, "/returned"), {"returned": "yes"}, status=400)
    assert not sheet.returned


#: what a neighbour of another class, the school's registrar, leader and operator get for each route
ROUTES = [
    ("GET", "", 404, 200, 200, 200),
    ("POST", "/check", 404, 403, 403, 403),
    ("POST", "/send-back", 404, 403, 403, 403),
    ("POST", "/upload", 404, 403, 403, 403),
    ("POST", "/returned", 404, 303, 403, 403),
    ("POST", "/cause", 404, 303, 403, 403),
    ("POST", "/code", 404, 200, 403, 403),
    ("POST", "/code-slip", 404, 200, 403, 403),
]


@pytest.mark.parametrize(("method", "act", "neighbour", "registrar", "leader", "operator"), ROUTES)
def test_who_may_do_what_with_a_sheet(
    staff: Callable[..., Browser], make: Make, received: Callable[..., Sheet],
    method: str, act: str, neighbour: int, registrar: int, leader: int, operator: int,
) -> None:  # fmt: skip
    sheet = received()
    data = {"version": sheet.version, "reason": "unclear", "returned": "yes", "cause": "away"}
    other_class = make.class_(code="2020107", name="六年级（7）班")
    people = [staff(Role.TEACHER, other_class), staff(Role.REGISTRAR), staff(Role.LEADER), staff(Role.OPERATOR)]
    for browser, status in zip(people, (neighbour, registrar, leader, operator), strict=True):
        if method == "GET":
            browser.get(path(sheet, act), status=status)
        else:
            photo = {"photo": (io.BytesIO(jpeg()), "a.jpg")} if act == "/upload" else {}
            browser.post(path(sheet, act), data | photo, status=status)


def test_pictures_stay_inside_the_school(
    staff: Callable[..., Browser], make: Make, received: Callable[..., Sheet]
) -> None:
    sheet = received(written=("phone",))
    elsewhere = make.school("2199000002", "试验市第二小学")
    for picture in ("page", "phone"):
        address = f"/class/photo/{sheet.photo_id}/{picture}.jpg"
        assert staff(Role.REGISTRAR).get(address).answer.content_type == "image/jpeg"
        staff(Role.REGISTRAR, elsewhere).get(address, status=404)
        Browser(staff(Role.LEADER).client.application).get(address, status=302)
