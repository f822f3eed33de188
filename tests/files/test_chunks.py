"""A sealed blob: every way to cut, reorder, exchange or move its chunks is noticed (sec-A38)."""

import io
import os

import pytest

from portal.files import Blob
from portal.files.chunks import CHUNK, measure, open_chunks, seal_chunks
from portal.keys import Tampered
from tests.files.conftest import DEK, SCOPE

PLAIN = os.urandom(2 * CHUNK + 100)


@pytest.fixture(scope="module")
def sealed() -> tuple[Blob, list[bytes]]:
    blob = measure(io.BytesIO(PLAIN), SCOPE, DEK)
    return blob, list(seal_chunks(io.BytesIO(PLAIN), blob, DEK, 9))


def opened(parts: list[bytes], address: str, dek: bytes = DEK) -> bytes:
    return open_chunks(io.BytesIO(b"".join(parts)).read, address, dek)


def test_it_is_a_header_and_chunks_of_one_mebibyte(sealed: tuple[Blob, list[bytes]]) -> None:
    blob, parts = sealed
    assert parts[0] == b"PB\x01\x01\x00\x00\x00\x09"
    assert [len(part) for part in parts[1:]] == [CHUNK + 28, CHUNK + 28, 128]
    assert opened(parts, blob.address) == PLAIN


def test_a_stream_that_hands_out_little_at_a_time_is_read_whole(sealed: tuple[Blob, list[bytes]]) -> None:
    blob, parts = sealed
    stream = io.BytesIO(b"".join(parts))
    assert open_chunks(lambda size: stream.read(min(size, 70_001)), blob.address, DEK) == PLAIN


CHANGES = {
    "cut after the first chunk": lambda p: p[:2],
    "cut after the second chunk": lambda p: p[:3],
    "cut in a chunk": lambda p: [*p[:3], p[3][:-1]],
    "header only": lambda p: p[:1],
    "nothing": lambda p: [],
    "part of the header": lambda p: [p[0][:5]],
    "first chunk missing": lambda p: [p[0], *p[2:]],
    "chunks exchanged": lambda p: [p[0], p[2], p[1], p[3]],
    "last chunk twice": lambda p: [*p, p[3]],
    "a byte more": lambda p: [*p, b"\0"],
    "another number": lambda p: [b"PB\x01\x01\x00\x00\x00\x0a", *p[1:]],
    "another algorithm": lambda p: [b"PB\x01\x02\x00\x00\x00\x09", *p[1:]],
    "one bit": lambda p: [*p[:2], bytes([p[2][0] ^ 1]) + p[2][1:], p[3]],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_blob_does_not_open(sealed: tuple[Blob, list[bytes]], change: str) -> None:
    blob, parts = sealed
    with pytest.raises(Tampered):
        opened(CHANGES[change](parts), blob.address)


def test_a_blob_under_another_address_does_not_open(sealed: tuple[Blob, list[bytes]]) -> None:
    blob, parts = sealed
    with pytest.raises(Tampered):
        opened(parts, "0" * 64)
    with pytest.raises(Tampered):
        opened(parts, blob.address, bytes(32))


def test_the_sealed_bytes_hold_nothing_of_the_plaintext(sealed: tuple[Blob, list[bytes]]) -> None:
    _, parts = sealed
    whole = b"".join(parts)
    assert not any(PLAIN[at : at + 16] in whole for at in range(0, len(PLAIN), 4099))


def test_a_stream_cut_short_is_refused(sealed: tuple[Blob, list[bytes]]) -> None:
    blob, _ = sealed
    with pytest.raises(ValueError, match="changed"):
        list(seal_chunks(io.BytesIO(PLAIN[:-1]), blob, DEK, 9))


def test_a_blob_needs_a_scope() -> None:
    with pytest.raises(ValueError, match="scope"):
        measure(io.BytesIO(b""), "", DEK)
