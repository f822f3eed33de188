"""From the one setting STORAGE_URL to a blob store."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from portal.files.local import LocalStore
from portal.files.store import BlobStore

_S3_OPTIONS = {"endpoint", "region"}


class StoreUrlError(ValueError):
    """The setting is no address of a store; the text is one line and repeats none of it (it may hold a password)."""


def open_store(storage_url: str) -> BlobStore:
    """`file:///absolute/folder` or `s3://bucket/prefix?endpoint=https://host&region=name`.

    StoreUrlError for anything else; StoreFailed if the folder cannot be used or boto3 is not installed.
    """
    try:
        url = urlsplit(storage_url)
        if url.scheme == "file":
            return _local(url)
        if url.scheme == "s3":
            return _s3(url)
    except StoreUrlError:
        raise
    except ValueError:
        raise StoreUrlError("the storage address cannot be read") from None
    raise StoreUrlError("the storage address must begin with file:/// or s3://")


def _local(url: SplitResult) -> BlobStore:
    path = unquote(url.path)
    if url.netloc not in ("", "localhost") or not path.startswith("/") or url.query or url.fragment or "\0" in path:
        raise StoreUrlError("a local storage address has the form file:///absolute/folder")
    if path.strip("/") == "":
        raise StoreUrlError("the root of the disk cannot be the folder for files")
    return LocalStore(path)


def _s3(url: SplitResult) -> BlobStore:
    options = parse_qs(url.query, strict_parsing=bool(url.query))
    if not url.hostname or "@" in url.netloc or url.port or url.fragment or set(options) - _S3_OPTIONS:
        raise StoreUrlError("an S3 address has the form s3://bucket/prefix?endpoint=https://host, without credentials")
    chosen = {name: values[-1] for name, values in options.items()}
    endpoint = chosen.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).scheme not in ("http", "https"):
        raise StoreUrlError("the endpoint of an S3 address must begin with https:// or http://")
    from portal.files.s3 import S3Store

    return S3Store(url.netloc, unquote(url.path), endpoint, chosen.get("region"))
