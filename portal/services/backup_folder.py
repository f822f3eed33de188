"""A folder of backups: `files/` with the sealed files of all of them, and for each moment a folder with its tables and
a manifest. Tables are sealed with a key of the key file; the key file is never in it.

    files/ab/cd/abcd...          as they are in the store
    20261122T091500Z/manifest.json    counts, sizes, SHA-256 of all that follows, HMAC; in the clear
    20261122T091500Z/00001 ...        pieces of tables, sealed
    20261122T091500Z/files            which files belong to it, sealed

A backup is there when its manifest is: that is written last.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from portal.files import LocalStore
from portal.files.chunks import measure, open_chunks, seal_chunks
from portal.keys import Keyring, Tampered
from portal.services.backup_tables import Piece

FORMAT = 1
MANIFEST = "manifest.json"
_SCOPE = "backup"
_PIECE = 1 << 20


class BadBackup(Exception):
    """A backup is incomplete, was changed, or belongs to another key file; the text is one line for the operator."""


@dataclass(frozen=True)
class Part:
    """A sealed file of a backup: its name, address (a keyed hash of what is in it), sealed bytes and their SHA-256; for
    tables what is in it."""

    name: str
    address: str
    size: int
    sha256: str
    table: str = ""
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class Kept:
    """A file of the store in a backup: address, sealed bytes and their SHA-256."""

    address: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """What a backup is made of. `wrapping` are the numbers of the wrapping keys it needs."""

    made_at: str
    revision: str
    key_check: str
    wrapping: list[int]
    database: str
    parts: list[Part]
    files: Part
    files_count: int
    files_bytes: int
    format: int = FORMAT

    def signed(self, ring: Keyring) -> str:
        """As text with its HMAC."""
        document = asdict(self)
        return json.dumps(document | {"hmac": _mac(document, ring)}, indent=1)


def _mac(document: dict[str, Any], ring: Keyring) -> str:
    plain = json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(ring.derive("backup manifest"), plain.encode(), hashlib.sha256).hex()


def load(folder: Path, ring: Keyring) -> Manifest:
    """The manifest of a backup. `BadBackup` when it is missing, was changed or belongs to another key file."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        mac = document.pop("hmac")
        if document["format"] != FORMAT:
            raise BadBackup(f"{folder}: this backup has another format")
        if document["key_check"] != ring.check_value:
            told = f"check value {document['key_check']}, this one has {ring.check_value}"
            raise BadBackup(f"{folder}: this backup belongs to another key file ({told})")
        if not hmac.compare_digest(_mac(document, ring), mac):
            raise BadBackup(f"{folder}: the manifest was changed")
        parts = [_part(one) for one in document.pop("parts")]
        return Manifest(**document | {"parts": parts, "files": _part(document["files"])})
    except OSError as error:
        raise BadBackup(f"{folder}: there is no complete backup ({error.strerror})") from None
    except (ValueError, KeyError, TypeError):
        raise BadBackup(f"{folder}: the manifest cannot be read") from None


def _part(document: dict[str, Any]) -> Part:
    return Part(**document | {"columns": [(name, kind) for name, kind in document["columns"]]})


def newest(folder: Path) -> Path:
    """The newest complete backup of a folder; a folder of one backup itself. `BadBackup` when there is none."""
    if (folder / MANIFEST).is_file():
        return folder
    found = [path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")]
    if not found:
        raise BadBackup(f"{folder}: there is no complete backup")
    return max(found)


def files_of(folder: Path) -> LocalStore:
    """The sealed files of a folder of backups."""
    return LocalStore(folder / "files")


def write_part(folder: Path, name: str, data: bytes, ring: Keyring) -> Part:
    """Seal bytes into a file, durably."""
    key, stream = ring.derive("backup"), io.BytesIO(data)
    blob, digest, size = measure(stream, _SCOPE, key), hashlib.sha256(), 0
    with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in seal_chunks(stream, blob, key, 0):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return Part(name, blob.address, size, digest.hexdigest())


def write_piece(folder: Path, number: int, piece: Piece, ring: Keyring) -> Part:
    """Seal rows of a table into a file."""
    part = write_part(folder, f"{number:05d}", piece.packed, ring)
    return Part(part.name, part.address, part.size, part.sha256, piece.table, piece.columns, piece.rows)


def read_part(folder: Path, part: Part, ring: Keyring) -> bytes:
    """What is in a sealed file. `BadBackup` when it is missing or was changed."""
    try:
        with (folder / part.name).open("rb") as file:
            return open_chunks(file.read, part.address, ring.derive("backup"))
    except OSError as error:
        raise BadBackup(f"{folder / part.name}: {error.strerror}") from None
    except Tampered:
        raise BadBackup(f"{folder / part.name}: cut or changed") from None


def read_piece(folder: Path, part: Part, ring: Keyring) -> Piece:
    """Rows of a table."""
    return Piece(part.table, part.columns, part.rows, read_part(folder, part, ring))


def write_list(folder: Path, kept: list[Kept], ring: Keyring) -> Part:
    """Seal the list of files."""
    lines = "".join(f"{one.address} {one.size} {one.sha256}\n" for one in kept)
    return write_part(folder, "files", gzip.compress(lines.encode(), 3, mtime=0), ring)


def read_list(folder: Path, manifest: Manifest, ring: Keyring) -> Iterator[Kept]:
    """The files of a backup."""
    for line in gzip.decompress(read_part(folder, manifest.files, ring)).decode().splitlines():
        address, size, digest = line.split()
        yield Kept(address, int(size), digest)


def digest_of(store: LocalStore, address: str) -> Kept:
    """A sealed file as it is now."""
    digest, size = hashlib.sha256(), 0
    with store.sealed(address) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Kept(address, size, digest.hexdigest())


def finish(part: Path, done: Path, manifest: Manifest, ring: Keyring) -> None:
    """Write the manifest and give the folder its name: from now on the backup is there, also after a power cut."""
    with open(os.open(part / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(manifest.signed(ring))
        file.flush()
        os.fsync(file.fileno())
    sync(part)
    part.rename(done)
    sync(done.parent)


def sync(folder: Path) -> None:
    """Names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
