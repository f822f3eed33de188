"""Files of scans in the worker: each page of a PDF or TIFF becomes a photo of its pile, with progress per page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.files import BlobMissing
from portal.jobs import Running, enqueue, handler, recent
from portal.jobs.children import ChildDied, ChildTimeout
from portal.keys import Tampered
from portal.models import Photo, Pile, db, key_for
from portal.models.data_keys import scope_of
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import lists, photos, piles, readings
from portal.services.history import record
from portal.services.refusals import TooLate

#: pages drawn by one call of a reading process, and pages of one file that are taken
AT_ONCE = 6
MOST_PAGES = 1000
#: pages that stop the process before the rest of the file is left: no file may keep the readers from all others
MOST_STOPS = 3
SECONDS = 10.0
WAIT = 60.0
KIND = "split_scans"


@dataclass(frozen=True)
class Splitting:
    """How far a file of scans is: pages done of all (0: not known yet); `failed` when the worker gave up."""

    photo_id: UUID
    done: int
    total: int
    failed: bool


@handler(KIND)
def split(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Make every page a photo that waits to be read. Taken up again after a cut it meets its own pages and goes on."""
    file = db.session.get(Photo, UUID(arguments["photo"]))
    if file is None or file.outcome != piles.SPLITTING or file.pile is None:
        return {}
    try:
        data = photos.content_of(file.address, file.school_id, file.round_id)
    except (BlobMissing, Tampered, KeyError):
        return _ended(file, 0, 0)
    db.session.commit()
    taken = lost = first = stops = 0
    total = None
    while total is None or (first < min(total, MOST_PAGES) and stops < MOST_STOPS):
        total, pages, stopped = _drawn(data, first, MOST_STOPS - stops)
        taken, lost, stops = taken + len(pages), lost + pages.count(b""), stops + stopped
        _keep(file.pile, [page for page in pages if page], file.by_id)
        first += AT_ONCE
        running.progress(min(first, total), total)
    return _ended(file, max(taken, total), lost + max(0, total - taken))


def _ended(file: Photo, pages: int, lost: int) -> dict[str, int]:
    file.outcome = piles.SPLIT if pages > lost else "unusable"
    record(None, file, "SPLIT_SCANS", file.school_id, pages=pages, lost=lost)
    db.session.commit()
    return {"pages": pages, "lost": lost}


def _drawn(data: bytes, first: int, patience: int) -> tuple[int, list[bytes], int]:
    """How many pages there are, the JPEGs of the next few, and how many of them stopped the process that draws: these
    are empty, and after so many of them no further ones are tried."""
    try:
        return *_asked(data, first, AT_ONCE), 0
    except (ChildTimeout, ChildDied):
        pages: list[bytes] = []
        total = stops = 0
        for number in range(first, first + AT_ONCE):
            try:
                total, one = _asked(data, number, 1)
            except (ChildTimeout, ChildDied):
                total, one, stops = max(total, number + 1), [b""], stops + 1
            pages += one
            if stops >= patience:
                break
        return total, pages, stops


def _asked(data: bytes, first: int, most: int) -> tuple[int, list[bytes]]:
    told, pages = readings.readers().call(data, {"pages": [first, most]}, timeout=SECONDS, wait=WAIT)
    return int(told["pages"]), pages


def _keep(pile: Pile, pages: list[bytes], by_id: UUID | None) -> None:
    """Pages as photos of the pile, durable before their rows are; those it has already are met again. Commits."""
    number, key = key_for(pile.school_id, pile.round_id)
    db.session.commit()
    blobs = [photos.put(scope_of(pile.school_id, pile.round_id), page, key, number) for page in pages]
    for blob in blobs:
        if piles.in_pile(pile, blob.address) is None:
            piles.new_photo(pile, blob, by_id)
    db.session.commit()


def under_way(pile: Pile) -> Iterator[Splitting]:
    """The files of a pile that are not split yet."""
    files = [photo for photo in pile.photos if photo.outcome == piles.SPLITTING]
    if not files:
        return
    jobs = {job.arguments["photo"]: job for job in reversed(recent(db.session, pile.path)) if job.kind == KIND}
    for photo in files:
        job = jobs.get(photo.id.hex)
        open_ = job is not None and job.state in ("queued", "running")
        yield Splitting(photo.id, job.progress if job else 0, job.progress_of if job else 0, not open_)


def split_again(actor: Actor, photo_id: UUID) -> UUID:
    """Have a file split after all that the worker gave up; its pile. Commits."""
    file = lists.find(actor, Photo, photo_id, lock=True)
    if file.pile is None or not any(one.failed and one.photo_id == file.id for one in under_way(file.pile)):
        raise TooLate(N_("这份文件正在拆，或者已经拆好了。"))
    enqueue(db.session, KIND, {"photo": file.id.hex}, file.pile.path, actor.user_id)
    db.session.commit()
    return file.pile.id
