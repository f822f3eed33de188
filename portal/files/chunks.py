"""How a blob is sealed: a header, then 1 MiB chunks of nonce, ciphertext and tag.

Header: `PB | 01 | algorithm | data key number (4)`. Each chunk is bound to the blob's address, the data key number, its
own number and whether it is the last one, so that a cut, appended, exchanged or reordered chunk is noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.files.store import Blob
from portal.keys import Tampered

CHUNK = 1 << 20
"""Plaintext bytes in every chunk but the last."""

_HEADER = struct.Struct(">2sBBI")
_MAGIC, _VERSION, _AES_256_GCM = b"PB", 1, 1
_NONCE, _TAG = 12, 16
_SEALED_CHUNK = _NONCE + CHUNK + _TAG


def as_stream(data: bytes | BinaryIO) -> BinaryIO:
    """A stream that can be read twice. ValueError if it cannot go back."""
    stream = io.BytesIO(data) if isinstance(data, bytes | bytearray | memoryview) else data
    if not stream.seekable():
        raise ValueError("a blob is read twice: give bytes or a seekable stream")
    return stream


def measure(stream: BinaryIO, scope: str, dek: bytes) -> Blob:
    """The address and size of what is in the stream from its position on; the position is put back.

    The address is an HMAC-SHA256 of the plaintext with a key made of data key and scope: equal photos of one scope are
    one blob, of two scopes two, and without the data key nobody can tell whether a known photo is in the store.
    """
    if not scope:
        raise ValueError("a blob needs a scope")
    key = hmac.digest(dek, b"blob address|" + scope.encode(), hashlib.sha256)
    hashed, size, start = hmac.new(key, digestmod=hashlib.sha256), 0, stream.tell()
    while part := stream.read(CHUNK):
        hashed.update(part)
        size += len(part)
    stream.seek(start)
    return Blob(hashed.hexdigest(), size)


def seal_chunks(stream: BinaryIO, blob: Blob, dek: bytes, number: int) -> Iterator[bytes]:
    """The sealed bytes of a blob in pieces. ValueError if the stream is no longer as long as it was measured."""
    cipher, index, left = AESGCM(dek), 0, blob.size
    yield _HEADER.pack(_MAGIC, _VERSION, _AES_256_GCM, number)
    while left or index == 0:
        part = _exactly(stream.read, min(CHUNK, left))
        if len(part) != min(CHUNK, left):
            break
        left -= len(part)
        nonce = os.urandom(_NONCE)
        yield nonce + cipher.encrypt(nonce, part, _bound_to(blob.address, number, index, last=not left))
        index += 1
    if left or stream.read(1):
        raise ValueError("the stream changed while it was being stored")


def open_chunks(read: Callable[[int], bytes], address: str, dek: bytes) -> bytes:
    """The plaintext of a sealed blob whose bytes come from `read(n)`. Tampered if anything differs."""
    number = _number(_exactly(read, _HEADER.size))
    cipher, index, plain = AESGCM(dek), 0, bytearray()
    sealed = _exactly(read, _SEALED_CHUNK)
    while True:
        following = _exactly(read, _SEALED_CHUNK) if len(sealed) == _SEALED_CHUNK else b""
        try:
            bound = _bound_to(address, number, index, last=not following)
            plain += cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
        except (InvalidTag, ValueError):
            raise Tampered("a blob does not open: damaged, cut, or sealed with another key") from None
        if not following:
            return bytes(plain)
        sealed, index = following, index + 1


def _number(header: bytes) -> int:
    if len(header) != _HEADER.size:
        raise Tampered("a blob is too short")
    magic, version, algorithm, number = _HEADER.unpack(header)
    if (magic, version, algorithm) != (_MAGIC, _VERSION, _AES_256_GCM):
        raise Tampered("a blob has an unknown format")
    return number


def _bound_to(address: str, number: int, index: int, *, last: bool) -> bytes:
    return f"{address}|{number}|{index}|{int(last)}".encode()


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """Up to `size` bytes: a stream may hand them out in smaller pieces."""
    parts = bytearray()
    while len(parts) < size and (part := read(size - len(parts))):
        parts += part
    return bytes(parts)
