"""Signatures that anybody can check who holds the public key: Ed25519, from a derived 32-byte secret."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(secret: bytes, data: bytes) -> bytes:
    """The 64 bytes of a signature; equal data give equal signatures."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(data)


def public_of(secret: bytes) -> bytes:
    """The 32 bytes to hand out, with which signatures are checked."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def is_signed(public: bytes, data: bytes, signature: bytes) -> bool:
    """Was this signed by the holder of the secret?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
