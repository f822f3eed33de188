"""Workbooks locked with a password: the agile encryption of Office, AES-256, which WPS and Excel open (sec-A35)."""

from __future__ import annotations

import io
import secrets

from msoffcrypto import OfficeFile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile

from portal.rules.exports import PASSWORD_ALPHABET, PASSWORD_GROUP, PASSWORD_GROUPS


class NotOpened(ValueError):
    """The password does not open the file, or it is no locked workbook."""


def new_password() -> str:
    """A password for one file: `k7pm-3xqd-w9ht`, typed with its hyphens."""
    groups = ("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_GROUP)) for _ in range(PASSWORD_GROUPS))
    return "-".join(groups)


def locked(content: bytes, password: str) -> bytes:
    """The workbook, locked. It is opened again before it is handed on: RuntimeError when that does not give the same
    bytes."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    made = out.getvalue()
    if opened(made, password) != content:
        raise RuntimeError("a locked workbook does not open")
    return made


def opened(content: bytes, password: str) -> bytes:
    """What is inside a locked workbook; `NotOpened`."""
    out = io.BytesIO()
    try:
        file = OfficeFile(io.BytesIO(content))
        file.load_key(password=password, verify_password=True)
        file.decrypt(out, verify_integrity=True)
    except (DecryptionError, FileFormatError, InvalidKeyError, ParseError, OSError, ValueError, KeyError) as failed:
        raise NotOpened from failed
    return out.getvalue()
