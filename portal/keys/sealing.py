"""Seal and open one field: `01 | algorithm | data key number (4) | nonce (12) | ciphertext | tag (16)`.

The context (`table|column|row id`) is bound to the ciphertext: moved to another row or column it no longer opens.
"""

from __future__ import annotations

import hmac
import os
import struct
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
AES_256_GCM = 1
OVERHEAD = 34
"""Bytes a sealed field is longer than its plaintext."""

_HEADER = struct.Struct(">BBI")
_NONCE = 12
_TAG = 16
_LARGEST_NUMBER = 2**32 - 1


class Tampered(Exception):
    """Sealed data was changed, cut, moved to another place, or sealed with another key."""


class UnknownKey(Tampered):
    """The key this needs is not in the key file."""


class Shredded(KeyError):
    """The data key was deleted: what was sealed with it is gone for good, as was decided."""


def seal(dek: bytes, number: int, plaintext: bytes, context: str) -> bytes:
    """Encrypt with AES-256-GCM under the data key `dek` (32 bytes) whose number is `number` (0 to 2**32 - 1).

    `context` is `table|column|row id` and must be given again to open. The result is OVERHEAD bytes longer.
    """
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError("a data key number has 32 bits")
    if not context:
        raise ValueError("a sealed field needs a context")
    nonce = os.urandom(_NONCE)
    return _HEADER.pack(VERSION, AES_256_GCM, number) + nonce + _cipher(dek).encrypt(nonce, plaintext, context.encode())


def open_sealed(dek: bytes, sealed: bytes, context: str) -> bytes:
    """The plaintext of `seal`. Tampered if anything differs: key, context, a bit, the length, the format."""
    number_of(sealed)
    nonce = sealed[_HEADER.size : _HEADER.size + _NONCE]
    try:
        return _cipher(dek).decrypt(nonce, sealed[_HEADER.size + _NONCE :], context.encode())
    except InvalidTag:
        raise Tampered("a sealed field does not open with this key and context") from None


def number_of(sealed: bytes) -> int:
    """The number of the data key a field was sealed with. Tampered if it is no sealed field."""
    if len(sealed) < OVERHEAD:
        raise Tampered("a sealed field is too short")
    version, algorithm, number = _HEADER.unpack_from(sealed)
    if (version, algorithm) != (VERSION, AES_256_GCM):
        raise Tampered("a sealed field has an unknown format")
    return number


def shredded(sealed: bytes) -> bytes:
    """What is left of a sealed field once its data key was deleted: the head, which tells that something was there."""
    return sealed[: _HEADER.size] + bytes(OVERHEAD - _HEADER.size)


def is_shredded(sealed: bytes) -> bool:
    """Was this field emptied by `shredded`?"""
    return not any(sealed[_HEADER.size :])


def equal(one: bytes | str, other: bytes | str) -> bool:
    """Compare two secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def random_id() -> uuid.UUID:
    """A new random id (UUID version 4). Made by the app before insert, because a row's id is part of its context."""
    return uuid.UUID(bytes=os.urandom(16), version=4)


def _cipher(dek: bytes) -> AESGCM:
    if len(dek) != 32:
        raise ValueError("a data key has 32 bytes")
    return AESGCM(dek)


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
