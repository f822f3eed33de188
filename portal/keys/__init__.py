"""Encryption: key file, data keys, seal and open, blind indexes. Imports nothing of the portal."""

from portal.keys.keyfile import KeyFile, KeyFileError, KeyFileExists, KeyFileMissing
from portal.keys.keyring import BlindIndex, Keyring
from portal.keys.sealing import Tampered, equal, number_of, open_sealed, random_id, seal

__all__ = [
    "BlindIndex",
    "KeyFile",
    "KeyFileError",
    "KeyFileExists",
    "KeyFileMissing",
    "Keyring",
    "Tampered",
    "equal",
    "number_of",
    "open_sealed",
    "random_id",
    "seal",
]
