"""A pile of photos at once, from a class teacher or a registrar: opened, filled one photo after the other, listed.

Each photo is stored and committed before it is acknowledged, the same bytes in the same pile give the same receipt,
and the worker reads them; what became of them is told by `pile_results`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.files import Blob
from portal.jobs import enqueue
from portal.models import Photo, Pile, Place, db, key_for
from portal.models.data_keys import scope_of
from portal.paper.bounds import is_scans
from portal.rules.clock import now, today
from portal.rules.place_settings import Switch
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import checking, lists, photos, place_settings
from portal.services.history import record
from portal.services.receipt_numbers import free_receipt
from portal.services.refusals import NotFound, Refusal, TooLate

#: photos and pages of scans in one pile, and piles on the list of earlier ones
MOST_PHOTOS = 2000
MOST_LISTED = 20
#: a PDF or TIFF of scans is a row of its own: `splitting` until each page is a photo, then `split`
SPLITTING, SPLIT = "splitting", "split"
FILES = (SPLITTING, SPLIT)
#: answers that depend on what the school does meanwhile: the same photo sent again is read again
_READ_AGAIN = frozenset({"not_issued"})


@dataclass(frozen=True)
class PileRow:
    """One earlier pile: how many photos, how many of them nobody has put to a pupil yet."""

    pile_id: UUID
    class_name: str
    made_at: datetime
    photos: int
    waiting: int
    unknown: int


@dataclass(frozen=True)
class NotTaken:
    """A file that was not taken, by its place among those sent (from 1), and why."""

    nth: int
    refusal: Refusal


def open_pile(actor: Actor, class_id: UUID | None = None) -> Pile:
    """Begin a pile, for the actor's own class or a class of the school; no class means the whole school. Commits.

    A pile of the same person that is still empty is used again. Raises `NotFound` for a class elsewhere, `NoRound`
    and `TooLate` when no round runs.
    """
    if class_id is None and actor.level == Level.CLASS:
        class_id = actor.place_id
    class_ = checking.class_of(actor, class_id) if class_id is not None else None
    place_settings.require_on(actor.path, Switch.PILES)
    school_id = class_.parent_id if class_ is not None else actor.place_id
    assert school_id is not None, "a class has a school"
    found = lists.round_of(actor)
    if today() > found.ends:
        raise TooLate(N_("这一轮核查已经结束，不再收照片。"))
    where = {"school_id": school_id, "round_id": found.id, "path": actor.path, "class_id": class_id}
    pile = _empty(actor, where)
    if pile is None:
        pile = Pile(by_id=actor.user_id, **where)
        db.session.add(pile)
        db.session.flush()
        record(actor, pile, "OPEN_PILE", school_id)
    pile.made_at = now()
    db.session.commit()
    return pile


def _empty(actor: Actor, where: dict[str, object]) -> Pile | None:
    filled = select(Photo.id).where(Photo.pile_id == Pile.id).exists()
    return db.session.scalar(select(Pile).filter_by(by_id=actor.user_id, **where).where(~filled).limit(1))


def find(actor: Actor, pile_id: UUID) -> Pile:
    """A pile inside the actor's place; raises `NotFound`."""
    return lists.find(actor, Pile, pile_id)


def add(actor: Actor, pile_id: UUID, data: bytes) -> Photo:
    """Store one photo, or one file of scans, and return its row; commits. It waits to be read, or to be split.

    Raises `NotFound`, `Refusal` for what is no photo, too big or too many, `TooLate` after the round's end, `Away`.
    """
    pile = find(actor, pile_id)
    scans = is_scans(data)
    if not scans:
        photos.check_bytes(data)
    elif len(data) > most_megabytes() * 1_000_000:
        raise Refusal(N_("文件超过 %(n)s MB，没有收。扫描件请按班，或者每 100 页分成一份再送。"), n=most_megabytes())
    number, key = key_for(pile.school_id, pile.round_id)
    db.session.commit()  # as in `photos.receive`: the key is durable first, and no lock is held while writing
    blob = photos.put(scope_of(pile.school_id, pile.round_id), data, key, number)
    return _again(actor, pile, blob) or _kept(actor, pile, blob, SPLITTING if scans else "waiting")


def most_megabytes() -> int:
    """The largest file of scans: what one request may bring (PORTAL_MAX_UPLOAD_MB)."""
    found: int = current_app.extensions["portal.settings"].max_upload_mb
    return found


def _again(actor: Actor, pile: Pile, blob: Blob) -> Photo | None:
    """The same bytes once more: the row they have, read again where another answer is possible now. Commits."""
    photo = in_pile(pile, blob.address)
    if photo is not None and photo.outcome in _READ_AGAIN:
        if photo.reading is not None:
            db.session.delete(photo.reading)
        photo.outcome, photo.lease_until, photo.tries = "waiting", now(), 0
        record(actor, photo, "READ_AGAIN", photo.school_id)
        db.session.commit()
    return photo


def _kept(actor: Actor, pile: Pile, blob: Blob, outcome: str) -> Photo:
    if today() > lists.round_of(actor).ends:
        raise TooLate(N_("这一轮核查已经结束，不再收照片。"))
    if (db.session.scalar(select(func.count()).where(Photo.pile_id == pile.id)) or 0) >= MOST_PHOTOS:
        raise Refusal(N_("这一叠已经有 %(n)s 张，不能再加了。请另外再开一叠。"), n=MOST_PHOTOS)
    try:
        photo = new_photo(pile, blob, actor.user_id, outcome)
        record(actor, photo, "STORE_PHOTO", pile.school_id, source="pile", size=blob.size)
        if outcome == SPLITTING:
            enqueue(db.session, "split_scans", {"photo": photo.id.hex}, pile.path, actor.user_id)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the same bytes arrived twice at the same moment
        found = in_pile(pile, blob.address)
        if found is None:
            raise
        return found
    return photo


def in_pile(pile: Pile, address: str) -> Photo | None:
    """The photo of a pile with these bytes."""
    return db.session.scalar(select(Photo).where(Photo.pile_id == pile.id, Photo.address == address))


def new_photo(pile: Pile, blob: Blob, by_id: UUID | None, outcome: str = "waiting") -> Photo:
    """A row for bytes that are stored. The caller commits."""
    photo = Photo(
        pile_id=pile.id,
        school_id=pile.school_id,
        round_id=pile.round_id,
        path=pile.path,
        address=blob.address,
        size=blob.size,
        receipt=free_receipt(pile.id, blob.address),
        source="pile",
        by_id=by_id,
        outcome=outcome,
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def add_many(actor: Actor, pile_id: UUID, files: Iterable[bytes]) -> list[NotTaken]:
    """Store several files one by one; those that were not taken. Commits each. Raises `NotFound`."""
    refused = []
    for nth, data in enumerate(files, start=1):
        try:
            add(actor, pile_id, data)
        except NotFound:
            raise
        except Refusal as refusal:
            db.session.rollback()
            refused.append(NotTaken(nth, refusal))
    return refused


def earlier(actor: Actor) -> list[PileRow]:
    """The newest piles of the actor's place and round that have photos."""
    photo = Photo.outcome.not_in(FILES)
    counts = [func.count().filter(photo)]
    counts += [func.count().filter(Photo.outcome == one) for one in ("waiting", "unknown")]
    query = select(Pile, Place.name, *counts).join(Photo, Photo.pile_id == Pile.id)
    query = query.outerjoin(Place, Place.id == Pile.class_id).where(lists.inside(Pile.path, actor))
    query = query.where(Pile.round_id == lists.round_of(actor).id).group_by(Pile.id, Place.name)
    rows = db.session.execute(query.order_by(Pile.made_at.desc(), Pile.id).limit(MOST_LISTED))
    return [PileRow(pile.id, name or "", pile.made_at, *numbers) for pile, name, *numbers in rows]


def classes(actor: Actor) -> list[tuple[UUID, str]]:
    """The classes a registrar may open a pile for, as (id, name)."""
    return [(place.id, place.name) for place in lists.classes_of(actor.place_id)]
