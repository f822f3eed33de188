"""The digests of a school's receipts, day by day: closed by the worker after midnight, kept, and computed again when
somebody asks whether the photos are still those that were acknowledged (decision 2026-11-22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.models import Photo, Place, ReceiptDay, Round, db
from portal.rules.clock import day_start, local, now
from portal.rules.receipts import Day, digest_of, short_text
from portal.rules.roles import Level
from portal.services import transactions
from portal.services.history import record

#: a day is closed so long after its end: whatever was acknowledged on it is committed by then
GRACE = timedelta(minutes=10)
AWAY = timedelta(days=60)
_EPOCH = datetime.combine(date(2000, 1, 1), time.min, UTC)

Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """A day whose photos are not those its digest was made of: how many there were and are; `kept` is False for a day
    that has photos but no digest."""

    day: date
    photos: int
    found: int
    kept: bool = True


def last_closed_day(moment: datetime | None = None) -> date:
    """The last day that may be closed at a moment (default now)."""
    return local((moment or now()) - GRACE).date() - timedelta(days=1)


def close_days() -> int:
    """Close every school's days that are over; called by the worker. Returns how many were closed. Commits."""
    until = day_start(last_closed_day() + timedelta(days=1))
    return sum(_close(school_id, round_id, until) for school_id, round_id in _waiting(until))


def _waiting(until: datetime) -> list[tuple[UUID, UUID]]:
    """Schools with photos on days that are over and not closed; one look into an index a school."""
    closed = select(func.max(ReceiptDay.until)).where(ReceiptDay.school_id == Place.id, ReceiptDay.round_id == Round.id)
    begun = func.coalesce(closed.scalar_subquery(), _EPOCH)
    new = select(Photo.id).where(Photo.school_id == Place.id, Photo.round_id == Round.id)
    new = new.where(Photo.received_at >= begun, Photo.received_at < until)
    # nothing comes after the end of a round; older ones are looked at for a while, should the worker have been away
    running = (Round.begins <= local(until).date(), Round.ends >= local(until - AWAY).date())
    query = select(Place.id, Round.id).join(Round, Place.path.startswith(Round.path))
    query = query.where(Place.level == Level.SCHOOL, *running)
    with transactions.reading():  # nobody who writes waits meanwhile
        return [(school_id, round_id) for school_id, round_id in db.session.execute(query.where(new.exists()))]


def _close(school_id: UUID, round_id: UUID, until: datetime) -> int:
    kept = days_of(school_id, round_id)
    begun, before = (kept[-1].until, kept[-1].digest) if kept else (_EPOCH, b"")
    days = lines_by_day(school_id, round_id, begun, until)
    school = db.session.get_one(Place, school_id)
    for day in sorted(days):
        before = digest_of(Day(school_id, round_id, day, before), days[day])
        own: dict[str, Any] = {"photos": len(days[day]), "digest": before, "until": day_start(day + timedelta(days=1))}
        db.session.add(ReceiptDay(school_id=school_id, round_id=round_id, day=day, **own))
        record(None, school, "CLOSE_RECEIPTS", school_id, day=day.isoformat(), digest=short_text(before))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # another worker closed them at the same moment
        return 0
    return len(days)


def days_of(school_id: UUID, round_id: UUID) -> list[ReceiptDay]:
    """The closed days of a school in a round, oldest first; days without photos have no row."""
    query = select(ReceiptDay).where(ReceiptDay.school_id == school_id, ReceiptDay.round_id == round_id)
    return list(db.session.scalars(query.order_by(ReceiptDay.day)))


def lines_by_day(school_id: UUID, round_id: UUID, begun: datetime, until: datetime) -> dict[date, Lines]:
    """Day -> (receipt, address) of every photo a school received between two moments."""
    query = select(Photo.received_at, Photo.receipt, Photo.address)
    query = query.where(Photo.school_id == school_id, Photo.round_id == round_id)
    query = query.where(Photo.received_at >= begun, Photo.received_at < until)
    days: dict[date, Lines] = defaultdict(list)
    for received_at, receipt, address in db.session.execute(query):
        days[local(received_at).date()].append((receipt, address))
    return days


def verify(school_id: UUID, round_id: UUID) -> tuple[int, list[Difference]]:
    """How many closed days a school has, and those whose photos differ from what their digests were made of."""
    kept = days_of(school_id, round_id)
    if not kept:
        return 0, []
    days = lines_by_day(school_id, round_id, _EPOCH, kept[-1].until)
    return len(kept), sorted(_differences(kept, days), key=lambda one: one.day)


def _differences(kept: list[ReceiptDay], days: dict[date, Lines]) -> Iterator[Difference]:
    before = b""
    for row in kept:
        lines = days.pop(row.day, [])
        if digest_of(Day(row.school_id, row.round_id, row.day, before), lines) != row.digest:
            yield Difference(row.day, row.photos, len(lines))
        before = row.digest
    for day, lines in days.items():
        yield Difference(day, 0, len(lines), kept=False)
