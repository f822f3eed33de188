"""Everything that is derived from the key file: a key per purpose, data keys per school and round, blind indexes."""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.keys.keyfile import KEY_BYTES, KeyFile, KeyFileError, check_value
from portal.keys.sealing import Tampered, UnknownKey

_WRAPPED = struct.Struct(">BH12s48s")
_WRAPPED_VERSION = 1


class BlindIndex:
    """Keyed fingerprints of one column: equal texts give equal 32 bytes, and nobody without the key can try texts."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, text: str) -> bytes:
        """The 32 bytes to keep beside the sealed text. ValueError for a blank text: keep NULL instead."""
        plain = _plain(text)
        if not plain:
            raise ValueError("a blank text has no blind index")
        return hmac.digest(self._key, plain.encode(), hashlib.sha256)


class Keyring:
    """The keys of a running process. Safe to use from several threads. A key file that was exchanged meanwhile
    (rotation) is read again: before a data key is wrapped, and when one names a wrapping key that is not known."""

    def __init__(self, keyfile: KeyFile) -> None:
        self._file, self._stamp = keyfile, _stamp(keyfile)
        self._derived: dict[str, bytes] = {}
        self._blind: dict[str, BlindIndex] = {}

    def __repr__(self) -> str:
        return f"Keyring({self._file!r})"

    @property
    def file(self) -> KeyFile:
        """The key file as it was last read."""
        return self._file

    def reload(self) -> None:
        """Read the key file again. KeyFileError if it is gone, cannot be read, or is of another deployment."""
        stamp, read = _stamp(self._file), KeyFile.load(self._file.path)
        if read.root != self._file.root:
            raise KeyFileError(f"{read.path}: the key file was exchanged for one of another deployment")
        self._file, self._stamp = read, stamp

    @property
    def check_value(self) -> str:
        """16 hex digits to keep in the database: another key file is noticed at start, before anything is written."""
        return check_value(self._file.root)

    def derive(self, label: str) -> bytes:
        """The 32-byte key of one purpose (`cookie`, `paper`, `receipts` ...), by HKDF-SHA256 from the root secret."""
        if not label:
            raise ValueError("a derived key needs a label")
        if label not in self._derived:
            kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"portal|" + label.encode())
            self._derived[label] = kdf.derive(self._file.root)
        return self._derived[label]

    def blind(self, column: str, text: str) -> bytes:
        """The blind index (32 bytes) of a text in a column; blanks, letter case and full width make no difference."""
        return self.blind_index(column)(text)

    def blind_index(self, column: str) -> BlindIndex:
        """The index of one column, for many texts."""
        if column not in self._blind:
            self._blind[column] = BlindIndex(self.derive(f"blind|{column}"))
        return self._blind[column]

    def new_data_key(self, number: int, scope: str) -> tuple[bytes, bytes]:
        """A new data key for a scope (school and round): the 32 bytes to use and the wrapped form to keep."""
        dek = os.urandom(KEY_BYTES)
        return dek, self.wrap(dek, number, scope)

    def wrap(self, dek: bytes, number: int, scope: str) -> bytes:
        """Wrap a data key with the active wrapping key: `01 | key number (2) | nonce (12) | key and tag (48)`.

        With a wrapping key that was dropped meanwhile it would be lost at the next start, so the file is looked at.
        """
        if len(dek) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")
        if _stamp(self._file) != self._stamp:
            self.reload()
        file = self._file
        active, nonce = file.active, os.urandom(12)
        sealed = AESGCM(file.keys[active]).encrypt(nonce, dek, _bound_to(number, scope))
        return _WRAPPED.pack(_WRAPPED_VERSION, active, nonce, sealed)

    def unwrap(self, wrapped: bytes, number: int, scope: str) -> bytes:
        """The data key. Tampered if changed or of another number or scope; UnknownKey if its wrapping key is not in the
        file."""
        try:
            version, wrapping_key, nonce, sealed = _WRAPPED.unpack(wrapped)
            if version != _WRAPPED_VERSION:
                raise Tampered("a wrapped data key has an unknown format")
            if wrapping_key not in self._file.keys:
                self.reload()
            return AESGCM(self._file.keys[wrapping_key]).decrypt(nonce, sealed, _bound_to(number, scope))
        except KeyError:
            raise UnknownKey(f"wrapping key {wrapping_key} of a data key is not in the key file") from None
        except (struct.error, InvalidTag):
            raise Tampered("a data key does not open with this number and scope") from None

    def rewrap(self, wrapped: bytes, number: int, scope: str) -> bytes:
        """The same data key under the active wrapping key (rotation touches no sealed data)."""
        return self.wrap(self.unwrap(wrapped, number, scope), number, scope)

    def needs_rewrap(self, wrapped: bytes) -> bool:
        """Is this data key wrapped by an older wrapping key?"""
        return wrapping_number(wrapped) != self._file.active


def wrapping_number(wrapped: bytes) -> int:
    """The number of the wrapping key that a wrapped data key needs."""
    return int.from_bytes(wrapped[1:3], "big")


def _stamp(keyfile: KeyFile) -> tuple[int, int] | None:
    """Tells whether the file was exchanged; None while it cannot be looked at."""
    try:
        found = os.stat(keyfile.path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _bound_to(number: int, scope: str) -> bytes:
    return f"dek|{number}|{scope}".encode()


def _plain(text: str) -> str:
    """NFKC, upper case, without blanks and invisible characters (a pasted zero-width space is no other name)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    seen = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", seen)
