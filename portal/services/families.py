"""What a family without an account can see and do: whose paper it holds, how far the sheet is, send its photo.

Whoever holds the paper gets state words only: the name masked, no value of the record, no reason that quotes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.models import Photo, Place, Round, Sheet, Step, db
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.place_settings import Switch
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import family_outcomes, photos, place_settings, readings, transactions
from portal.services.doors import Closed, Opened
from portal.services.family_outcomes import State
from portal.services.refusals import NotFound, TooLate
from portal.services.strips import Support
from portal.services.thumbnails import PAGE_WIDTH, STRIP_WIDTH, small
from portal.services.verdicts import Verdict, verdict_of


@dataclass(frozen=True)
class Whose:
    """Whose sheet a paper is, as its holder may know it; `accounts`: an account can be opened here (P8)."""

    name: str
    school: str
    class_name: str
    province: str
    support: Support
    deadline: date
    closed: Closed | None
    superseded: bool
    accounts: bool = True


@dataclass(frozen=True)
class Progress:
    """How far the sheet is: message id, when, the reason when it was sent back, and per item what came of it in
    words. `wanted`: another photo is due; `done`: the family has nothing left to do."""

    words: str
    at: datetime | None = None
    wanted: bool = False
    done: bool = False
    reason: str | None = None
    items: tuple[State, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What is told about one photo; `pictures` when this browser may see it."""

    receipt: str
    verdict: Verdict
    waiting: bool
    received_at: datetime
    name: str
    corners: int
    signed: bool | None
    clear: bool
    flattened: bool
    written: tuple[Item, ...]
    cropped: frozenset[str]
    pictures: bool


_STATE_WORDS = {
    SheetState.RECEIVED: N_("已经收到，等班主任看"),
    SheetState.CHECKED: N_("班主任已经看过，没有问题"),
    SheetState.PASSED: N_("学校已经看过，正在录入"),
    SheetState.ENTERED: N_("学校已经录入"),
    SheetState.VERIFIED: N_("学校已经核实，全部办完"),
    SheetState.ARCHIVED: N_("学校已经核实，全部办完"),
}
_ITEMS_TOLD = frozenset({SheetState.PASSED, SheetState.ENTERED, SheetState.VERIFIED, SheetState.ARCHIVED})


def whose(opened: Opened) -> Whose:
    """The few lines at the top of every page of this paper."""
    sheet = db.session.get_one(Sheet, opened.sheet_id)
    school = sheet.school
    province = db.session.get_one(Place, db.session.get_one(Round, sheet.round_id).province_id)
    return Whose(
        name=mask_name(sheet.pupil.record["name"]),
        school=school.name,
        class_name=sheet.class_.name,
        province=province.name,
        support=Support(school.name, school.phone),
        deadline=sheet.round.ends,
        closed=opened.closed,
        superseded=opened.superseded,
        accounts=place_settings.is_on(sheet.path, Switch.FAMILY_ACCOUNTS),
    )


def progress_of(opened: Opened) -> Progress | None:
    """How far the sheet is, or None while nothing has come from the family."""
    sheet = db.session.get_one(Sheet, opened.sheet_id)
    state = SheetState(sheet.state)
    # a page of a pile that came out badly is the school's to take again, it holds the paper
    sent = [photo for photo in sheet.photos if photo.source != "pile"]
    last = max(sent, key=lambda photo: photo.received_at, default=None)
    back_at = _sent_back_at(sheet) if state == SheetState.ISSUED and sheet.sent_back else None
    if back_at is not None and (last is None or last.received_at < back_at):
        return Progress(N_("班主任退回来了，请改好再拍一张"), back_at, wanted=True, reason=sheet.note)
    if state in (SheetState.ISSUED, SheetState.RECEIVED) and last is not None and not _is_good(sheet):
        verdict = verdict_of(readings.answer_of(last))
        return Progress(verdict.title, last.received_at, wanted=verdict.again)
    if state not in _STATE_WORDS:
        return None
    items = family_outcomes.states_of(sheet) if state in _ITEMS_TOLD else ()
    done = state != SheetState.RECEIVED
    return Progress(_STATE_WORDS[state], last.received_at if last else None, done=done, items=items)


def _sent_back_at(sheet: Sheet) -> datetime | None:
    back = (Step.thing_id == sheet.id, Step.move == SheetMove.SEND_BACK)
    return db.session.scalar(select(func.max(Step.at)).where(*back))


def _is_good(sheet: Sheet) -> bool:
    return sheet.returned or (sheet.received and sheet.readable and sheet.signed)


def send(opened: Opened, data: bytes, by: Actor | None = None) -> str:
    """Store and read a photograph of this paper; returns its receipt. Commits. The same bytes give the same receipt.
    `by` is the claimed guardian who sends it, None a family without account.

    Raises what `photos.receive` raises, and `TooLate` for a closed paper.
    """
    if opened.closed is not None:
        raise TooLate(opened.closed.advice)
    with transactions.reading():
        sheet = db.session.get_one(Sheet, opened.sheet_id)
    return readings.take_in(sheet, data, photos.Sender("parent" if by else "family", by))


def is_sender(opened: Opened, receipt: str, guardian: Actor | None) -> bool:
    """True when this claimed guardian sent the photo: own photos stay in sight for good."""
    query = select(Photo.by_id).where(Photo.receipt == receipt, Photo.sheet_id == opened.sheet_id)
    return guardian is not None and db.session.scalar(query) == guardian.user_id


def answer(opened: Opened, receipt: str, pictures: bool) -> Answer:
    """What was seen on a photo of this paper; raises `NotFound` for a receipt of another."""
    photo = _photo(opened, receipt)
    seen = readings.answer_of(photo)
    crops = _crops(photo)
    return Answer(
        receipt=photo.receipt,
        verdict=verdict_of(seen),
        waiting=seen.waiting,
        received_at=photo.received_at,
        name=mask_name(db.session.get_one(Sheet, opened.sheet_id).pupil.record["name"]),
        corners=seen.corners,
        signed=seen.signed,
        clear=seen.outcome == "matched",
        flattened=seen.outcome in readings.COUNTS,
        written=tuple(ITEMS[code] for code in seen.written_items if code in ITEMS) if seen.outcome == "matched" else (),
        cropped=frozenset(crops) if pictures else frozenset(),
        pictures=pictures and seen.has_flat,
    )


def picture(opened: Opened, receipt: str, large: bool) -> bytes:
    """The flattened page of a photo as JPEG, small or whole; raises `NotFound` when there is none."""
    photo = _photo(opened, receipt)
    page = readings.flat_page(photo)
    if page is None:
        raise NotFound
    return page if large else small(page, PAGE_WIDTH)


def crop(opened: Opened, receipt: str, item: str) -> bytes:
    """What was written in one box, as a small JPEG; raises `NotFound` when there is none."""
    photo = _photo(opened, receipt)
    address = _crops(photo).get(item)
    if address is None:
        raise NotFound
    return small(photos.content_of(address, photo.school_id, photo.round_id), STRIP_WIDTH)


def _photo(opened: Opened, receipt: str) -> Photo:
    query = select(Photo).where(Photo.receipt == receipt, Photo.sheet_id == opened.sheet_id)
    photo = db.session.scalar(query)
    if photo is None:
        raise NotFound
    return photo


def _crops(photo: Photo) -> dict[str, str]:
    if photo.reading is None:
        return {}
    written = photo.reading.seen["written"]
    return {item: box["crop"] for item, box in written.items() if box["crop"]}
