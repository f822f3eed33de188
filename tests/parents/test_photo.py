"""Sending the photo without an account, and what its sender and others may see afterwards."""

from __future__ import annotations

import io

import pytest

from portal.models import Leaf, Photo, Sheet, db
from portal.rules.workflow import SheetState
from portal.services import photos, readings
from tests.make import Make
from tests.pages import Browser, Page
from tests.photographs import arrive, jpeg, leaf_of, link_of, seen


@pytest.fixture
def reader(leaf: Leaf, monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the reader will see on the next photo."""
    facts: dict = {}

    def read_now(photo: Photo) -> Photo:
        if photo.outcome != "waiting":
            return photo
        kept = {name: value for name, value in facts.items() if name != "nobodys"}
        return readings.keep(photo, seen(None if facts.get("nobodys") else leaf, **kept))

    monkeypatch.setattr(readings, "read_now", read_now)
    return facts


def send(visitor: Browser, door: str, data: bytes, status: int = 303, part: bool = False) -> Page:
    return visitor.post(f"{door}/photo", {"photo": (io.BytesIO(data), "表.jpg")}, status=status, part=part)


def test_three_steps_from_the_code_to_the_receipt(visitor: Browser, sheet: Sheet, door: str, reader: dict) -> None:
    reader["written"] = ("phone",)
    address = next(link for link in visitor.get(door).links() if link.endswith("/photo"))
    form = visitor.get(address).all("form[enctype]")[0]
    assert form["action"] == f"{door}/photo"
    sent = send(visitor, door, jpeg())
    page = visitor.get(sent.location)
    receipt = db.session.query(Photo).one().receipt
    assert receipt in page.all("#receipt")[0].get_text().replace(" ", "")
    assert len(page.all(".ticks li")) == 4
    assert len(page.all("img.crop")) == 1
    assert sheet.state == SheetState.RECEIVED


def test_only_the_browser_that_sent_it_sees_the_picture(visitor: Browser, app: object, door: str, reader: dict) -> None:
    reader["written"] = ("phone",)
    sent = send(visitor, door, jpeg()).location
    pictures = [img["src"] for img in visitor.get(sent).all("main img")]
    assert len(pictures) == 2
    stranger = Browser(app)
    assert not stranger.get(sent).all("main img")
    for picture in pictures:
        answer = visitor.get(picture).answer
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
        stranger.get(picture, status=404)


def test_the_same_photo_twice_has_one_receipt(visitor: Browser, door: str, reader: dict) -> None:
    data = jpeg()
    assert send(visitor, door, data).location == send(visitor, door, data).location
    assert db.session.query(Photo).count() == 1


def test_scripts_are_sent_on_by_a_header(visitor: Browser, door: str, reader: dict) -> None:
    answer = send(visitor, door, jpeg(), status=204, part=True)
    assert answer.location.startswith(f"{door}/photo/")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 not a photo", b"\xff\xd8\xff"])
def test_what_is_no_photo_comes_back_with_the_form(visitor: Browser, door: str, data: bytes) -> None:
    page = send(visitor, door, data, status=400)
    assert page.all("[data-errors] li")
    assert page.all("form[enctype]")
    assert db.session.query(Photo).count() == 0


def test_no_file_field_at_all_is_an_error_with_words(visitor: Browser, door: str) -> None:
    assert visitor.post(f"{door}/photo", {}, status=400).all("[data-errors]")


def test_too_many_photos_of_one_sheet_are_refused(
    visitor: Browser, door: str, reader: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.services.photos.MOST_PHOTOS", 1)
    first = jpeg()
    address = send(visitor, door, first).location
    stored = {one.address for one in photos.store().walk()}
    assert "1" in send(visitor, door, jpeg(), status=400).text
    assert {one.address for one in photos.store().walk()} == stored  # nobody fills the store from a link
    assert send(visitor, door, first).location == address


def test_a_photo_that_waits_says_so_and_asks_again(
    visitor: Browser, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "read_now", lambda photo: photo)
    sent = send(visitor, door, jpeg()).location
    page = visitor.get(sent)
    assert page.all("#answer[data-ask-again]")
    assert sent in page.links()
    part = visitor.get(sent, part=True)
    assert part.all("#answer")
    assert not part.all("html")


def test_once_read_it_asks_no_more(visitor: Browser, sheet: Sheet, leaf: Leaf, door: str) -> None:
    photo = arrive(sheet, leaf)
    assert not visitor.get(f"{door}/photo/{photo.receipt}").all("[data-ask-again]")


ANSWERS = [
    ({}, ".sign.done"),
    ({"signed": False}, ".sign.again"),
    ({"verdict": "retake", "reasons": ("glare.signature",)}, ".sign.again"),
    ({"page": 2, "verdict": "unknown", "reasons": ("back_page",)}, ".sign.again"),
    ({"verdict": "unknown", "reasons": ("two_sheets",)}, ".sign.again"),
    ({"verdict": "unknown", "reasons": ("not_a_sheet",), "flat": False}, ".sign.again"),
    ({"nobodys": True, "page": None, "verdict": "unknown", "reasons": ("few_marks",)}, ".sign.look"),
]


@pytest.mark.parametrize(("facts", "sign"), ANSWERS)
def test_every_answer_has_its_sign_and_the_next_step(
    visitor: Browser, door: str, reader: dict, facts: dict, sign: str
) -> None:
    reader.update(facts)
    page = visitor.get(send(visitor, door, jpeg()).location)
    assert page.all(sign)
    again = sign == ".sign.again"
    assert page.all(".button.main[href]")[0]["href"] == (f"{door}/photo" if again else door)


def test_a_receipt_of_another_sheet_is_not_found(visitor: Browser, make: Make, door: str) -> None:
    other = make.sheet(SheetState.ISSUED)
    photo = arrive(other, leaf_of(other))
    visitor.get(f"{door}/photo/{photo.receipt}", status=404)
    visitor.get(f"/s/{link_of(leaf_of(other))}/photo/{photo.receipt}")


def test_without_a_token_nothing_is_taken(app: object, door: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    send(Browser(app), door, jpeg(), status=400)
    assert db.session.query(Photo).count() == 0
