"""What follows from a reading: outcomes, best photo, open changes; a reading never checks a sheet (E12, R108)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.files import StoreFull
from portal.jobs.children import ChildDied, ChildFailed, ChildTimeout
from portal.models import Change, Leaf, Photo, PrintRun, Sheet, db
from portal.paper.ink import InkBox
from portal.paper.reading import Reading
from portal.rules.clock import now, today
from portal.rules.workflow import SheetState
from portal.services import photos, readings, receipt_numbers
from portal.services.refusals import Away, Refusal, TooLate
from portal.services.verdicts import verdict_of
from tests.make import Make
from tests.pictures import small_jpeg


def leaf(make: Make, sheet: Sheet, number: int) -> Leaf:
    run = PrintRun(round_id=sheet.round_id, school_id=sheet.school_id, path=sheet.path, number=number)
    db.session.add(run)
    db.session.flush()
    row = Leaf(number=number, sheet_id=sheet.id, run_id=run.id, layout_version=1)
    db.session.add(row)
    db.session.commit()
    return row


def seen(number: int | None, verdict: str = "readable", **facts: object) -> Reading:
    base = {
        "leaf": number,
        "page": 1,
        "corners": 4,
        "certain": True,
        "signed": True,
        "flat_jpeg": b"flat",
        "ink": {},
        "crops": {},
    }
    return Reading(verdict=verdict, **(base | facts))  # type: ignore[arg-type]


def written(*items: str) -> dict[str, object]:
    return {
        "ink": {item: InkBox("written", 0.9) for item in items},
        "crops": {item: b"crop" + item.encode() for item in items},
    }


def send(sheet: Sheet, shade: int = 0) -> Photo:
    return photos.receive(sheet, small_jpeg(shade), photos.Sender("family"))


@pytest.fixture
def sheet(make: Make) -> Sheet:
    sheet = make.sheet(SheetState.ISSUED)
    leaf(make, sheet, 11)
    return sheet


def test_same_bytes_again_give_the_same_receipt(sheet: Sheet) -> None:
    """sec-R6"""
    first, again = send(sheet), send(sheet)
    assert (first.id, first.receipt) == (again.id, again.receipt)
    assert len(first.receipt) == 8
    assert send(sheet, 1).receipt != first.receipt


def test_photo_whose_receipt_is_taken_gets_another(sheet: Sheet, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """35 bits are few among the photos of a province: two that begin alike are both received."""
    texts = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(receipt_numbers, "receipt_text", lambda _word, _digest: next(texts))
    other = make.sheet(SheetState.ISSUED)
    assert [send(sheet).receipt, send(other).receipt] == ["AAAAAAAA", "BBBBBBBB"]


def test_photo_is_stored_encrypted(sheet: Sheet, settings: object) -> None:
    from pathlib import Path

    photo = send(sheet)
    stored = [p for p in Path(settings.storage.removeprefix("file://")).rglob("*") if p.is_file()]  # type: ignore[attr-defined]
    assert stored
    assert all(small_jpeg(0)[:200] not in p.read_bytes() for p in stored)
    assert photos.content_of(photo.address, photo.school_id, photo.round_id) == small_jpeg(0)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7", b"GIF89a....", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_photo_is_refused_and_nothing_kept(sheet: Sheet, data: bytes) -> None:
    with pytest.raises(Refusal):
        photos.receive(sheet, data, photos.Sender("family"))
    assert db.session.query(Photo).count() == 0


@pytest.mark.parametrize("state", [SheetState.EXPECTED, SheetState.PRINTED])
def test_photos_are_taken_from_hand_out_on(make: Make, state: SheetState) -> None:
    with pytest.raises(TooLate):
        send(make.sheet(state))


def test_readable_photo_of_the_own_sheet_is_received(sheet: Sheet) -> None:
    photo = readings.keep(send(sheet), seen(11, **written("phone")))
    assert photo.outcome == "matched"
    assert (sheet.state, sheet.received, sheet.readable, sheet.signed, sheet.written) == (
        SheetState.RECEIVED,
        True,
        True,
        True,
        1,
    )
    assert [c.item for c in sheet.changes] == ["phone"]
    assert readings.answer_of(photo).written_items == ["phone"]


def test_reading_never_checks_a_sheet(sheet: Sheet) -> None:
    readings.keep(send(sheet), seen(11))
    assert sheet.state == SheetState.RECEIVED


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"verdict": "retake", "reasons": ("corner.bottom_left",)}, "retake"),
        ({"page": 2}, "back_page"),
        ({"number": 999}, "unknown"),
        ({"number": None, "verdict": "unknown", "reasons": ("not_a_sheet",)}, "not_a_sheet"),
        ({"number": None, "verdict": "unknown", "reasons": ("other_deployment",)}, "other_deployment"),
        ({"verdict": "retake", "reasons": ("two_sheets",)}, "two_sheets"),
    ],
)
def test_each_outcome_has_its_own_answer(sheet: Sheet, facts: dict, outcome: str) -> None:
    facts = {"number": 11} | facts
    photo = readings.keep(send(sheet), seen(**facts))
    assert readings.answer_of(photo).outcome == outcome
    assert sheet.received == (outcome in readings.COUNTS)


def test_wrong_childs_sheet_counts_for_nobody(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED)
    leaf(make, other, 12)
    photo = readings.keep(send(sheet), seen(12))
    assert photo.outcome == "other_sheet"
    assert not sheet.received
    assert not other.received


def test_hint_of_another_childs_sheet_is_no_proof(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED)
    leaf(make, other, 12)
    assert readings.keep(send(sheet), seen(12, certain=False)).outcome == "unknown"
    assert readings.keep(send(sheet, 1), seen(11, certain=False)).outcome == "matched"


def test_worse_photo_never_displaces_a_readable_one(sheet: Sheet) -> None:
    """E12: newest readable is shown, all are kept."""
    good = readings.keep(send(sheet, 0), seen(11, **written("phone")))
    readings.keep(send(sheet, 1), seen(11, verdict="retake"))
    assert (sheet.photo_id, sheet.readable) == (good.id, True)
    better = readings.keep(send(sheet, 2), seen(11, **written("postcode")))
    assert sheet.photo_id == better.id
    assert [c.item for c in db.session.query(Change)] == ["postcode"]
    assert len(sheet.photos) == 3


def test_accepted_photo_is_not_displaced(sheet: Sheet) -> None:
    good = readings.keep(send(sheet, 0), seen(11))
    sheet.state = SheetState.CHECKED
    db.session.commit()
    readings.keep(send(sheet, 1), seen(11, **written("phone")))
    assert sheet.photo_id == good.id
    assert sheet.changes == []


@pytest.mark.parametrize("state", [SheetState.CHECKED, SheetState.ENTERED, SheetState.VERIFIED, SheetState.ARCHIVED])
def test_a_photo_after_the_paper_was_accepted_takes_nothing_back(make: Make, state: SheetState) -> None:
    """E12: the teacher held the signed paper in her hand; a later photo is kept and shown."""
    sheet = make.sheet(state)
    sheet.returned, sheet.signed, sheet.photo_id = True, True, None
    own = leaf(make, sheet, 21)
    sheet.leaf_number = own.number
    db.session.commit()
    readings.keep(send(sheet), seen(21, signed=False, **written("phone")))
    assert (sheet.photo_id is not None, sheet.readable, sheet.signed) == (True, True, True)
    assert [c.item for c in sheet.changes] == (["phone"] if state == SheetState.CHECKED else [])


def test_keeping_a_reading_twice_changes_nothing(sheet: Sheet) -> None:
    photo = send(sheet)
    readings.keep(photo, seen(11))
    readings.keep(photo, seen(11, verdict="retake"))
    assert (photo.outcome, sheet.readable) == ("matched", True)


def test_unread_photo_is_taken_up_once_its_lease_has_run_out(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = send(sheet)
    monkeypatch.setattr(readings, "read_now", lambda photo, **_: readings.keep(photo, seen(11)))
    assert readings.read_waiting() == 0
    photo.lease_until = photo.received_at
    db.session.commit()
    assert readings.read_waiting() == 1
    assert photo.outcome == "matched"


TROUBLES = {
    "hangs": ChildTimeout("no"),
    "dies": ChildDied("no"),
    "raises": ChildFailed("ValueError", "reading.py:1"),
    "has no memory": ChildFailed("MemoryError", "reading.py:1"),
}


class Pool:
    """A pool of readers that answers, or fails, as told."""

    def __init__(self, answer: object, room: bool = True) -> None:
        self.answer, self.room, self.asked = answer, room, 0

    def has_room(self, _line: int) -> bool:
        return self.room

    def call(self, *_: object, **__: object) -> object:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read_by_worker(photo: Photo) -> int:
    """Read what waits, once every pause is over."""
    photo.lease_until = photo.received_at
    db.session.commit()
    return readings.read_waiting()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_reader_that_fails_condemns_no_photo_before_the_third_try(
    sheet: Sheet, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool(TROUBLES[trouble])
    monkeypatch.setattr(readings, "readers", lambda: pool)
    photo = send(sheet)
    for tries in (1, 2):
        assert read_by_worker(photo) == 1
        assert (photo.outcome, photo.tries) == ("waiting", tries)
        assert photo.lease_until > now(), "all others are read first"
    assert read_by_worker(photo) == 1
    answer = readings.answer_of(photo)
    assert (answer.outcome, answer.reasons) == ("unusable", ["not_readable"])
    assert verdict_of(answer).again
    assert (read_by_worker(photo), pool.asked) == (0, 3)


@pytest.mark.parametrize("what", ["outcomes.told", "photos.put_all", "history.record"])
def test_reading_that_cannot_be_kept_is_tried_three_times_and_given_up(
    sheet: Sheet, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    photo = send(sheet)
    monkeypatch.setattr(readings, "readers", lambda: Pool(seen(11).to_entry()))
    name = what.partition(".")[2]
    monkeypatch.setattr(readings if name == "record" else getattr(readings, what.partition(".")[0]), name, fail)
    assert [read_by_worker(photo) for _ in range(4)] == [1, 1, 1, 0]
    assert (photo.outcome, photo.reading, sheet.received) == ("unusable", None, False)


def test_sender_of_a_photo_that_fails_has_the_receipt_all_the_same(
    sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "readers", lambda: Pool(seen(11).to_entry()))
    monkeypatch.setattr(readings, "keep", lambda *_: 1 // 0)
    receipt = readings.take_in(sheet, small_jpeg(), photos.Sender("family"))
    photo = db.session.query(Photo).filter_by(receipt=receipt).one()
    assert (photo.outcome, photo.tries) == ("waiting", 1)


def test_full_store_counts_against_no_photo(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = send(sheet)
    monkeypatch.setattr(readings, "readers", lambda: Pool(seen(11).to_entry()))
    with monkeypatch.context() as full:
        full.setattr(photos, "store", lambda: FullOfPictures())
        read_by_worker(photo)
    assert (photo.outcome, photo.tries) == ("waiting", 0)
    read_by_worker(photo)
    assert photo.outcome == "matched"


class FullOfPictures:
    """A store that gives and does not take."""

    get = staticmethod(lambda *_: small_jpeg())

    def put(self, *_: object) -> None:
        raise StoreFull("full")


def test_when_the_line_is_full_the_photo_is_taken_and_read_later(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(seen(11).to_entry(), room=False)
    monkeypatch.setattr(readings, "readers", lambda: pool)
    receipt = readings.take_in(sheet, small_jpeg(), photos.Sender("family"))
    photo = db.session.query(Photo).filter_by(receipt=receipt).one()
    assert (photo.outcome, pool.asked) == ("waiting", 0)
    assert readings.read_waiting() == 1, "no lease keeps the worker from it"
    assert photo.outcome == "matched"


def test_photos_are_read_in_the_order_they_came(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [photos.receive(sheet, small_jpeg(n), photos.Sender("family"), timedelta(0)) for n in range(3)]
    monkeypatch.setattr(readings, "read_now", lambda photo, **_: read.append(photo.id))
    read: list[object] = []
    assert readings.read_waiting() == 3
    assert read == [photo.id for photo in sent]


def test_full_store_is_said_in_plain_words_and_nothing_kept(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-R5"""

    class Full:
        def put(self, *_: object) -> None:
            raise StoreFull("full")

    monkeypatch.setattr(photos, "store", Full)
    with pytest.raises(Away):
        send(sheet)
    assert db.session.query(Photo).count() == 0


def test_photo_that_is_stored_gets_its_receipt_again_after_the_rounds_end(make: Make, sheet: Sheet) -> None:
    first = send(sheet)
    make.round().ends = today() - timedelta(days=1)
    db.session.commit()
    assert send(sheet).receipt == first.receipt
    with pytest.raises(TooLate):
        send(sheet, 1)


def test_revoked_leaf_counts_for_nobody(sheet: Sheet) -> None:
    db.session.get_one(Leaf, 11).revoked_at = now()
    db.session.commit()
    assert readings.keep(send(sheet), seen(11)).outcome == "revoked"
    assert not sheet.received
