"""A sealed field opens only where it was sealed (sec-A38)."""

import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.keys import Tampered, equal, number_of, open_sealed, random_id, seal
from portal.keys.sealing import OVERHEAD

DEK = bytes(range(32))
PLACE = "pupil|document|5f0c"


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_again(plain: bytes, number: int, context: str) -> None:
    sealed = seal(DEK, number, plain, context)
    assert open_sealed(DEK, sealed, context) == plain
    assert number_of(sealed) == number
    assert len(sealed) == len(plain) + OVERHEAD


def test_the_format_is_the_written_one() -> None:
    sealed = seal(DEK, 258, b"", PLACE)
    assert sealed[:6] == b"\x01\x01\x00\x00\x01\x02"
    assert len(sealed) == 34


def test_two_seals_of_one_text_differ() -> None:
    assert len({seal(DEK, 1, b"same", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("context", ["pupil|document|5f0d", "pupil|note|5f0c", "user|document|5f0c", ""])
def test_moved_to_another_row_or_column_it_does_not_open(context: str) -> None:
    with pytest.raises(Tampered):
        open_sealed(DEK, seal(DEK, 1, b"text", PLACE), context)


def test_no_bit_can_be_changed_except_the_number_which_only_finds_the_key() -> None:
    sealed = seal(DEK, 1, b"text", PLACE)
    for at in range(len(sealed) * 8):
        if 2 <= at // 8 < 6:
            continue
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(Tampered):
            open_sealed(DEK, bytes(changed), PLACE)


def test_cut_or_lengthened_it_does_not_open() -> None:
    sealed = seal(DEK, 1, b"text", PLACE)
    for wrong in [sealed[:length] for length in range(len(sealed))] + [sealed + b"\0"]:
        with pytest.raises(Tampered):
            open_sealed(DEK, wrong, PLACE)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Tampered):
        open_sealed(os.urandom(32), seal(DEK, 1, b"text", PLACE), PLACE)


@given(st.binary(max_size=80))
def test_strange_bytes_are_tampered_and_nothing_else(strange: bytes) -> None:
    with pytest.raises(Tampered):
        open_sealed(DEK, strange, PLACE)


@pytest.mark.parametrize(
    ("dek", "number", "context"), [(b"k" * 16, 1, "c"), (DEK, -1, "c"), (DEK, 2**32, "c"), (DEK, 1, "")]
)
def test_a_wrong_call_is_refused(dek: bytes, number: int, context: str) -> None:
    with pytest.raises(ValueError):
        seal(dek, number, b"text", context)


def test_equal_compares_bytes_and_any_text() -> None:
    assert equal(b"abc", "abc")
    assert equal("张三", "张三")
    assert not equal("张三", "张四")
    assert not equal(b"abc", b"abcd")


def test_ids_are_random_and_of_version_4() -> None:
    made = {random_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(one.version == 4 and one.variant == uuid.RFC_4122 for one in made)
