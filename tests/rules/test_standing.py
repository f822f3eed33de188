"""One word for every sheet of a class, and one tile for every word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product

import pytest

from portal.rules.standing import Group, Standing, is_plain, standing_of
from portal.rules.workflow import SheetState


@dataclass
class Facts:
    state: SheetState
    registered: bool = False
    received: bool = False
    readable: bool = False
    returned: bool = False
    sent_back: bool = False
    signed: bool = False
    written: int = 0


@pytest.mark.parametrize(
    ("state", "facts", "expected"),
    [
        (SheetState.EXPECTED, {}, Standing.NOT_ISSUED),
        (SheetState.PRINTED, {}, Standing.NOT_ISSUED),
        (SheetState.ISSUED, {}, Standing.UNTOUCHED),
        (SheetState.ISSUED, {"registered": True}, Standing.REGISTERED),
        (SheetState.ISSUED, {"registered": True, "sent_back": True}, Standing.SENT_BACK),
        (SheetState.RECEIVED, {"received": True, "readable": True}, Standing.RECEIVED),
        (SheetState.RECEIVED, {"received": True}, Standing.UNREADABLE),
        (SheetState.RECEIVED, {"received": True, "returned": True}, Standing.RECEIVED),
        (SheetState.RECEIVED, {"returned": True}, Standing.RECEIVED),
        (SheetState.CHECKED, {"received": True}, Standing.CHECKED),
        (SheetState.PASSED, {}, Standing.CHECKED),
        (SheetState.ENTERED, {}, Standing.ENTERED),
        (SheetState.VERIFIED, {}, Standing.ENTERED),
        (SheetState.ARCHIVED, {}, Standing.ENTERED),
    ],
)
def test_every_state_has_its_word(state: SheetState, facts: dict[str, bool], expected: Standing) -> None:
    assert standing_of(Facts(state, **facts)) == expected


def test_a_photo_nobody_could_name_waits_for_the_teacher_even_after_sending_back() -> None:
    assert standing_of(Facts(SheetState.ISSUED, sent_back=True), unrecognised=True) == Standing.RECEIVED
    assert standing_of(Facts(SheetState.PRINTED), unrecognised=True) == Standing.NOT_ISSUED
    assert standing_of(Facts(SheetState.CHECKED), unrecognised=True) == Standing.CHECKED


def test_the_tiles_share_out_every_possible_sheet() -> None:
    flags = product(SheetState, *[(False, True)] * 5)
    groups = Counter(standing_of(Facts(state, *rest)).group for state, *rest in flags)
    assert set(groups) == set(Group)
    assert sum(groups.values()) == len(SheetState) * 2**5


def test_plain_is_readable_signed_and_empty() -> None:
    plain = {"received": True, "readable": True, "signed": True}
    assert is_plain(Facts(SheetState.RECEIVED, **plain))
    assert not is_plain(Facts(SheetState.RECEIVED, **plain), told=True)
    for spoilt in ({"received": False}, {"readable": False}, {"signed": False}, {"written": 1}):
        assert not is_plain(Facts(SheetState.RECEIVED, **(plain | spoilt)))
    for state in set(SheetState) - {SheetState.RECEIVED}:
        assert not is_plain(Facts(state, **plain))
