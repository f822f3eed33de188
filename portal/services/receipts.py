"""Checking a receipt: whose sheet it is of, when the photo came and what it showed; and a class's receipts of a day,
to be compared on paper where there is no network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Photo, Place, Sheet, db
from portal.paper import receipt_list
from portal.paper.receipt_list import Line, ReceiptList, Received
from portal.rules.clock import day_start, today
from portal.rules.masks import mask_name
from portal.rules.numbers import WORD_SYMBOLS, Mistyped, receipt_of
from portal.rules.problems import message_of
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import checking, figures, lists, readings, tries
from portal.services.history import record
from portal.services.receipt_numbers import word_of
from portal.services.refusals import Refusal
from portal.services.verdicts import verdict_of

__all__ = [
    "Arrived",
    "Checked",
    "ClassDay",
    "Line",
    "ReceiptList",
    "Received",
    "check",
    "classes_to_choose",
    "day_of",
    "print_list",
]

#: what the printed list says of a photo, short enough for a line
SHORT = {"matched": N_("看得清"), "retake": N_("要重拍"), "waiting": N_("还没看")}
OTHER = N_("没有记上")


@dataclass(frozen=True)
class Whose:
    """A pupil as the asker may know them: the class's own teacher reads the name in full."""

    sheet_id: UUID
    seat: str
    name: str
    class_name: str


@dataclass(frozen=True)
class Checked:
    """The answer to a typed receipt. `at` is None when no such photo is here; `whose` then says whose sheet its first
    four symbols are. `words` is what the photo showed (message id), `shown`: it is the photo the school works with."""

    receipt: str
    at: datetime | None = None
    whose: Whose | None = None
    source: str = ""
    words: str = ""
    shown: bool = False

    @property
    def is_here(self) -> bool:
        return self.at is not None


def check(actor: Actor, text: str) -> Checked:
    """Look a receipt up inside the actor's place. Commits a try when there is no such receipt.

    Slips of the hand are told by the check symbol and never counted. Raises `Refusal` for them, `Wait` after many
    receipts that were not there on one day.
    """
    try:
        receipt = receipt_of(text)
    except Mistyped as slip:
        words, values = message_of(slip.problem)
        raise Refusal(words, **values) from slip
    cooling = N_("今天查不到的回执号太多了，请过 %(minutes)s 分钟再查。")
    ended = N_("今天查不到的回执号太多了，明天再查。也可以对照打印出来的单子。")
    attempt = tries.begin("receipt", f"{actor.user_id}|{today()}", cooling, ended)
    query = select(Photo).where(Photo.receipt == receipt, lists.inside(Photo.path, actor))
    photo = db.session.scalar(query.options(joinedload(Photo.sheet)))
    if photo is None:
        return Checked(receipt, whose=_by_word(actor, receipt))
    tries.right(attempt)
    sheet = photo.sheet
    whose = _whose(actor, sheet) if sheet is not None else None
    shown = sheet is not None and sheet.photo_id == photo.id
    words = verdict_of(readings.answer_of(photo)).title if sheet is not None else N_("还在一叠照片里，没有记到谁名下")
    return Checked(receipt, photo.received_at, whose, photo.source, words, shown)


def _by_word(actor: Actor, receipt: str) -> Whose | None:
    """The pupil of the actor's place whose receipts begin like this one, when there is exactly one."""
    found = figures.current_round(actor.path)
    if found is None:
        return None
    query = select(Sheet.id).where(Sheet.round_id == found.id, lists.inside(Sheet.path, actor), Sheet.in_scope)
    word = receipt[:WORD_SYMBOLS]
    fits = [sheet_id for sheet_id in db.session.scalars(query) if word_of(sheet_id) == word]
    return _whose(actor, db.session.get_one(Sheet, fits[0])) if len(fits) == 1 else None


def _whose(actor: Actor, sheet: Sheet) -> Whose:
    values = sheet.pupil.record
    name = values["name"] if actor.place_id == sheet.class_id else mask_name(values["name"])
    return Whose(sheet.id, values.get("class_seat_number", ""), name, sheet.class_.name)


@dataclass(frozen=True)
class Arrived:
    """One photo of a day on the list of a class; `words` is a message id."""

    receipt: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Row:
    """A pupil with the four symbols all receipts of the sheet begin with, and what came on the day."""

    seat: str
    name: str
    word: str
    received: tuple[Arrived, ...]


@dataclass(frozen=True)
class ClassDay:
    """A class's receipts of one day; names are masked, the list leaves the screen."""

    class_id: UUID
    class_name: str
    school: str
    title: str
    day: date
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        return sum(len(row.received) for row in self.rows)


def classes_to_choose(actor: Actor) -> list[tuple[UUID, str]]:
    """The classes whose lists the actor may print, as (id, name)."""
    if actor.level == Level.CLASS:
        return [(actor.place_id, actor.place_name)]
    return [(place.id, place.name) for place in lists.classes_of(actor.place_id)]


def day_of(actor: Actor, class_id: UUID, day: date) -> ClassDay:
    """The receipts of a class on a day of the present round; raises `NotFound`, `NoRound`."""
    class_ = checking.class_of(actor, class_id)
    found = lists.round_of(actor)
    query = select(Sheet).options(joinedload(Sheet.pupil)).where(Sheet.round_id == found.id)
    sheets = db.session.scalars(query.where(Sheet.class_id == class_.id, Sheet.in_scope)).all()
    received = _received(sheets, day)
    records = sorted(((sheet, sheet.pupil.record) for sheet in sheets), key=lambda pair: lists.seat_order(pair[1]))
    rows = tuple(
        Row(record.get("class_seat_number", ""), mask_name(record["name"]), word_of(sheet.id), received[sheet.id])
        for sheet, record in records
    )
    school = db.session.get_one(Place, class_.parent_id)
    return ClassDay(class_.id, class_.name, school.name, found.title, day, rows)


def _received(sheets: Sequence[Sheet], day: date) -> dict[UUID, tuple[Arrived, ...]]:
    begun, until = day_start(day), day_start(day + timedelta(days=1))
    query = select(Photo).where(Photo.sheet_id.in_([sheet.id for sheet in sheets]))
    query = query.where(Photo.received_at >= begun, Photo.received_at < until).order_by(Photo.received_at)
    found: dict[UUID, tuple[Arrived, ...]] = defaultdict(tuple)
    for photo in db.session.scalars(query):
        assert photo.sheet_id is not None
        found[photo.sheet_id] += (Arrived(photo.receipt, photo.received_at, SHORT.get(photo.outcome, OTHER)),)
    return found


def print_list(actor: Actor, found: ClassDay, page: ReceiptList, out: BinaryIO) -> None:
    """Write the list as a PDF; `page` is what `found` says in the reader's language. Commits the step."""
    receipt_list.print_receipt_list(page, out)
    class_ = db.session.get_one(Place, found.class_id)
    assert class_.parent_id is not None, "a class has a school"
    record(actor, class_, "PRINT_RECEIPTS", class_.parent_id, day=found.day.isoformat(), photos=found.count)
    db.session.commit()
