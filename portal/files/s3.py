"""Blobs in an S3-compatible store, under the same names as in a local folder, so that one can be copied to the other.

Needs the optional extra `s3` (boto3). Credentials come from where boto3 looks for them, never from the address.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from portal.files.chunks import as_stream, measure, open_chunks, seal_chunks
from portal.files.patience import Patience, StoreAway
from portal.files.store import Blob, BlobMissing, Stored, StoreFailed, checked, is_address

_MISSING = {"404", "NoSuchKey", "NotFound"}


class S3Store:
    """A bucket with a prefix. Keys come from content, so nothing relies on conditional writes of the server."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None) -> None:
        """Nothing is asked of the server yet. StoreFailed if boto3 is not installed."""
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = _client(endpoint, region)
        self._patience = Patience()

    def put(self, scope: str, data: bytes | BinaryIO, dek: bytes, number: int) -> Blob:
        """Keep `data` as in BlobStore. The sealed bytes are held in memory; the server checks their MD5."""
        stream = as_stream(data)
        blob = measure(stream, scope, dek)
        self.put_sealed(blob.address, seal_chunks(stream, blob, dek, number))
        return blob

    def sealed(self, address: str) -> BinaryIO:
        """The sealed bytes, as in BlobStore."""
        with self._asking("a file could not be read"):
            body: BinaryIO = self._client.get_object(Bucket=self._bucket, Key=self._key(address))["Body"]
            return body

    def put_sealed(self, address: str, parts: Iterable[bytes]) -> None:
        """Put sealed bytes back, as in BlobStore."""
        sealed = b"".join(parts)
        digest = base64.b64encode(hashlib.md5(sealed, usedforsecurity=False).digest()).decode()
        with self._asking("a file could not be kept"):
            self._client.put_object(Bucket=self._bucket, Key=self._key(address), Body=sealed, ContentMD5=digest)

    def get(self, address: str, dek: bytes) -> bytes:
        """The plaintext, as in BlobStore."""
        with self._asking("a file could not be read"):
            body = self._client.get_object(Bucket=self._bucket, Key=self._key(address))["Body"]
            with contextlib.closing(body):
                return open_chunks(body.read, address, dek)

    def delete(self, address: str) -> None:
        """Remove a blob, as in BlobStore."""
        with self._asking("a file could not be deleted"):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(address))

    def exists(self, address: str) -> bool:
        """Is there a blob at this address?"""
        try:
            with self._asking("a file could not be looked up"):
                self._client.head_object(Bucket=self._bucket, Key=self._key(address))
        except BlobMissing:
            return False
        return True

    def written_at(self, address: str) -> datetime | None:
        """When the blob was last written; None when there is none."""
        try:
            with self._asking("a file could not be looked up"):
                found = self._client.head_object(Bucket=self._bucket, Key=self._key(address))
        except BlobMissing:
            return None
        moment: datetime = found["LastModified"]
        return moment

    def walk(self) -> Iterator[Stored]:
        """All blobs below the prefix, 1,000 a request."""
        with self._failing("the files could not be listed"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    name = found["Key"].rsplit("/", 1)[-1]
                    if is_address(name) and found["Key"] == self._key(name):
                        yield Stored(name, found["Size"], found["LastModified"])

    def has_room(self) -> bool:
        """Such a store has no low-water mark."""
        return True

    def _key(self, address: str) -> str:
        return f"{self._prefix}{checked(address)[:2]}/{address[2:4]}/{address}"

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        with self._patience.asking(), self._failing(what):
            yield

    @contextlib.contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _MISSING:
                raise BlobMissing("there is no file at this address") from None
            away = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
            raise (StoreAway if away else StoreFailed)(f"{what}: the store answered {code}") from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise StoreAway(f"{what}: {type(error).__name__}") from error


def _client(endpoint: str | None, region: str | None) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise StoreFailed("an S3 store needs the extra `s3`: pip install registry-verification-portal[s3]") from None
    # the checksum and addressing values are what stores other than Amazon's understand
    config = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name=region, config=config)
