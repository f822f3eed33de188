"""The digest of a day: anybody with the list gets the same, and any other list, day or school another one."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.receipts import Day, digest_of, short_text, whole_text

SCHOOL, ROUND = UUID(int=1), UUID(int=2)
DAY = Day(SCHOOL, ROUND, date(2026, 5, 12), b"\x07" * 32)
LINES = [("7ABCDEFG", "0a" * 32), ("7ABCDEFH", "0b" * 32), ("0000000S", "0c" * 32)]


def test_the_order_of_the_list_makes_no_difference() -> None:
    assert len({digest_of(DAY, lines) for lines in permutations(LINES)}) == 1


def test_the_form_stays_as_it_is_printed() -> None:
    """Digests stand on signed paper: how they are computed may never change."""
    text = "portal receipts of a day, form 1\n" + "0" * 31 + "1\n" + "0" * 31 + "2\n2026-05-12\n" + "07" * 32 + "\n"
    text += "0000000S " + "0c" * 32 + "\n7ABCDEFG " + "0a" * 32 + "\n7ABCDEFH " + "0b" * 32 + "\n"
    assert digest_of(DAY, LINES) == hashlib.sha256(text.encode()).digest()
    assert short_text(bytes(range(32))) == "000G-40R4-0M30-E209"
    assert whole_text(bytes(range(32))).replace("-", "").startswith("000G40R40M30E209")


def test_every_change_gives_another_digest() -> None:
    other = {
        "one less": digest_of(DAY, LINES[1:]),
        "one more": digest_of(DAY, [*LINES, ("0000000T", "0d" * 32)]),
        "other bytes": digest_of(DAY, [(LINES[0][0], "0e" * 32), *LINES[1:]]),
        "other receipt": digest_of(DAY, [("7ABCDEFJ", LINES[0][1]), *LINES[1:]]),
        "swapped": digest_of(DAY, [(LINES[0][0], LINES[1][1]), (LINES[1][0], LINES[0][1]), LINES[2]]),
        "other day": digest_of(Day(SCHOOL, ROUND, date(2026, 5, 13), DAY.before), LINES),
        "other day before": digest_of(Day(SCHOOL, ROUND, DAY.day, b""), LINES),
        "other school": digest_of(Day(ROUND, ROUND, DAY.day, DAY.before), LINES),
        "other round": digest_of(Day(SCHOOL, SCHOOL, DAY.day, DAY.before), LINES),
        "nothing": digest_of(DAY, []),
    }
    assert len({digest_of(DAY, LINES), *other.values()}) == len(other) + 1


@given(st.binary(min_size=32, max_size=32))
def test_the_short_form_begins_the_whole_one(digest: bytes) -> None:
    assert len(whole_text(digest)) == 64
    assert whole_text(digest).startswith(short_text(digest))
