"""Days of receipts: closed once, in a chain, and every photo that is gone, new or other since then is named by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import delete, update

from portal.models import Photo, ReceiptDay, Sheet, Step, db
from portal.rules.clock import SHANGHAI, today
from portal.rules.receipts import Day, digest_of
from portal.rules.workflow import SheetState
from portal.services import photos, receipt_days
from portal.services.receipt_days import Difference
from tests.make import Make
from tests.photographs import jpeg

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=SHANGHAI)
Send = Callable[[datetime], Photo]


@pytest.fixture(autouse=True)
def _in_may() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def send(sheet: Sheet) -> Send:
    def one(moment: datetime) -> Photo:
        with time_machine.travel(moment, tick=False):
            return photos.receive(sheet, jpeg(), photos.Sender("family"))

    return one


def closed(moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return receipt_days.close_days()


def days(sheet: Sheet) -> list[ReceiptDay]:
    return receipt_days.days_of(sheet.school_id, sheet.round_id)


def verified(sheet: Sheet) -> list[Difference]:
    db.session.expire_all()
    return receipt_days.verify(sheet.school_id, sheet.round_id)[1]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 5, 12, 23, 59, tzinfo=SHANGHAI), date(2026, 5, 11)),
        (datetime(2026, 5, 13, 0, 9, tzinfo=SHANGHAI), date(2026, 5, 11)),
        (datetime(2026, 5, 13, 0, 10, tzinfo=SHANGHAI), date(2026, 5, 12)),
    ],
)
def test_a_day_is_over_ten_minutes_after_midnight_in_shanghai(now: datetime, last: date) -> None:
    assert receipt_days.last_closed_day(now) == last


def test_days_are_closed_once_and_chained(sheet: Sheet, send: Send) -> None:
    first, late = send(NOON), send(NOON.replace(hour=23, minute=59))
    assert closed(NOON + timedelta(hours=6)) == 0
    second = send(NOON + timedelta(days=2))
    assert closed(NOON + timedelta(days=5)) == 2
    assert closed(NOON + timedelta(days=5)) == 0
    one, two = days(sheet)
    assert [(row.day, row.photos) for row in (one, two)] == [(date(2026, 5, 12), 2), (date(2026, 5, 14), 1)]
    lines = [(photo.receipt, photo.address) for photo in (first, late)]
    assert one.digest == digest_of(Day(sheet.school_id, sheet.round_id, one.day), lines)
    after = Day(sheet.school_id, sheet.round_id, two.day, one.digest)
    assert two.digest == digest_of(after, [(second.receipt, second.address)])
    send(NOON + timedelta(days=6))
    assert closed(NOON + timedelta(days=7)) == 1
    assert verified(sheet) == []
    steps = db.session.query(Step).filter_by(move="CLOSE_RECEIPTS").order_by(Step.at)
    assert [step.details["day"] for step in steps] == ["2026-05-12", "2026-05-14", "2026-05-18"]


def test_each_school_has_its_own_chain(make: Make, sheet: Sheet, send: Send) -> None:
    send(NOON)
    other = make.sheet(SheetState.ISSUED, make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    photos.receive(other, jpeg(), photos.Sender("family"))
    assert closed(NOON + timedelta(days=1)) == 2
    assert [row.photos for row in days(other)] == [1]
    assert days(other)[0].digest != days(sheet)[0].digest


def _gone(photo: Photo) -> None:
    db.session.execute(delete(Photo).where(Photo.id == photo.id))


def _other_bytes(photo: Photo) -> None:
    db.session.execute(update(Photo).where(Photo.id == photo.id).values(address="0" * 64))


def _other_day(photo: Photo) -> None:
    earlier = photo.received_at - timedelta(days=1)
    db.session.execute(update(Photo).where(Photo.id == photo.id).values(received_at=earlier))


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (_gone, [(14, 2, 1, True)]),
        (_other_bytes, [(14, 2, 2, True)]),
        (_other_day, [(13, 0, 1, False), (14, 2, 1, True)]),
    ],
)
def test_what_was_done_to_a_photo_afterwards_is_named_by_its_day(
    sheet: Sheet, send: Send, act: Callable[[Photo], None], told: list[tuple[int, int, int, bool]]
) -> None:
    send(NOON)
    photo, _ = send(NOON + timedelta(days=2)), send(NOON + timedelta(days=2))
    send(NOON + timedelta(days=3))
    closed(NOON + timedelta(days=5))
    assert verified(sheet) == []
    act(photo)
    db.session.commit()
    assert [(one.day.day, one.photos, one.found, one.kept) for one in verified(sheet)] == told


def test_a_photo_put_in_afterwards_is_named_too(sheet: Sheet, send: Send) -> None:
    send(NOON)
    closed(NOON + timedelta(days=1))
    send(NOON + timedelta(hours=1))
    assert [(one.photos, one.found) for one in verified(sheet)] == [(1, 2)]


def test_whoever_hides_it_by_a_new_digest_breaks_the_chain(sheet: Sheet, send: Send) -> None:
    photo = send(NOON)
    send(NOON + timedelta(days=1))
    closed(NOON + timedelta(days=3))
    _gone(photo)
    days(sheet)[0].digest = digest_of(Day(sheet.school_id, sheet.round_id, date(2026, 5, 12)), [])
    db.session.commit()
    assert [one.day for one in verified(sheet)] == [date(2026, 5, 13)]


def test_nothing_is_closed_without_photos(sheet: Sheet) -> None:
    assert sheet.round.begins < today()
    assert (closed(NOON + timedelta(days=1)), days(sheet), verified(sheet)) == (0, [], [])
