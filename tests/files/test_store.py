"""What both stores promise alike."""

import io
import os
from datetime import UTC, datetime, timedelta

import pytest

from portal.files import BadAddress, BlobMissing, BlobStore
from portal.files.chunks import CHUNK
from portal.keys import Tampered
from tests.files.conftest import DEK, SCOPE

SIZES = [0, 1, 300_000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_put_comes_back(store: BlobStore, size: int) -> None:
    data = os.urandom(size)
    blob = store.put(SCOPE, data, DEK, 3)
    assert blob.size == size
    assert store.get(blob.address, DEK) == data
    assert store.exists(blob.address)


def test_a_stream_is_kept_from_its_position_on(store: BlobStore) -> None:
    stream = io.BytesIO(b"skipped" + b"x" * (CHUNK + 5))
    stream.seek(7)
    blob = store.put(SCOPE, stream, DEK, 3)
    assert blob == store.put(SCOPE, b"x" * (CHUNK + 5), DEK, 3)
    assert store.get(blob.address, DEK) == b"x" * (CHUNK + 5)


def test_equal_photos_of_one_scope_are_one_blob_and_of_two_scopes_two(store: BlobStore) -> None:
    first = store.put(SCOPE, b"photo", DEK, 3)
    assert store.put(SCOPE, b"photo", DEK, 3) == first
    others = [store.put("97010002|2025", b"photo", DEK, 3), store.put(SCOPE, b"photo", os.urandom(32), 4)]
    assert len({first.address, *(other.address for other in others)}) == 3
    assert {found.address for found in store.walk()} == {first.address, *(other.address for other in others)}


def test_a_walk_tells_size_and_time(store: BlobStore) -> None:
    blob = store.put(SCOPE, b"photo", DEK, 3)
    [found] = store.walk()
    assert found.address == blob.address
    assert found.sealed_size == 8 + 12 + 5 + 16
    assert found.written_at.utcoffset() == datetime.now(UTC).utcoffset()


def test_a_blob_says_when_it_was_written(store: BlobStore) -> None:
    blob = store.put(SCOPE, b"a photo", DEK, 3)
    written_at = store.written_at(blob.address)
    assert written_at is not None
    assert abs(written_at - datetime.now(UTC)) < timedelta(minutes=5)
    store.delete(blob.address)
    assert store.written_at(blob.address) is None


def test_a_deleted_blob_is_gone_and_deleting_again_is_no_error(store: BlobStore) -> None:
    blob = store.put(SCOPE, b"photo", DEK, 3)
    store.delete(blob.address)
    store.delete(blob.address)
    assert not store.exists(blob.address)
    assert list(store.walk()) == []
    with pytest.raises(BlobMissing):
        store.get(blob.address, DEK)


def test_another_key_does_not_open_it(store: BlobStore) -> None:
    blob = store.put(SCOPE, b"photo", DEK, 3)
    with pytest.raises(Tampered):
        store.get(blob.address, os.urandom(32))


BAD = {
    "empty": "",
    "path": "../../etc/passwd",
    "short": "a" * 63,
    "long": "a" * 65,
    "capitals": "A" * 64,
    "end of line": "a" * 64 + "\n",
    "slashes": "a/" * 32,
    "zeros": "\0" * 64,
    "full width": "１" * 64,
}


@pytest.mark.parametrize("address", BAD.values(), ids=BAD)
def test_what_is_no_address_never_becomes_a_path(store: BlobStore, address: str) -> None:
    for act in (store.exists, store.delete, lambda at: store.get(at, DEK)):
        with pytest.raises(BadAddress):
            act(address)


def test_a_stream_that_cannot_go_back_is_refused(store: BlobStore) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb"), pytest.raises(ValueError, match="seekable"):
        store.put(SCOPE, pipe, DEK, 3)


def test_a_stream_that_changes_meanwhile_is_refused(store: BlobStore) -> None:
    class Growing(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            self.write(b"more")
            return super().seek(offset, whence)

    with pytest.raises(ValueError, match="changed"):
        store.put(SCOPE, Growing(b"photo"), DEK, 3)
    assert list(store.walk()) == []
