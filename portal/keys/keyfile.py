"""The key file: one small JSON file outside the database and outside its backups.

It holds a root secret, from which the key of every purpose is derived, and the numbered wrapping keys that protect the
data keys in the database. The wrapping key with the highest number is active; older ones only open what they wrapped.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY_BYTES = 32
_FORMAT = 1
_LARGEST_FILE = 65_536
_LARGEST_NUMBER = 65_535
_FEWEST_DIFFERENT_BYTES = 8
_LEFT_AFTER = 60.0
_ABOUT = "Keys of the portal. Readable by its user only. Never keep it in the same backup as the database."


class KeyFileError(Exception):
    """The key file cannot be used; the text is one line for the operator and never contains a key."""


class KeyFileMissing(KeyFileError):
    """There is no key file at this path."""


class KeyFileExists(KeyFileError):
    """A key file is never overwritten by a new one: everything sealed with it would be lost."""


@dataclass(frozen=True, repr=False)
class KeyFile:
    """The keys of one deployment: `root` and `keys` (number -> key), 32 random bytes each, all different (sec-A49)."""

    path: Path
    root: bytes
    keys: Mapping[int, bytes]

    def __post_init__(self) -> None:
        if not self.keys:
            raise KeyFileError(f"{self.path}: no wrapping key")
        everything = [self.root, *self.keys.values()]
        if any(len(key) != KEY_BYTES for key in everything):
            raise KeyFileError(f"{self.path}: each key must have {KEY_BYTES} bytes")
        if any(len(set(key)) < _FEWEST_DIFFERENT_BYTES or key.isascii() for key in everything):
            raise KeyFileError(f"{self.path}: a key is not random")
        if len(set(everything)) != len(everything):
            raise KeyFileError(f"{self.path}: two keys are equal")
        if any(not 1 <= number <= _LARGEST_NUMBER for number in self.keys):
            raise KeyFileError(f"{self.path}: a key number is outside 1 to {_LARGEST_NUMBER}")

    def __repr__(self) -> str:
        return f"KeyFile({str(self.path)!r}, numbers={sorted(self.keys)})"

    @property
    def active(self) -> int:
        """The number of the newest wrapping key, the one that wraps new data keys."""
        return max(self.keys)

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> KeyFile:
        """Write a new key file of mode 0400, durably. KeyFileExists if there is one already, also in a race."""
        made = cls(Path(path), os.urandom(KEY_BYTES), {1: os.urandom(KEY_BYTES)})
        _write(made, replace=False)
        return made

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> KeyFile:
        """Read a key file. KeyFileMissing, or KeyFileError when others may read it or a check value disagrees."""
        path = Path(path)
        try:
            document = json.loads(_read_private(path))
            if document["format"] != _FORMAT:
                raise KeyFileError(f"{path}: unknown format")
            root = _key(path, document["root"])
            numbered = [(int(entry["id"]), _key(path, entry)) for entry in document["keys"]]
        except (ValueError, KeyError, TypeError) as error:
            # the cause is left out: its text may quote the file
            raise KeyFileError(f"{path}: this is not a key file ({type(error).__name__})") from None
        if len(dict(numbered)) != len(numbered):
            raise KeyFileError(f"{path}: a key number is used twice")
        return cls(path, root, dict(numbered))

    def with_new_key(self) -> KeyFile:
        """Add a wrapping key and make it active (rotation). The old ones stay until every data key is rewrapped."""
        return self._rewritten(lambda file: {**file.keys, file.active + 1: os.urandom(KEY_BYTES)})

    def without_key(self, number: int) -> KeyFile:
        """Drop an old wrapping key. KeyFileError for the active one and for a number that is not there."""

        def rest(file: KeyFile) -> dict[int, bytes]:
            if number not in file.keys or number == file.active:
                raise KeyFileError(f"{self.path}: key {number} is active or unknown and cannot be dropped")
            return {old: key for old, key in file.keys.items() if old != number}

        return self._rewritten(rest)

    def _rewritten(self, change: Callable[[KeyFile], dict[int, bytes]]) -> KeyFile:
        """The file as it is now, changed: of two commands at the same moment neither loses the key of the other."""
        with _alone(self.path.parent):
            now = KeyFile.load(self.path)
            if now.root != self.root:
                raise KeyFileError(f"{self.path}: this is another key file now")
            made = KeyFile(self.path, self.root, change(now))
            _write(made, replace=True)
        return made


def check_value(key: bytes) -> str:
    """A short value that tells whether two keys are the same one without telling the key (16 hex digits)."""
    return hmac.new(key, b"portal key check value", hashlib.sha256).hexdigest()[:16]


def _entry(key: bytes) -> dict[str, Any]:
    return {"key": base64.b64encode(key).decode(), "check": check_value(key)}


def _key(path: Path, entry: dict[str, Any]) -> bytes:
    try:
        key = base64.b64decode(entry["key"], validate=True)
    except binascii.Error:
        raise KeyFileError(f"{path}: a key is not written in base64") from None
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path}: each key must have {KEY_BYTES} bytes")
    if not hmac.compare_digest(check_value(key), str(entry["check"])):
        raise KeyFileError(f"{path}: a key does not agree with its check value")
    return key


def _read_private(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise KeyFileMissing(f"{path}: there is no key file") from None
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be read ({error.strerror})") from None
    try:
        _refuse_unless_private(path, os.fstat(handle))  # asked of the open file: its name could be exchanged
        return os.read(handle, _LARGEST_FILE)
    finally:
        os.close(handle)


def _refuse_unless_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileError(f"{path}: this is not a plain file")
    if found.st_mode & 0o077:
        raise KeyFileError(f"{path}: other users may read the key file; set its mode to 0400")
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyFileError(f"{path}: the key file belongs to another user")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else writes a key file of this folder meanwhile."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(keys: KeyFile, *, replace: bool) -> None:
    document = {
        "format": _FORMAT,
        "about": _ABOUT,
        "root": _entry(keys.root),
        "keys": [{"id": number, **_entry(key)} for number, key in sorted(keys.keys.items())],
    }
    try:
        keys.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_durably(keys.path, json.dumps(document, indent=1).encode() + b"\n", replace=replace)
    except KeyFileError:
        raise
    except OSError as error:
        raise KeyFileError(f"{keys.path}: the key file cannot be written ({error.strerror})") from error


def _remove_left(path: Path) -> None:
    """Temporary files of processes that were killed while they wrote this file: they hold keys, too."""
    for left in path.parent.glob(f".{path.name}.*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LEFT_AFTER:
                left.unlink()


def _write_durably(path: Path, data: bytes, *, replace: bool) -> None:
    _remove_left(path)
    temporary = path.parent / f".{path.name}.{os.urandom(8).hex()}"
    try:
        _write_new(temporary, data)
        if replace:
            os.rename(temporary, path)
        else:
            os.link(temporary, path)  # unlike rename, it refuses an existing name in one step
    except FileExistsError:
        raise KeyFileExists(f"{path}: there is a key file already") from None
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
