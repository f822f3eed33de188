"""Durable writing below one folder: temporary file, fsync, rename, fsync of the folder. No link is followed."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

INCOMING = ".incoming"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Disk:
    """Files of the shape `ab/cd/abcd...` below `root`; several threads and processes may write at once.

    Names are checked by the caller. All errors are OSError, and a write that failed is never tried again here: after a
    failing fsync the system may have dropped the bytes and a second one would succeed without them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._durable: set[str] = set()
        (self.root / INCOMING).mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Put `parts` under `name`, replacing what is there; on disk when it returns."""
        with self._incoming() as (handle, incoming, temporary):
            for part in parts:
                _write_all(handle, part)
            os.fsync(handle)
            with self._folder_of(name, make=True) as folder:
                os.rename(temporary, name, src_dir_fd=incoming, dst_dir_fd=folder)
                # if this fails the new file stays: the name may be that of an equal one acknowledged long ago
                os.fsync(folder)

    def open(self, name: str) -> int:
        """A handle to read from, to be closed by the caller."""
        with self._folder_of(name) as folder:
            return os.open(name, _OLD_FILE, dir_fd=folder)

    def stat(self, name: str) -> os.stat_result:
        """What is under this name, itself: a symbolic link is not followed."""
        with self._folder_of(name) as folder:
            return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def remove(self, name: str) -> None:
        """Remove a file, durably."""
        with self._folder_of(name) as folder:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def clean(self) -> int:
        """Remove half-written files of writers that are gone; how many. A living writer holds a lock on its own."""
        with _open_folder(self.root / INCOMING) as incoming:
            return sum(_remove_if_left(incoming, name) for name in os.listdir(incoming))

    @contextlib.contextmanager
    def _incoming(self) -> Iterator[tuple[int, int, str]]:
        with _open_folder(self.root / INCOMING) as incoming:
            handle, temporary = _new_locked_file(incoming)
            try:
                yield handle, incoming, temporary
            finally:
                os.close(handle)
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=incoming)

    @contextlib.contextmanager
    def _folder_of(self, name: str, *, make: bool = False) -> Iterator[int]:
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(_open_folder(self.root))
            for start in (0, 2):
                if make:
                    self._make(folder, name[start : start + 2], known_as=name[: start + 2])
                folder = stack.enter_context(_open_folder(name[start : start + 2], folder))
            yield folder

    def _make(self, parent: int, part: str, known_as: str) -> None:
        """A folder whose own name is on disk, whoever made it: another writer may not have got as far as its fsync."""
        if known_as in self._durable:
            return
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o700, dir_fd=parent)
        os.fsync(parent)
        self._durable.add(known_as)


@contextlib.contextmanager
def _open_folder(name: str | Path, parent: int | None = None) -> Iterator[int]:
    handle = os.open(name, _FOLDER, dir_fd=parent)
    try:
        yield handle
    finally:
        os.close(handle)


def _new_locked_file(incoming: int) -> tuple[int, str]:
    while True:
        temporary = os.urandom(16).hex()
        handle = os.open(temporary, _NEW_FILE, 0o600, dir_fd=incoming)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, temporary
        os.close(handle)  # a cleaning came between making and locking


def _remove_if_left(incoming: int, temporary: str) -> bool:
    try:
        handle = os.open(temporary, _OLD_FILE, dir_fd=incoming)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(temporary, dir_fd=incoming)
        return True
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(handle)


def _write_all(handle: int, part: bytes) -> None:
    left = memoryview(part)
    while left:
        left = left[os.write(handle, left) :]
