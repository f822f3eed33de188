"""Photos of documents that speak for a change of key data (E3, X8): only a bare re-encoded picture is ever kept.

Guardians see what they sent themselves; the other guardian is told that it is there. The school sees all of it;
its office within the budget of full views (sec-A34).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.jobs.children import ChildBusy, ChildDied, ChildFailed, ChildTimeout
from portal.models import Evidence, Sheet, db, key_for
from portal.models.data_keys import scope_of
from portal.paper.bounds import MAX_BYTES, inspect
from portal.paper.containers import PhotoRefused
from portal.paper.reasons import sentence
from portal.rules.clock import now
from portal.rules.evidence import WORDS, documents_for
from portal.rules.items import ITEMS, Item
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import family_check, lists, photos, readings, viewing
from portal.services.family_check import Known, closed_of
from portal.services.history import record
from portal.services.refusals import Away, NotFound, Refusal, TooLate
from portal.services.thumbnails import EVIDENCE_WIDTH, small

#: live pictures for a sheet, and all that were ever sent for it
MOST_SHOWN, MOST_SENT = 8, 24
SECONDS, WAIT = 10.0, 5.0
#: reasons whose usual words speak of the sheet
_REFUSED = dict.fromkeys(
    ("not_a_photo", "pdf", "svg", "other_format"), N_("这不是照片，或者这种格式读不了。请用手机直接拍证件再送。")
)


@dataclass(frozen=True)
class Shown:
    """A picture in a list. `own`: sent by the one who looks, who alone among families sees it."""

    evidence_id: UUID
    item: Item
    kind: str
    at: datetime
    own: bool

    @property
    def words(self) -> str:
        """What people at home call it (message id)."""
        return WORDS[self.kind]


@dataclass(frozen=True)
class Needed:
    """What an item of a child needs: the kinds any one of which will do, and what is there of them."""

    item: Item
    kinds: tuple[str, ...]
    shown: tuple[Shown, ...]
    closed: str | None


def needed(actor: Actor, child_id: UUID, item: str) -> Needed:
    """What a change of an own child needs; raises `NotFound` for an item that was not changed or needs nothing."""
    found = family_check.known(actor, child_id)
    kinds = _kinds(found, item)
    shown = [one for one in of_sheet(found.sheet, actor) if one.kind in kinds]
    return Needed(ITEMS[item], kinds, tuple(shown), closed_of(found.sheet))


def _kinds(found: Known, item: str) -> tuple[str, ...]:
    kinds = documents_for(item, found.values) if found.said.get(item, {}).get("typed") is not None else ()
    if not kinds:
        raise NotFound
    return kinds


def of_sheet(sheet: Sheet, actor: Actor | None = None) -> list[Shown]:
    """The live pictures of a sheet, oldest first."""
    query = select(Evidence).where(Evidence.sheet_id == sheet.id, Evidence.removed_at.is_(None)).order_by(Evidence.at)
    user_id = actor.user_id if actor else None
    return [
        Shown(one.id, ITEMS[one.item], one.kind, one.at, user_id is not None and one.by_id == user_id)
        for one in db.session.scalars(query)
    ]


def send(actor: Actor, child_id: UUID, item: str, kind: str, data: bytes) -> None:
    """Keep the photo of a document for a change of an own child; the same one again changes nothing. Commits.

    Raises `Refusal` for what is no photo or one too many, `TooLate` when nothing is taken any more, `Away` when no
    reader or no room is free: then nothing was acknowledged and sending again is safe.
    """
    found = family_check.known(actor, child_id)
    _require(found, item, kind)
    sheet = found.sheet
    school_id, round_id = sheet.school_id, sheet.round_id
    number, key = key_for(school_id, round_id)
    db.session.commit()  # no transaction stays open while the picture is made and written
    blob = photos.put(scope_of(school_id, round_id), bare_picture(data), key, number)
    found = family_check.known(actor, child_id, lock=True)
    _require(found, item, kind)
    row = _row(found.sheet, item, blob.address)
    row.kind, row.size, row.by_id, row.at, row.removed_at = kind, blob.size, actor.user_id, now(), None
    db.session.add(row)
    db.session.flush()
    record(actor, row, "SEND_EVIDENCE", school_id, item=item, kind=kind, size=blob.size)
    db.session.commit()


def _require(found: Known, item: str, kind: str) -> None:
    closed = closed_of(found.sheet)
    if closed is not None:
        raise TooLate(closed)
    if kind not in _kinds(found, item):
        raise Refusal(N_("请先选拍的是哪一种证件。"))
    sent = list(db.session.scalars(select(Evidence).where(Evidence.sheet_id == found.sheet.id)))
    if len([one for one in sent if one.removed_at is None]) >= MOST_SHOWN or len(sent) >= MOST_SENT:
        raise Refusal(N_("证件照片已经够多了，不能再加。不要的可以先删掉，或者把复印件和纸表一起交。"))


def _row(sheet: Sheet, item: str, address: str) -> Evidence:
    query = select(Evidence).where(Evidence.sheet_id == sheet.id, Evidence.item == item, Evidence.address == address)
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    return db.session.scalar(query) or Evidence(sheet_id=sheet.id, item=item, address=address, **own)


def bare_picture(data: bytes) -> bytes:
    """The picture alone, made by a child process; raises `Refusal` for what is no photo, `Away` when none is free."""
    if len(data) > MAX_BYTES:
        raise Refusal(N_("照片超过 20 MB，没有收。请用手机直接拍一张再送。"))
    try:
        inspect(data)
        facts, blobs = readings.readers().call(data, {"document": True}, timeout=SECONDS, wait=WAIT)
    except PhotoRefused as refused:
        raise Refusal(_words(refused.reason)) from refused
    except ChildBusy as busy:
        raise Away(N_("现在送照片的人多，这一张还没有收。照片还在手机里，过一会儿再送。")) from busy
    except (ChildTimeout, ChildDied, ChildFailed) as failed:
        raise Refusal(_words("broken")) from failed
    if facts["reason"] is not None:
        raise Refusal(_words(facts["reason"]))
    return blobs[0]


def _words(reason: str) -> str:
    return _REFUSED.get(reason) or sentence(reason)


def remove(actor: Actor, child_id: UUID, evidence_id: UUID) -> str:
    """Take an own picture away again, until the class teacher has looked the sheet through; returns the item it was
    sent for. Commits."""
    found = family_check.known(actor, child_id, lock=True)
    row = _own(actor, found.sheet, evidence_id)
    closed = closed_of(found.sheet)
    if closed is not None:
        raise TooLate(closed)
    row.removed_at = now()
    record(actor, row, "REMOVE_EVIDENCE", row.school_id, item=row.item)
    db.session.commit()
    return row.item


def _own(actor: Actor, sheet: Sheet, evidence_id: UUID) -> Evidence:
    row = db.session.get(Evidence, evidence_id)
    if row is None or row.sheet_id != sheet.id or row.by_id != actor.user_id or row.removed_at is not None:
        raise NotFound
    return row


def own_picture(actor: Actor, child_id: UUID, evidence_id: UUID, large: bool) -> bytes:
    """A picture that this guardian sent, as JPEG; raises `NotFound` for every other."""
    return _picture(_own(actor, family_check.known(actor, child_id).sheet, evidence_id), large)


def picture(actor: Actor, evidence_id: UUID, large: bool) -> bytes:
    """A picture that a family sent, for the school, inside the actor's place, as JPEG; raises `NotFound`, also for the
    files of an application, which are not for the class."""
    row = lists.find(actor, Evidence, evidence_id)
    if row.removed_at is not None or row.sheet_id is None:
        raise NotFound
    if large:
        viewing.look(actor, db.session.get_one(Sheet, row.sheet_id), viewing.EVIDENCE)
    return _picture(row, large)


def _picture(row: Evidence, large: bool) -> bytes:
    whole = photos.content_of(row.address, row.school_id, row.round_id)
    return whole if large else small(whole, EVIDENCE_WIDTH)
