"""Encryption: key file, data keys, seal and open, blind indexes. Imports nothing of the portal."""

from portal.keys.keyfile import KeyFile, KeyFileError, KeyFileExists, KeyFileMissing
from portal.keys.keyring import BlindIndex, Keyring, wrapping_number
from portal.keys.sealing import (
    Shredded,
    Tampered,
    UnknownKey,
    equal,
    is_shredded,
    number_of,
    open_sealed,
    random_id,
    seal,
    shredded,
)

__all__ = [
    "BlindIndex",
    "KeyFile",
    "KeyFileError",
    "KeyFileExists",
    "KeyFileMissing",
    "Keyring",
    "Shredded",
    "Tampered",
    "UnknownKey",
    "equal",
    "is_shredded",
    "number_of",
    "open_sealed",
    "random_id",
    "seal",
    "shredded",
    "wrapping_number",
]
