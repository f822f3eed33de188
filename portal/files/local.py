"""Blobs in a local folder: `ab/cd/abcd...`. A blob is on disk, under its name, before `put` returns."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from portal.files.chunks import as_stream, measure, open_chunks, seal_chunks
from portal.files.disk import Disk
from portal.files.store import Blob, BlobMissing, Stored, StoreFailed, StoreFull, checked, is_address

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_LOW_WATER_BYTES = 1 << 30
_LOW_WATER_SHARE = 0.05


class LocalStore:
    """A folder of sealed blobs; only checked addresses become paths, and no link below the folder is followed."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        """Open or make the folder, and remove what writers that died left half written. StoreFailed."""
        with _failing("the folder for files cannot be used"):
            self._disk = Disk(Path(root))
            self.clean()

    def put(self, scope: str, data: bytes | BinaryIO, dek: bytes, number: int) -> Blob:
        """Keep `data` as in BlobStore; StoreFull also when the low-water mark of the disk is reached (sec-R5)."""
        stream = as_stream(data)
        blob = measure(stream, scope, dek)
        if not self.has_room():
            raise StoreFull("the disk for files is nearly full")
        with _failing("a file could not be kept"):
            self._disk.write(blob.address, seal_chunks(stream, blob, dek, number))
        return blob

    def get(self, address: str, dek: bytes) -> bytes:
        """The plaintext, as in BlobStore."""
        with self.sealed(address) as file, _failing("a file could not be read"):
            return open_chunks(file.read, address, dek)

    def sealed(self, address: str) -> BinaryIO:
        """The sealed bytes, as in BlobStore."""
        checked(address)
        with _failing("a file could not be read"):
            try:
                return open(self._disk.open(address), "rb")
            except FileNotFoundError:
                raise BlobMissing("there is no file at this address") from None

    def put_sealed(self, address: str, parts: Iterable[bytes]) -> None:
        """Put sealed bytes back, as in BlobStore; a nearly full disk is no reason not to."""
        checked(address)
        with _failing("a file could not be kept"):
            self._disk.write(address, parts)

    def delete(self, address: str) -> None:
        """Remove a blob for good, as in BlobStore."""
        checked(address)
        with _failing("a file could not be deleted"), contextlib.suppress(FileNotFoundError):
            self._disk.remove(address)

    def exists(self, address: str) -> bool:
        """Is there a blob at this address?"""
        checked(address)
        with _failing("a file could not be looked up"):
            try:
                return stat.S_ISREG(self._disk.stat(address).st_mode)
            except FileNotFoundError:
                return False

    def written_at(self, address: str) -> datetime | None:
        """When the blob was last written; None when there is none."""
        checked(address)
        with _failing("a file could not be looked up"):
            try:
                return datetime.fromtimestamp(self._disk.stat(address).st_mtime, UTC)
            except FileNotFoundError:
                return None

    def walk(self) -> Iterator[Stored]:
        """All blobs, folder by folder."""
        for first in _folders(self._disk.root):
            for second in _folders(first.path):
                with os.scandir(second.path) as entries:
                    yield from _blobs(entries, first.name + second.name)

    def has_room(self) -> bool:
        """Is more free than the low-water mark: the smaller of 1 GiB and 5 % of the disk?"""
        with _failing("the disk for files cannot be asked"):
            found = os.statvfs(self._disk.root)
        total, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
        return free > min(_LOW_WATER_BYTES, total * _LOW_WATER_SHARE)

    def clean(self) -> int:
        """Remove half-written files of writers that are gone; how many. Safe while others write."""
        return self._disk.clean()


@contextlib.contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StoreFull if error.errno in _NO_ROOM else StoreFailed
        raise kind(f"{what}: {error.strerror}") from error


def _folders(path: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        yield from (entry for entry in entries if len(entry.name) == 2 and entry.is_dir(follow_symlinks=False))


def _blobs(entries: Iterator[os.DirEntry[str]], start: str) -> Iterator[Stored]:
    for entry in entries:
        if not is_address(entry.name) or not entry.name.startswith(start):
            continue
        with contextlib.suppress(FileNotFoundError):  # it may be deleted while the walk goes on
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                yield Stored(entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
