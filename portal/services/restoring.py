"""A backup into an empty place: everything is looked at before anything is written, files first, then all rows in one
transaction. What was restored is verified as if it were in use."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import delete, update

from portal.files import BlobMissing, StoreFailed
from portal.models import Deployment, SignIn, db, keyring
from portal.models.schema import config, migrating
from portal.rules.clock import now
from portal.services import backup_folder, backup_tables, photos, verifying
from portal.services.backing_up import AT_ONCE
from portal.services.backup_folder import BadBackup, Kept, Manifest
from portal.services.history import record_deployment
from portal.services.refusals import Refusal
from portal.services.verifying import Verdict

Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Restored:
    """What was restored, and what looking at all of it found."""

    folder: Path
    rows: int
    files: int
    verdict: Verdict


def check(folder: Path, told: Told = lambda what, n: None) -> tuple[Manifest, list[Kept]]:
    """Open every piece of tables, compare every file; nothing is written. `BadBackup` names the first that differs."""
    ring = keyring()
    manifest = backup_folder.load(folder, ring)
    unknown = set(manifest.wrapping) - set(ring.file.keys)
    if unknown:
        raise BadBackup(f"{folder}: it needs wrapping key {min(unknown)}, which is not in the key file (any more)")
    for n, part in enumerate(manifest.parts):
        try:
            backup_tables.unpacked(backup_folder.read_piece(folder, part, ring))
        except ValueError as error:
            raise BadBackup(f"{folder / part.name}: {error}") from None
        told("pieces", n + 1)
    kept = list(backup_folder.read_list(folder, manifest, ring))
    if len(kept) != manifest.files_count:
        raise BadBackup(f"{folder}: {len(kept)} files are listed, {manifest.files_count} belong to it")
    _compare(folder, kept, told)
    return manifest, kept


def _compare(folder: Path, kept: list[Kept], told: Told) -> None:
    store = backup_folder.files_of(folder.parent)

    def one(wanted: Kept) -> None:
        try:
            found = backup_folder.digest_of(store, wanted.address)
        except (BlobMissing, StoreFailed):
            raise BadBackup(f"{folder.parent}: the file {wanted.address} is missing") from None
        if found != wanted:
            raise BadBackup(f"{folder.parent}: the file {wanted.address} was cut or changed")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for n, _ in enumerate(threads.map(one, kept)):
            if n % 500 == 0:
                told("files compared", n)


def restore(source: Path, told: Told = lambda what, n: None) -> Restored:
    """Restore the newest backup of a folder, or the one it is. The database must be empty; the store may hold nothing
    but files of this backup, so that an interrupted restore is begun again. `BadBackup`, `Refusal`."""
    folder = backup_folder.newest(source)
    manifest = backup_folder.load(folder, keyring())
    if manifest.revision not in {one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()}:
        raise Refusal(f"this backup was made by a newer portal (schema {manifest.revision}): restore it with that one")
    if not backup_tables.is_empty(db.engine, manifest.revision):
        raise Refusal("the database is not empty: a backup is restored into an empty place only")
    manifest, kept = check(folder, told)
    _refuse_strangers({one.address for one in kept})
    _put_files(folder, kept, told)
    rows = _put_rows(folder, manifest, told)
    db.session.remove()
    record_deployment("RESTORE", rows=rows, files=len(kept), made_at=manifest.made_at)
    db.session.commit()
    return Restored(folder, rows, len(kept), verifying.verify())


def _refuse_strangers(own: Collection[str]) -> None:
    if any(one.address not in own for one in photos.store().walk()):
        raise Refusal("the store holds other files: a backup is restored into an empty place only")


def _put_files(folder: Path, kept: list[Kept], told: Told) -> None:
    source, target = backup_folder.files_of(folder.parent), photos.store()
    there = {one.address: one.sealed_size for one in target.walk()}

    def one(wanted: Kept) -> None:
        if there.get(wanted.address) != wanted.size:
            with source.sealed(wanted.address) as stream:
                target.put_sealed(wanted.address, iter(lambda: stream.read(1 << 20), b""))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for n, _ in enumerate(threads.map(one, kept)):
            if n % 500 == 0:
                told("files", n)


def _put_rows(folder: Path, manifest: Manifest, told: Told) -> int:
    """All or none: the tables as they were then, their rows, then the tables as they are now."""
    rows = 0
    with migrating(db.engine) as connection:
        command.upgrade(config(connection), manifest.revision)
        connection.execute(delete(Deployment))  # of an empty database: the backup brings its own
        with backup_tables.without_order(connection):
            for part in manifest.parts:
                backup_tables.put(connection, backup_folder.read_piece(folder, part, keyring()))
                told("rows", rows := rows + part.rows)
        backup_tables.go_on_counting(connection)
        command.upgrade(config(connection), "head")
        # whoever signed out after the backup was made is not let in again
        connection.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now()))
    return rows
