"""A pile on the screen: with and without scripts, what is told, whose an unnamed page is, and what nobody may see."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from portal.models import Leaf, Photo, Pile, Place, Sheet, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import piles, quarantine, readings
from tests.make import Make
from tests.pages import Browser, Page
from tests.photographs import jpeg, leaf_of, seen


def sending(*files: bytes) -> dict[str, object]:
    return {"photo": [(io.BytesIO(data), f"{n}.jpg") for n, data in enumerate(files)]}


@pytest.fixture
def read(class_: Place) -> Callable[..., Photo]:
    """Read the oldest waiting photo as what is given: read(leaf, **facts)."""

    def one(leaf: Leaf | None, **facts: object) -> Photo:
        db.session.rollback()
        photo = db.session.query(Photo).filter_by(outcome="waiting").order_by(Photo.received_at, Photo.id).first()
        assert photo is not None
        return readings.keep(photo, seen(leaf, **facts))

    return one


@pytest.fixture
def phone(staff: Callable[..., Browser], class_: Place) -> Browser:
    """The teacher in Chinese only, where the words do not matter."""
    return staff(Role.TEACHER, class_)


@pytest.fixture
def leaf(make: Make, class_: Place) -> Leaf:
    return leaf_of(make.sheet(SheetState.ISSUED, make.pupil(class_)))


def nameless(**facts: object) -> dict[str, object]:
    return {"verdict": "unknown", "certain": False, "reasons": ("few_marks",), "flat": True} | facts


def begun(teacher: Browser, *files: bytes) -> str:
    """The address of a pile that was sent without scripts."""
    page = teacher.post("/class/pile", sending(*files), content_type="multipart/form-data")
    assert page.location
    return page.location


def test_a_form_without_scripts_sends_many_and_is_told_when_they_are_read(
    teacher: Browser, leaf: Leaf, read: Callable[..., Photo]
) -> None:
    teacher.get("/class/pile")
    address = begun(teacher, jpeg(), jpeg())
    page = teacher.get(address)
    [part] = page.all("#result[data-ask-again]")
    assert part["data-ask-again"] == address
    assert address in page.links(), "without scripts a link asks again"
    assert teacher.get(address, part=True).soup.find("html") is None
    read(leaf)
    read(None, verdict="retake", reasons=("not_a_sheet",), flat=True)
    done = teacher.get(address)
    assert not done.all("[data-ask-again]")
    assert len(done.all(".names li")) == 0
    assert leaf.sheet.state == SheetState.RECEIVED
    for image in done.all("main img"):
        answer = teacher.get(str(image["src"])).answer
        assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert teacher.get("/class/pile").all(f'a[href="{address}"]')


def test_a_script_opens_a_pile_and_sends_one_photo_a_request(phone: Browser) -> None:
    opened = phone.post("/class/pile", part=True, status=204)
    assert opened.location
    data = jpeg()
    for _ in range(2):
        again = phone.post(
            f"{opened.location}/photos", sending(data), part=True, status=204, content_type="multipart/form-data"
        )
        assert again.location == opened.location
    assert db.session.query(Photo).count() == 1
    refused = phone.post(
        f"{opened.location}/photos", sending(b"text"), part=True, status=400, content_type="multipart/form-data"
    )
    assert refused.html


def test_nothing_chosen_is_said_at_the_form(teacher: Browser) -> None:
    assert teacher.post("/class/pile", status=400).all("[data-errors]")
    opened = teacher.post("/class/pile", part=True, status=204).location
    assert teacher.post(f"{opened}/photos", status=400).all("[data-errors]")
    assert teacher.get(f"{opened}/photos").all("input[type=file][multiple]")
    assert teacher.get(str(opened)).all("[data-pick]")


def test_files_that_are_no_photos_are_named_and_the_rest_is_taken(phone: Browser) -> None:
    page = phone.post("/class/pile", sending(jpeg(), b"text"), status=400, content_type="multipart/form-data")
    assert len(page.all("[data-errors] li")) == 1
    assert db.session.query(Photo).count() == 1


def test_everything_that_can_come_of_a_pile_is_told(
    make: Make, class_: Place, teacher: Browser, leaf: Leaf, read: Callable[..., Photo]
) -> None:
    blurred, unsigned = (leaf_of(make.sheet(SheetState.ISSUED, make.pupil(class_))) for _ in range(2))
    missing = make.sheet(SheetState.ISSUED, make.pupil(class_))
    next_door = make.class_(code="2021107", name="五年级（7）班")
    stranger = leaf_of(make.sheet(SheetState.ISSUED, make.pupil(next_door)))
    address = begun(teacher, *(jpeg() for _ in range(8)))
    for shown, facts in (
        (leaf, {}),
        (leaf, {}),
        (blurred, {"verdict": "retake", "reasons": ("corner.bottom_left", "blur")}),
        (unsigned, {"signed": False}),
        (unsigned, {"page": 2, "verdict": "retake", "reasons": ("back_page",)}),
        (stranger, {}),
        (None, {"verdict": "retake", "reasons": ("two_sheets",), "flat": True}),
        (None, nameless(likely=(leaf_of(missing).number,))),
    ):
        read(shown, **facts)
    page = teacher.get(address)
    assert [len(page.all(f"[aria-labelledby={name}-title] .shot")) for name in ("again", "unsigned", "strange")] == [
        1,
        1,
        2,
    ]
    name = missing.pupil.record["name"]
    assert [li.get_text(" ", strip=True).split()[-1] for li in page.all(".names li")] == [name]
    assert next_door.name in page.text
    assert stranger.sheet.pupil.record["name"] not in page.html
    [button] = page.all("#unknown button[name=sheet_id]")
    assert button["value"] == str(missing.id)
    assert len(page.all(".ticks li")) == 2, "one double, one back page"
    assert len(page.all("#result a.button.main")) == 1


def unnamed(teacher: Browser, read: Callable[..., Photo], **facts: object) -> tuple[str, Photo]:
    address = begun(teacher, jpeg())
    return address, read(None, **nameless(**facts))


def test_one_press_names_a_page_and_another_takes_it_back(
    phone: Browser, leaf: Leaf, read: Callable[..., Photo]
) -> None:
    address, photo = unnamed(phone, read)
    act, sheet = f"/class/pile/photo/{photo.id}", leaf.sheet
    assert phone.get(address).all(f'#unknown button[value="{sheet.id}"]')
    assert phone.post(f"{act}/assign", {"sheet_id": sheet.id}).location == f"{address}#assigned"
    assert sheet.state == SheetState.RECEIVED
    page = phone.get(address)
    assert page.all(f'#assigned form[action="{act}/undo"]')
    phone.get(f"/class/sheet/{sheet.id}")
    late = phone.post(f"{act}/assign", {"sheet_id": sheet.id}, status=409)
    assert late.all("[data-errors]")
    assert late.all("#assigned")
    assert phone.post(f"{act}/undo", {"sheet_id": sheet.id}).location == f"{address}#unknown"
    assert sheet.state == SheetState.ISSUED


def test_the_page_in_large_offers_the_whole_class_and_none(
    make: Make, class_: Place, teacher: Browser, leaf: Leaf, read: Callable[..., Photo]
) -> None:
    came = make.sheet(SheetState.RECEIVED, make.pupil(class_))
    address, photo = unnamed(teacher, read)
    act = f"/class/pile/photo/{photo.id}"
    page = teacher.get(act)
    assert {str(b["value"]) for b in page.all("button[name=sheet_id]")} == {str(leaf.sheet_id), str(came.id)}
    assert not page.all("select")
    assert teacher.post(f"{act}/dismiss").location == f"{address}#strange"
    again = teacher.get(address)
    assert again.all(f'#strange a[href="{act}"]')
    assert not teacher.get(act).all(f'form[action="{act}/dismiss"]')


def test_a_registrar_names_pages_of_the_school_class_by_class(
    make: Make, class_: Place, staff: Callable[..., Browser], leaf: Leaf
) -> None:
    registrar = staff(Role.REGISTRAR)
    page = registrar.get("/staff/piles")
    assert [str(o["value"]) for o in page.all("option")] == ["", str(class_.id)]
    started = registrar.post("/staff/piles", {"class_id": ""}).location
    assert started
    registrar.get(started)
    pile = db.session.query(Pile).one()
    actor = make.actor(Role.REGISTRAR, make.school())
    photo = readings.keep(piles.add(actor, pile.id, jpeg()), seen(None, **nameless()))
    address = f"/class/pile/{pile.id}"
    assert registrar.get(address).all(".names a")
    chosen = registrar.get(f"/class/pile/photo/{photo.id}?class_id={class_.id}")
    assert [str(b["value"]) for b in chosen.all("button[name=sheet_id]")] == [str(leaf.sheet_id)]
    assert leaf.sheet.pupil.record["name"] not in chosen.html
    registrar.post(f"/class/pile/photo/{photo.id}/assign", {"sheet_id": leaf.sheet_id})
    assert leaf.sheet.state == SheetState.RECEIVED
    assert registrar.get("/class/pile", status=303).location == "/staff/piles"
    assert registrar.get("/staff/piles").all(f'a[href="{address}"]')
    assert registrar.get("/staff/round").all('a[href="/staff/piles"]')


def test_nobody_else_opens_a_pile_or_its_pages(
    make: Make, phone: Browser, leaf: Leaf, read: Callable[..., Photo], staff: Callable[..., Browser]
) -> None:
    address, photo = unnamed(phone, read)
    pages = (address, f"{address}/photos", f"/class/pile/photo/{photo.id}")
    other = make.class_(code="2021107", name="五年级（7）班")
    for outsider, status in ((staff(Role.TEACHER, other), 404), (staff(Role.LEADER), 403), (staff(Role.OPERATOR), 403)):
        for one in pages:
            outsider.get(one, status=status)
        outsider.get(f"/class/photo/{photo.id}/small.jpg", status=404 if status == 404 else 200)  # as its large one
        for act in ("assign", "dismiss", "undo", "split"):
            outsider.post(f"/class/pile/photo/{photo.id}/{act}", {"sheet_id": leaf.sheet_id}, status=status)
    assert photo.sheet_id is None
    assert quarantine.unnamed_of(make.actor(Role.TEACHER, other), photo.pile_id or photo.id) == {}


def test_a_teacher_comes_from_the_registrars_page_to_the_own_one(phone: Browser) -> None:
    assert phone.get("/staff/piles", status=303).location == "/class/pile"
    assert isinstance(phone.get("/class/pile"), Page)


def test_odd_answers_name_nobody(phone: Browser, leaf: Leaf, read: Callable[..., Photo]) -> None:
    _, photo = unnamed(phone, read)
    for value in ("", "x", "9" * 40):
        phone.post(f"/class/pile/photo/{photo.id}/assign", {"sheet_id": value}, status=404)
        phone.get(f"/class/pile/photo/{photo.id}?class_id={value}")
    sheet: Sheet = leaf.sheet
    assert not sheet.received
