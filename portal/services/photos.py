"""A photograph's way: bounded, stored durably, committed, acknowledged with a receipt, then read.

Nothing is acknowledged before it is durable; the same bytes for the same sheet get the same receipt.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.files import Blob, BlobStore, StoreFailed, StoreFull
from portal.files.chunks import measure
from portal.models import Leaf, Photo, Sheet, db, kept_key, key_for, keyring
from portal.models.data_keys import scope_of
from portal.paper.bounds import MAX_BYTES, inspect
from portal.paper.containers import PhotoRefused
from portal.paper.identity import PaperKey
from portal.paper.reasons import sentence
from portal.rules.clock import now, today
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import backup_time, transactions
from portal.services.history import record
from portal.services.receipt_numbers import free_receipt
from portal.services.refusals import Away, Refusal, TooLate

MOST_PHOTOS = 20
#: how long the request that received a photo may take to read it before the worker does
INLINE = timedelta(seconds=20)
#: files of one photo that are written at the same time
AT_ONCE = 4


@dataclass(frozen=True)
class Sender:
    """Who sends: nobody known (a family with the paper), a teacher, later a parent."""

    source: str
    actor: Actor | None = None


def store() -> BlobStore:
    """The application's blob store."""
    found: BlobStore = current_app.extensions["portal.store"]
    return found


def paper_key() -> PaperKey:
    """The secret that binds marks and tokens to this deployment."""
    return PaperKey(keyring().derive("paper"))


def receive(sheet: Sheet, data: bytes, sender: Sender, lease: timedelta = INLINE) -> Photo:
    """Store a photograph for a sheet and return its row; commits. It waits to be read, for the time of the lease by the
    caller.

    Raises `Refusal` for what is no photo, too big or too many, `TooLate` before hand-out and after the round's end.
    """
    with transactions.reading():  # nobody's writing waits for what only looks
        _check_photo(sheet, data)
        full = _no_room(sheet)
        scope = sheet.school_id, sheet.round_id
        with suppress(KeyError):
            kept_key(*scope)
    number, key = key_for(*scope)
    # a first key is durable before anything is sealed with it, and no lock is held while the file is written
    db.session.commit()
    if full is not None:
        return _stored_before(sheet, data, key, full)
    blob = put(scope_of(*scope), data, key, number)
    again = _already(sheet, blob.address)
    if again is not None:
        return again
    full = _no_room(sheet)
    if full is not None:
        raise full
    try:
        photo = _add(sheet, blob, sender, lease)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the same bytes arrived twice at the same moment
        found = _already(sheet, blob.address)
        if found is None:
            raise
        return found
    return photo


def put(scope: str, data: bytes, key: bytes, number: int) -> Blob:
    """Keep bytes in the store; raises `Away` in plain words when it is full or cannot be reached."""
    with _in_words():
        return store().put(scope, data, key, number)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except StoreFull as full:
        raise Away(N_("服务器暂时没有地方存了，照片没有收。照片还在手机里，过一会儿再送。")) from full
    except StoreFailed as failed:
        raise Away(N_("照片没有存上。照片还在手机里，请再送一次。")) from failed


def put_all(scope: str, several: Sequence[bytes], key: bytes, number: int) -> list[Blob]:
    """Keep several at once, in their order: the disk is waited for once and not for each. Raises as `put` does."""
    kept = store()

    def one(data: bytes) -> Blob:
        return kept.put(scope, data, key, number)

    with _in_words(), ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, several))


def _check_photo(sheet: Sheet, data: bytes) -> None:
    if not sheet.issued:
        raise TooLate(N_("学校还没有把这张表发下来，现在不收照片。发下来以后再拍就行。"))
    check_bytes(data)


def check_bytes(data: bytes) -> None:
    """Raises `Refusal` in plain words for what is no photo or too big; nothing is decoded."""
    if len(data) > MAX_BYTES:
        raise Refusal(N_("照片超过 20 MB，没有收。请用手机直接拍一张再送。"))
    try:
        inspect(data)
    except PhotoRefused as refused:
        raise Refusal(sentence(refused.reason)) from refused


def _no_room(sheet: Sheet) -> Refusal | None:
    """Why no new photo is taken; one that is stored already always gets its receipt again."""
    if today() > sheet.round.ends:
        return TooLate(N_("这一轮核查已经结束，不再收照片。有事请找班主任。"))
    if len(sheet.photos) >= MOST_PHOTOS:
        return Refusal(N_("这张表已经收了 %(n)s 张照片，不能再多了。看不清请找班主任。"), n=MOST_PHOTOS)
    return None


def _stored_before(sheet: Sheet, data: bytes, key: bytes, full: Refusal) -> Photo:
    """The row these bytes have, else the refusal. Nothing is put into the store for it: whoever holds a paper could
    fill the store with files that no row names."""
    scope = scope_of(sheet.school_id, sheet.round_id)
    again = _already(sheet, measure(io.BytesIO(data), scope, key).address)
    if again is None:
        raise full
    return again


def _already(sheet: Sheet, address: str) -> Photo | None:
    return db.session.scalar(select(Photo).where(Photo.sheet_id == sheet.id, Photo.address == address))


def _add(sheet: Sheet, blob: Blob, sender: Sender, lease: timedelta) -> Photo:
    photo = Photo(
        sheet_id=sheet.id,
        school_id=sheet.school_id,
        round_id=sheet.round_id,
        path=sheet.path,
        address=blob.address,
        size=blob.size,
        receipt=free_receipt(sheet.id, blob.address),
        source=sender.source,
        by_id=sender.actor.user_id if sender.actor else None,
        lease_until=now() + lease,
    )
    db.session.add(photo)
    db.session.flush()
    record(sender.actor, photo, "STORE_PHOTO", sheet.school_id, source=sender.source, size=blob.size)
    return photo


def remove(address: str) -> bool:
    """Remove a file that no row names any more. False while a backup is being made: then it stays, and goes with the
    nightly look at the store a day later."""
    if backup_time.under_way():
        return False
    store().delete(address)
    return True


def content_of(address: str, school_id: UUID, round_id: UUID | None) -> bytes:
    """The bytes of a blob of a school and round; raises `Away` in plain words when the store cannot be asked."""
    key = kept_key(school_id, round_id)
    try:
        return store().get(address, key)
    except StoreFailed as failed:
        raise Away(N_("文件现在取不出来，请过一会儿再点一次。")) from failed


def leaf_of(number: int) -> Leaf | None:
    """The leaf of a number, also superseded or revoked."""
    return db.session.get(Leaf, number)
