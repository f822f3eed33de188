"""Guesses at what is printed on paper, counted in four buckets before they are judged (sec 5.4, sec-A1, sec-A2).

The sheet and the browser are hard limits. The address and the province are never blocked: from so many wrong tries on,
browsers that have not succeeded before do a little work for each try. Words never tell which bucket was full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from portal.models import Try, db
from portal.rules import work_proof
from portal.rules.clock import now
from portal.rules.words import N_
from portal.services import slowing_alarm, tries, work_tickets
from portal.services.refusals import Refusal, Wait

#: wrong tries of one browser in an hour
DEVICE_TRIES = 20
DEVICE_TIME = timedelta(hours=1)
ADDRESS_TIME, LATELY = timedelta(minutes=10), timedelta(minutes=1)
#: wrong tries in the whole deployment in an hour, after which every unknown browser works
PROVINCE_TRIES = 2000
PROVINCE_TIME = timedelta(hours=1)
#: a browser that has once typed a right code is known for so long; one sheet makes only so many a day known
KNOWN = timedelta(days=180)
KNOWN_PER_SHEET = 10
#: counting stops here: nothing is asked beyond
_ENOUGH = PROVINCE_TRIES


@dataclass(frozen=True)
class Asker:
    """Who tries: the browser's random id and the client's address, and the work it brings. Blank where there is none,
    as on the command line."""

    device: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    ticket: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)


NOBODY = Asker()


class WorkFirst(Refusal):
    """No refusal of the family: the same try goes on once its browser has worked or waited a few seconds."""

    status = 200

    def __init__(self) -> None:
        super().__init__(N_("现在填码的人很多，这一步要多等几秒。"))


@dataclass(frozen=True)
class Attempt:
    """One try, written as failed: the bucket of the thing, the ids of its rows by their kinds (the thing's first)."""

    bucket: bytes
    rows: dict[str, UUID]


def begin(kind: str, thing: str, asker: Asker, sentence: str, *, works: bool = True) -> Attempt:
    """Write a try at `thing` into all buckets, so that parallel ones cannot slip through. Commits.

    Raises `WorkFirst` where `works` and the browser has to work first, before anything is written; `Wait` with
    `sentence` when the thing or the browser has had too many. The try is then neither judged nor counted.
    """
    if works:
        _require_work(asker)
    rows = [Try(kind=which, bucket=_bucket(which, what)) for which, what in _buckets(kind, thing, asker)]
    attempt = Attempt(rows[0].bucket, {row.kind: row.id for row in rows})
    db.session.add_all(rows)
    db.session.commit()
    own = list(attempt.rows.values())
    minutes = max(tries.minutes_to_wait(kind, thing, own[0]), _minutes_of_device(asker, own))
    if minutes:
        _take_back(own)
        raise Wait(sentence, minutes=minutes)
    return attempt


def right(attempt: Attempt) -> None:
    """The try was right after all: its browser is known from now on, its address and province have one try less.
    Commits."""
    thing, *others = attempt.rows.values()
    known = _count((Try.bucket == attempt.bucket, ~Try.failed), timedelta(days=1)) < KNOWN_PER_SHEET
    right = [thing, *([attempt.rows["device"]] if known and "device" in attempt.rows else [])]
    db.session.execute(update(Try).where(Try.id.in_(right)).values(failed=False))
    _take_back([row for row in others if row not in right])


@dataclass(frozen=True)
class Wanted:
    """What the next try of a browser brings: a ticket (None for a known browser), the work already done for it, and
    whether it is needed here now."""

    ticket: str | None = None
    answer: str = field(default="", repr=False)
    needed: bool = False


def work_for(asker: Asker, again: bool = False) -> Wanted:
    """What to put into the form. `again`: nothing was tried with the ticket that came, so it is good for the next."""
    if not asker.device or _is_known(asker):
        return Wanted()
    bits = max(_bits_here(asker.address, _wrong_at(asker.address)), _bits_of_all(_wrong_anywhere()))
    came = work_tickets.read(asker.ticket, asker.device) if again else None
    if came is not None and came.is_enough(bits):
        return Wanted(came.text, asker.answer, bits > 0)
    return Wanted(work_tickets.give(asker.device, bits or work_proof.FIRST_BITS), needed=bits > 0)


def forget_old() -> None:
    """Remove rows that no limit looks at any more: nothing is kept about where families tried. Commits."""
    moment = now()
    passing = Try.kind.in_(("address", "province", "work")) & (Try.at < moment - timedelta(days=1))
    browsers = (Try.kind == "device") & (Try.at < moment - timedelta(days=1)) & Try.failed
    known = (Try.kind == "device") & (Try.at < moment - KNOWN)
    db.session.execute(delete(Try).where(or_(passing, browsers, known)))
    db.session.commit()


def _buckets(kind: str, thing: str, asker: Asker) -> list[tuple[str, str]]:
    listed = [(kind, thing), ("device", asker.device), ("address", asker.address), ("province", "all")]
    return [(which, what) for which, what in listed if what]


def _bucket(kind: str, what: str) -> bytes:
    """As `services.tries` has it for the thing itself; signs of a browser's id differ in their case, too."""
    return tries.bucket_of(kind, what.encode().hex() if kind == "device" else what)


def _require_work(asker: Asker) -> None:
    wanted = _bits(asker.address)
    if not wanted or _is_known(asker):
        return
    ticket = work_tickets.read(asker.ticket, asker.device) if asker.device else None
    if ticket is None or not (ticket.is_worked(asker.answer, wanted) or _has_waited(ticket, asker)):
        raise WorkFirst
    if not work_tickets.use_up(ticket):
        raise WorkFirst


def _has_waited(ticket: work_tickets.Ticket, asker: Asker) -> bool:
    """A browser without scripts has waited, and it is its turn at this address."""
    return ticket.age >= work_tickets.PATIENCE and work_tickets.take_turn(asker.address)


def _bits(address: str) -> int:
    """The work that an unknown browser does at this address now; tells the province when it begins."""
    here, anywhere = _wrong_at(address), _wrong_anywhere()
    bits = _bits_here(address, here)
    if bits:
        slowing_alarm.raise_once("address", here)
    if _bits_of_all(anywhere):
        slowing_alarm.raise_once("province", anywhere)
    return max(bits, _bits_of_all(anywhere))


def _bits_here(address: str, wrong: int) -> int:
    return work_proof.bits_for(wrong, _wrong_at(address, LATELY) if wrong else 0)


def _bits_of_all(wrong: int) -> int:
    return work_proof.FIRST_BITS if wrong >= PROVINCE_TRIES else 0


def _wrong_at(address: str, span: timedelta = ADDRESS_TIME) -> int:
    if not address:
        return 0
    return _count((Try.bucket == _bucket("address", address), Try.failed), span)


def _wrong_anywhere() -> int:
    return _count((Try.bucket == _bucket("province", "all"), Try.failed), PROVINCE_TIME)


def _is_known(asker: Asker) -> bool:
    if not asker.device:
        return False
    seen = (Try.bucket == _bucket("device", asker.device), ~Try.failed, Try.at > now() - KNOWN)
    return db.session.scalar(select(Try.id).where(*seen).limit(1)) is not None


def _minutes_of_device(asker: Asker, own: Sequence[UUID]) -> int:
    """Until the oldest of its last twenty wrong tries is an hour ago; 0 when there are fewer."""
    if not asker.device:
        return 0
    wrong = (Try.bucket == _bucket("device", asker.device), Try.failed, Try.id.not_in(own))
    since = now() - DEVICE_TIME
    last = select(Try.at).where(*wrong, tries.since(DEVICE_TIME)).order_by(Try.at.desc()).limit(DEVICE_TRIES)
    moments: list[datetime] = list(db.session.scalars(last))
    return ceil((moments[-1] - since).total_seconds() / 60) if len(moments) >= DEVICE_TRIES else 0


def _count(where: tuple[ColumnElement[bool] | InstrumentedAttribute[bool], ...], span: timedelta) -> int:
    found = select(Try.id).where(*where, tries.since(span)).limit(_ENOUGH).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def _take_back(own: Sequence[UUID]) -> None:
    db.session.execute(delete(Try).where(Try.id.in_(own)))
    db.session.commit()
