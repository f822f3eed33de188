"""Reading a stored photo: in a child process, kept beside the photo, and what follows for the sheet.

The photo row itself is the queue: whoever reads takes a lease; the worker takes up what nobody finished.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import current_app
from sqlalchemy.exc import OperationalError

from portal.files import BlobMissing, StoreFailed
from portal.jobs.children import ChildBusy, Children
from portal.keys import Tampered
from portal.models import Change, Photo, Reading, Sheet, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.corrections import in_record, is_told
from portal.rules.items import ITEMS
from portal.rules.roles import Actor
from portal.rules.workflow import MOVES, SheetMove, SheetState
from portal.services import lists, outcomes, photos, reading_queue, transactions, viewing
from portal.services.history import record
from portal.services.photos import Sender
from portal.services.refusals import Away, NotFound
from portal.services.sheets import move

if TYPE_CHECKING:
    from portal.paper.reading import Reading as Seen

#: wall time that one photo may hold a reader, in the worker and while its sender waits
SECONDS, INLINE_SECONDS = 10.0, 5.0
#: how long a sender waits for a reader, and how many may: threads must stay free that take what comes next
WAIT, LINE = 1.0, 3
COUNTS = outcomes.COUNTS
#: what a person has accepted, up to what is filed for good
_ACCEPTED = tuple(SheetState)[tuple(SheetState).index(SheetState.CHECKED) :]
_ENTERED = tuple(SheetState)[tuple(SheetState).index(SheetState.ENTERED) :]


@dataclass(frozen=True)
class PhotoAnswer:
    """What a person is told about a photo they sent; `reasons` are codes of `paper.reasons`."""

    outcome: str
    receipt: str
    reasons: list[str] = field(default_factory=list)
    written_items: list[str] = field(default_factory=list)
    signed: bool | None = None
    corners: int = 0
    has_flat: bool = False

    @property
    def waiting(self) -> bool:
        """Stored, but not read yet."""
        return self.outcome == "waiting"


def readers() -> Children:
    """The application's pool of reading processes."""
    found: Children = current_app.extensions["portal.readers"]
    return found


def take_in(sheet: Sheet, data: bytes, sender: Sender) -> str:
    """Store a photo and return its receipt; it is read at once where its turn comes soon, else by the worker. Commits.

    Raises what `photos.receive` raises.
    """
    soon = readers().has_room(LINE)
    photo = photos.receive(sheet, data, sender, photos.INLINE if soon else timedelta(0))
    if soon:
        read_now(photo)
    with transactions.reading():
        return photo.receipt


def read_now(photo: Photo, wait: float = WAIT, seconds: float = INLINE_SECONDS) -> Photo:
    """Read a photo at once when a reader is free within `wait` seconds, else leave it to the worker. Commits.

    The photo is stored, so whatever its reading or the keeping of that raises is counted and never passed on, but for a
    database that is away; after MOST_TRIES it is said to be unusable.
    """
    try:
        with transactions.reading():  # nobody who writes waits while the file is opened
            if photo.outcome != "waiting":
                return photo
            data = photos.content_of(photo.address, photo.school_id, photo.round_id)
            arguments = {"key": photos.paper_key().secret.hex(), "expect": outcomes.expected_leaves(photo)}
        return _read(photo, data, arguments, wait, seconds)
    except (BlobMissing, Tampered):
        return reading_queue.condemn(photo)
    except ChildBusy:
        return reading_queue.leave(photo)
    except (StoreFailed, Away):
        db.session.rollback()
        return reading_queue.leave(photo, reading_queue.PAUSE)
    except OperationalError:
        raise
    except Exception as error:
        return reading_queue.tried(photo, error)


def _read(photo: Photo, data: bytes, arguments: dict[str, Any], wait: float, seconds: float) -> Photo:
    line = LINE if wait <= WAIT else None  # the worker waits as long as it takes
    facts, blobs = readers().call(data, arguments, timeout=seconds, wait=wait, line=line)
    from portal.paper.reading import Reading as Seen  # only who reads loads the picture libraries

    return keep(photo, Seen.from_entry(facts, blobs))


def keep(photo: Photo, seen: Seen) -> Photo:
    """Store what was seen: flat page and crops first, then one transaction for reading, photo and sheet. Commits."""
    with transactions.reading():
        outcome, sheet = outcomes.told(photo, seen)
        scope = (photo.school_id, photo.round_id)
    if outcome in outcomes.FOREIGN:
        seen = replace(seen, ink={}, crops={}, flat_jpeg=None)
    flat, crops = _put_pictures(scope, seen)
    if sheet is not None:
        db.session.refresh(sheet, with_for_update=True)
    db.session.refresh(photo, with_for_update=True)
    if photo.outcome != "waiting":
        db.session.rollback()
        return photo
    photo.outcome, sheet = outcomes.told(photo, seen)
    photo.page, photo.leaf_number, photo.flat_address = seen.page, seen.leaf, flat
    if sheet is not None:
        photo.sheet_id, photo.path = sheet.id, sheet.path
    row = Reading(photo_id=photo.id, school_id=photo.school_id, round_id=photo.round_id, verdict=seen.verdict)
    row.seen = _as_kept(seen, crops)
    photo.reading = row
    record(None, photo, "READ_PHOTO", photo.school_id, outcome=photo.outcome)
    if sheet is not None and photo.outcome in COUNTS:
        _follow(sheet, photo)
    db.session.commit()
    return photo


def _put_pictures(scope: tuple[UUID, UUID], seen: Seen) -> tuple[str | None, dict[str, str]]:
    """Addresses of the flat page and the crops; no transaction stays open while they are written."""
    number, key = key_for(*scope)
    db.session.commit()
    pictures = ([seen.flat_jpeg] if seen.flat_jpeg else []) + list(seen.crops.values())
    addresses = [blob.address for blob in photos.put_all(scope_of(*scope), pictures, key, number)]
    flat = addresses.pop(0) if seen.flat_jpeg else None
    return flat, dict(zip(seen.crops, addresses, strict=True))


def _as_kept(seen: Seen, crops: dict[str, str]) -> dict[str, object]:
    return {
        "reasons": list(seen.reasons),
        "likely": list(seen.likely),
        "corners": seen.corners,
        "signed": seen.signed,
        "written": {
            item: {"state": box.state, "ticked": list(box.ticked), "crop": crops.get(item)}
            for item, box in seen.ink.items()
            if box.state != "empty"
        },
    }


def _follow(sheet: Sheet, photo: Photo) -> None:
    """A page-1 photo of the right sheet: it is received, and shown when it is not worse than what is shown. Where the
    paper was accepted without a photo, a later one does not say that it is unsigned, and opens nothing once entered."""
    if (SheetState(sheet.state), SheetMove.RECEIVE) in MOVES:
        move(None, sheet, SheetMove.RECEIVE, by="photo")
    sheet.received = True
    if sheet.photo_id is None and sheet.state in _ENTERED:
        sheet.photo_id, sheet.readable = photo.id, photo.outcome == "matched"
    elif _better(sheet, photo):
        told = sheet.signed and sheet.state in _ACCEPTED
        _show(sheet, photo)
        sheet.signed = sheet.signed or told


def _show(sheet: Sheet, photo: Photo | None) -> None:
    """Let a photo speak for its sheet, or none."""
    seen = photo.reading.seen if photo is not None and photo.reading is not None else {"signed": None, "written": {}}
    sheet.photo_id = photo.id if photo is not None else None
    sheet.readable = photo is not None and photo.outcome == "matched"
    sheet.signed = bool(seen["signed"])
    sheet.written = len(seen["written"])
    _list_changes(sheet, seen["written"])


def show_best(sheet: Sheet, without: Photo) -> bool:
    """Let the best of the other photos speak for a sheet; false when there is none. The caller commits."""
    rest = [photo for photo in sheet.photos if photo.id != without.id and photo.outcome in COUNTS]
    _show(sheet, max(rest, key=lambda photo: (photo.outcome == "matched", photo.received_at), default=None))
    return bool(rest)


def _better(sheet: Sheet, photo: Photo) -> bool:
    """A worse photo never displaces a better one, and none displaces what a person has accepted (E12)."""
    if sheet.photo_id is None:
        return True
    if sheet.state in _ACCEPTED:
        return False
    return photo.outcome == "matched" or not sheet.readable


def _list_changes(sheet: Sheet, written: dict[str, dict]) -> None:
    """One open change per written item; open ones of an older photo go, decided ones stay."""
    have = {change.item: change for change in sheet.changes}
    values = sheet.pupil.record
    for item, change in have.items():
        if item not in written and change.outcome == "open" and in_record(change.values) is None:
            _forget_ink(change)
    for item, box in written.items():
        if item not in ITEMS or (item in have and have[item].outcome != "open"):
            continue
        change = have.get(item) or new_change(sheet, item)
        change.crop_address = box["crop"]
        put = in_record(change.values)  # from the paper before this one: the record has it until the new one is entered
        stood = {"printed": values.get(item, "")} if put is None else {"put": put}
        ticked = value_ticked(item, box["ticked"], values)
        change.values = change.values | stood | {"ticked": ticked, "entered": None}


def _forget_ink(change: Change) -> None:
    """The paper that is shown has nothing in this box: what the family typed stays, what a person added too."""
    if change.source in ("hand", "desk"):
        return
    if not is_told(change.values):
        db.session.delete(change)
        return
    change.source, change.crop_address, change.values = "typed", None, change.values | {"ticked": None}


def value_ticked(item: str, ticked: list[str], values: dict[str, str]) -> str | None:
    """The value one tick means: a code of the item, or the present address for "same"; nothing when it is not clear."""
    if len(ticked) != 1:
        return None
    if ticked[0] != "same":
        return ticked[0]
    return values.get("current_address")


def new_change(sheet: Sheet, item: str, source: str = "ink", **columns: UUID) -> Change:
    """An open change of one item; `columns` may name its id. The caller commits."""
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    change = Change(sheet_id=sheet.id, item=item, source=source, **own, **columns)
    change.values = {"printed": sheet.pupil.record.get(item, ""), "ticked": None, "entered": None}
    db.session.add(change)
    return change


def answer_of(photo: Photo) -> PhotoAnswer:
    """What to tell the person who sent it."""
    if photo.reading is None:
        reasons = ["not_readable"] if photo.outcome == "unusable" else []
        return PhotoAnswer(photo.outcome, photo.receipt, reasons)
    seen = photo.reading.seen
    return PhotoAnswer(
        photo.outcome,
        photo.receipt,
        reasons=seen["reasons"],
        written_items=[item for item in ITEMS if item in seen["written"]],
        signed=seen["signed"],
        corners=seen["corners"],
        has_flat=photo.flat_address is not None,
    )


def read_waiting(limit: int = 20) -> int:
    """Read photos whose lease has run out, as long as there are any; called by the worker, by several threads at once.
    Returns how many were tried. Commits."""
    read = 0
    while read < limit and (photo := reading_queue.take()) is not None:
        read_now(photo, wait=30.0, seconds=SECONDS)
        read += 1
    return read


def flat_page(photo: Photo) -> bytes | None:
    """The flattened page as JPEG, or None when there is none."""
    return photos.content_of(photo.flat_address, photo.school_id, photo.round_id) if photo.flat_address else None


def page_of_sheet(actor: Actor, sheet_id: UUID) -> bytes:
    """The flattened page that is shown for a sheet, as JPEG; raises `NotFound` when there is none."""
    sheet = lists.find(actor, Sheet, sheet_id)
    photo = db.session.get(Photo, sheet.photo_id) if sheet.photo_id else None
    data = flat_page(photo) if photo else None
    if data is None:
        raise NotFound
    viewing.look(actor, sheet, viewing.PHOTO)
    return data
