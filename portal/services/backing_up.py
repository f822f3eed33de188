"""A backup while the portal is in use: one snapshot of the database first, then the files it names; meanwhile no file
is removed. Nothing of a backup counts before its manifest is on disk."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from portal.files import BlobMissing, LocalStore, StoreFailed
from portal.models import db, keyring
from portal.services import backup_folder, backup_tables, backup_time, photos, rotation, stored
from portal.services.backup_folder import BadBackup, Kept, Manifest, Part
from portal.services.history import record_deployment

#: files that are copied at the same time
AT_ONCE = 4
_PIECE = 1 << 20
_TRIES = 3
_FORM, _NAMES = "%Y%m%dT%H%M%SZ", re.compile(r"\d{8}T\d{6}Z")
Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Made:
    """A backup that is there: its folder, rows, files that belong to it, those of them that were copied now, bytes;
    `gone` counts older backups and files that were removed for it."""

    folder: Path
    rows: int
    files: int
    copied: int
    bytes: int
    gone: tuple[int, int] = (0, 0)


def make(to: Path, moment: datetime, told: Told = lambda what, n: None, count: int = 0) -> Made:
    """Make a backup in a folder, beside older ones, whose files are not copied again; with a `count` only so many stay.
    `TooLate` while another is being made; `BadBackup` when a file that a row names is missing or cannot be copied."""
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    with backup_time.marked():
        name = _name(to, moment)
        part, done = to / f".{name}", to / name
        for old in to.glob(".2*"):
            shutil.rmtree(old)  # what a killed backup left; only one is made at a time
        for turn in range(_TRIES):
            part.mkdir(mode=0o700)
            try:
                made = _made(part, done, moment, told)
                record_deployment("BACKUP", rows=made.rows, files=made.files)
                db.session.commit()
                # still marked: what another backup copies meanwhile would not be needed by any that is there
                return replace(made, gone=keep(to, count))
            except _Vanished as vanished:  # removed at the very moment at which this backup began
                shutil.rmtree(part)
                if turn == _TRIES - 1:
                    raise BadBackup(f"{vanished}: a row names this file and it is not in the store") from None
    raise AssertionError("unreachable")


def _name(to: Path, moment: datetime) -> str:
    """After all that are there, also when the clock was ahead for one of them: the newest is the one made last."""
    names = [path.parent.name for path in to.glob(f"*/{backup_folder.MANIFEST}")]
    last, wanted = max(filter(_NAMES.fullmatch, names), default=""), moment.strftime(_FORM)
    return wanted if wanted > last else (datetime.strptime(last, _FORM) + timedelta(seconds=1)).strftime(_FORM)


class _Vanished(Exception):
    """A file of the snapshot is not in the store any more."""


def _made(part: Path, done: Path, moment: datetime, told: Told) -> Made:
    ring, parts, addresses, must = keyring(), list[Part](), set[str](), set[str]()
    wrapping = [number for number, count in rotation.status().wrapped.items() if count]
    with backup_tables.snapshot(db.engine) as connection:
        revision, dialect = backup_tables.revision(connection), connection.dialect.name
        with closing(backup_tables.pieces(connection)) as pieces:
            for piece in pieces:
                parts.append(backup_folder.write_piece(part, len(parts) + 1, piece, ring))
                told("rows", sum(one.rows for one in parts))
        for one in stored.named(connection):
            addresses.add(one.address)
            if one.must:
                must.add(one.address)
        db.session.rollback()
    kept, copied = _copy(part.parent, addresses, must, told)
    files = backup_folder.write_list(part, kept, ring)
    size = sum(one.size for one in kept)
    manifest = Manifest(
        made_at=moment.isoformat(), revision=revision, key_check=ring.check_value, wrapping=wrapping, database=dialect,
        parts=parts, files=files, files_count=len(kept), files_bytes=size,
    )  # fmt: skip
    backup_folder.finish(part, done, manifest, ring)
    return Made(done, sum(one.rows for one in parts), len(kept), copied, size)


def _copy(to: Path, addresses: set[str], must: set[str], told: Told) -> tuple[list[Kept], int]:
    """Copy what is not there yet; the list of all, and how many were new."""
    target, source = backup_folder.files_of(to), photos.store()
    before = {one.address: one for one in _listed_before(to)}
    sizes = {one.address: one.sealed_size for one in target.walk()}

    def one(address: str) -> tuple[Kept | None, bool]:
        known = before.get(address)
        if known is not None and sizes.get(address) == known.size:
            return known, False
        try:
            return _copied(source, target, address), True
        except BlobMissing:
            if address in must:
                raise _Vanished(address) from None
            return None, False
        except StoreFailed as failed:
            raise BadBackup(f"{address}: {failed}") from None

    kept, new = [], 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for n, (found, copied) in enumerate(threads.map(one, sorted(addresses))):
            new += copied
            if found is not None:
                kept.append(found)
            if n % 500 == 0:
                told("files", n)
    return kept, new


def _listed_before(to: Path) -> Iterator[Kept]:
    """The files of the newest backup that is there already."""
    try:
        folder = backup_folder.newest(to)
        yield from backup_folder.read_list(folder, backup_folder.load(folder, keyring()), keyring())
    except BadBackup:
        return


def _copied(source: object, target: LocalStore, address: str) -> Kept:
    digest, size = hashlib.sha256(), 0
    with source.sealed(address) as stream:  # type: ignore[attr-defined]

        def pieces() -> Iterator[bytes]:
            nonlocal size
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                yield piece

        target.put_sealed(address, pieces())
    return Kept(address, size, digest.hexdigest())


def keep(to: Path, count: int) -> tuple[int, int]:
    """Remove all but the newest backups, and the files that none of the others needs: (backups, files). A file whose
    data key was shredded goes with the last backup that names it."""
    folders = sorted(path.parent for path in to.glob(f"*/{backup_folder.MANIFEST}") if path.parent.name[0] != ".")
    old, ring = folders[:-count] if count else [], keyring()
    if not old:
        return 0, 0
    needed = {one.address for folder in folders[len(old) :]
              for one in backup_folder.read_list(folder, backup_folder.load(folder, ring), ring)}  # fmt: skip
    for folder in old:  # one that was killed on its way out goes with the next backup
        hidden = folder.rename(to / f".{folder.name}")
        backup_folder.sync(to)
        shutil.rmtree(hidden)
    target, gone = backup_folder.files_of(to), 0
    for one in list(target.walk()):
        if one.address not in needed:
            target.delete(one.address)
            gone += 1
    return len(old), gone
