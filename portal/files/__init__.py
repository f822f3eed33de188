"""The blob store: photos and evidence, encrypted, in a local folder or an S3-compatible store."""

from portal.files.local import LocalStore
from portal.files.store import BadAddress, Blob, BlobMissing, BlobStore, Stored, StoreFailed, StoreFull
from portal.files.urls import StoreUrlError, open_store

__all__ = [
    "BadAddress",
    "Blob",
    "BlobMissing",
    "BlobStore",
    "LocalStore",
    "StoreFailed",
    "StoreFull",
    "StoreUrlError",
    "Stored",
    "open_store",
]
