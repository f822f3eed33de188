"""Passwords as argon2id hashes (OWASP: 19 MiB, 2 rounds); unknown accounts cost the same work (sec-A33)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.rules import passwords

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
#: compared with when there is no such account
NOBODY = _hasher.hash("nobody has this password")


def first_password() -> str:
    """A password to print on a slip: 10 characters without look-alikes, about 49 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """True when the password is the one that was hashed; what is too long is not hashed (sec-F11)."""
    if len(password) > passwords.LONGEST:
        password = ""
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
