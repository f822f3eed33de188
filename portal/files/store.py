"""What every blob store can do, and the errors it may raise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

_ADDRESS = re.compile(r"[0-9a-f]{64}", re.ASCII)


class StoreFailed(Exception):
    """Nothing was acknowledged: the store cannot be reached, written or read. Sending the same bytes again is safe."""


class StoreFull(StoreFailed):
    """There is no room left (sec-R5); reading still works."""


class BlobMissing(Exception):
    """There is no blob at this address."""


class BadAddress(ValueError):
    """An address is 64 hexadecimal digits; anything else is never turned into a path or key."""


@dataclass(frozen=True)
class Blob:
    """What `put` kept: the address to remember and the size of the plaintext in bytes."""

    address: str
    size: int


@dataclass(frozen=True)
class Stored:
    """One blob found by `walk`: its sealed size in bytes and when it was last written (UTC)."""

    address: str
    sealed_size: int
    written_at: datetime


class BlobStore(Protocol):
    """Encrypted blobs by address. The address is a keyed hash of the plaintext, per data key and scope."""

    def put(self, scope: str, data: bytes | BinaryIO, dek: bytes, number: int) -> Blob:
        """Keep `data` (bytes, or a seekable stream from its position on) under a data key and its number.

        When it returns the blob is durable. The same bytes in the same scope give the same blob, freshly written.
        StoreFull, StoreFailed.
        """

    def get(self, address: str, dek: bytes) -> bytes:
        """The plaintext. BlobMissing, StoreFailed, BadAddress, or keys.Tampered if it is not what was put."""

    def sealed(self, address: str) -> BinaryIO:
        """A stream of the bytes as they are kept, sealed, to be closed by the caller. BlobMissing, StoreFailed."""

    def put_sealed(self, address: str, parts: Iterable[bytes]) -> None:
        """Put back what `sealed` gave; durable when it returns. StoreFull, StoreFailed."""

    def delete(self, address: str) -> None:
        """Remove a blob for good; a missing one is no error. Delete its row first."""

    def exists(self, address: str) -> bool:
        """Is there a blob at this address? It is not opened."""

    def written_at(self, address: str) -> datetime | None:
        """When the blob at this address was last written (UTC); None when there is none."""

    def walk(self) -> Iterator[Stored]:
        """All blobs, in no particular order; what is no blob is passed over."""

    def has_room(self) -> bool:
        """May more be put now, or is the low-water mark of the disk reached (sec-R5)?"""


def checked(address: str) -> str:
    """The address itself. BadAddress unless it is 64 lower-case hexadecimal digits."""
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise BadAddress("this is no blob address")
    return address


def is_address(name: str) -> bool:
    """Could this name be the address of a blob?"""
    return _ADDRESS.fullmatch(name) is not None
