"""Browsers in which somebody has signed in before: a cookie that says so, and nothing else (sec-A39).

An entry is `day.nonce.mac`, the mac over the account, day and nonce. Wrong passwords from elsewhere never make a
known browser wait, because its own wrong tries are counted by the nonce.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

from portal.keys import equal
from portal.models import keyring
from portal.rules.clock import now

LIFE = timedelta(days=180)
#: people who share one browser
MOST = 4
_LONGEST = 1000
_BETWEEN = "~"
_NOBODY = UUID(int=0)


def nonce_of(cookie: str, user_id: UUID | None) -> str | None:
    """The nonce of this browser for an account, or None when the account has not signed in here within 180 days. An
    account that does not exist (None) takes as long (sec-A33)."""
    for entry in _entries(cookie):
        day, nonce, mac = entry
        if equal(_mac(user_id or _NOBODY, day, nonce).encode(), mac.encode()) and 0 <= _today() - int(day) <= LIFE.days:
            return nonce
    return None


def with_entry(cookie: str, user_id: UUID) -> str:
    """The cookie with a fresh entry for this account before those of the others who sign in here."""
    others = [e for e in _entries(cookie) if not equal(_mac(user_id, e[0], e[1]).encode(), e[2].encode())]
    day, nonce = str(_today()), nonce_of(cookie, user_id) or secrets.token_urlsafe(12)
    entries = [(day, nonce, _mac(user_id, day, nonce)), *others]
    return _BETWEEN.join(".".join(entry) for entry in entries[:MOST])


def _entries(cookie: str) -> list[tuple[str, str, str]]:
    parts = [entry.split(".") for entry in cookie[:_LONGEST].split(_BETWEEN)]
    return [(p[0], p[1], p[2]) for p in parts if len(p) == 3 and p[0].isascii() and p[0].isdigit() and len(p[0]) < 7]


def _mac(user_id: UUID, day: str, nonce: str) -> str:
    key = keyring().derive("known-device")
    digest = hmac.digest(key, f"{user_id.hex}|{day}|{nonce}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:18]).decode()


def _today() -> int:
    return int(now().timestamp()) // 86400
