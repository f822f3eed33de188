"""What is doubtful: the sentence of the sheet's paper, disputes, and who is told."""

from __future__ import annotations

from datetime import date

import pytest

from portal.commands.made_up import record_numbered
from portal.rules.context import Context
from portal.rules.divisions import Divisions
from portal.rules.doubtful import doubts, for_family, marked
from portal.rules.items import PARENT_ITEMS

CONTEXT = Context(today=date(2027, 5, 1), school_year=2026, divisions=Divisions.standard(trial=True))
GOOD = record_numbered(1)


def wrong_last_sign(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def test_a_good_record_has_no_marks() -> None:
    assert marked(GOOD, CONTEXT) == frozenset()


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({"id_number": wrong_last_sign(GOOD["id_number"])}, {"id_number"}),
        ({"guardian1_id_number": wrong_last_sign(GOOD["guardian1_id_number"])}, {"guardian1_id_number"}),
        ({"birth_date": "20140101"}, {"birth_date"}),
        ({"phone": "1540000"}, {"phone"}),
        ({"guardian1_phone": "154000000"}, {"guardian1_phone"}),
        ({"postcode": "10000"}, {"postcode"}),
    ],
)
def test_what_fails_is_marked(items: dict[str, str], expected: set[str]) -> None:
    """sheet.md: failed check digit, birth date against ID number, telephone length."""
    assert expected <= marked(GOOD | items, CONTEXT)


def test_what_was_disputed_is_marked_in_the_order_of_the_paper() -> None:
    found = doubts(GOOD | {"phone": "1540000"}, CONTEXT, {"orphan", "phone", "name", "class_no"})
    assert [(one.item, one.code) for one in found if one.code == "T9"] == [
        ("name", "T9"), ("phone", "T9"), ("orphan", "T9"),
    ]  # fmt: skip
    places = [PARENT_ITEMS.index(one.item or "") for one in found]
    assert places == sorted(places)
    assert marked(GOOD, CONTEXT, {"orphan", "class_no"}) == {"orphan"}, "an item that is not on page 1 has no mark"


def test_how_an_address_prints_is_the_schools_worry() -> None:
    long = GOOD | {"current_address": "试验省试验市试验一区书院街十八号试验花园第三期第十六栋三单元一二〇一室"}
    assert "R59" in {one.code for one in doubts(long, CONTEXT)}
    assert "current_address" not in for_family(doubts(long, CONTEXT))
    assert "current_address" not in marked(long, CONTEXT)
