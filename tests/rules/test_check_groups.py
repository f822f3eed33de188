"""The groups of the check, the inputs of its items and the standards beside them (D7, E3)."""

from __future__ import annotations

import pytest

from portal.paper.form_rows import SAME_AS_PRESENT, SECTIONS, numbers
from portal.rules import check_groups, inputs
from portal.rules.check_groups import GROUPS
from portal.rules.inputs import InputKind, fields_of, kind_of, place_steps, raw_of
from portal.rules.items import ITEMS, PARENT_ITEMS
from portal.rules.standards import STANDARDS


def test_every_item_of_the_paper_is_in_exactly_one_group_in_its_order() -> None:
    listed = [item for one in GROUPS for item in one.items]
    assert sorted(listed) == sorted(PARENT_ITEMS)
    assert [numbers()[item] for item in listed] == list(range(1, len(PARENT_ITEMS) + 1))


def test_groups_are_the_sections_of_the_paper() -> None:
    assert [one.name for one in GROUPS] == [section.name for section in SECTIONS]
    for one, section in zip(GROUPS, SECTIONS, strict=True):
        assert one.items == tuple(cell.item for row in section.rows for cell in row.cells)


def test_there_are_no_more_groups_than_taps_allow() -> None:
    """Start, one tap a group and one at the end are eight taps at most."""
    assert 1 + len(GROUPS) + 1 <= 8


def test_the_way_through_the_groups() -> None:
    assert check_groups.first_open([]) == GROUPS[0]
    assert check_groups.first_open(["basic", "contact"]) == GROUPS[1]
    assert check_groups.first_open([one.code for one in GROUPS]) is None
    assert check_groups.following("basic") == GROUPS[1]
    assert check_groups.following(GROUPS[-1].code) is None
    assert check_groups.position("guardian-2") == 6
    assert check_groups.group("nothing") is None
    assert check_groups.group_of("phone") == check_groups.group("contact")
    assert check_groups.group_of("class_no") is None


def test_doubtful_items_come_first_and_keep_their_order() -> None:
    one = GROUPS[0]
    first = check_groups.in_order(one, {"native_place", "sex", "phone"})
    assert first[:3] == ("sex", "native_place", "name")
    assert sorted(first) == sorted(one.items)


@pytest.mark.parametrize("item", PARENT_ITEMS)
def test_every_item_has_its_standard_its_label_and_an_input_that_gives_its_example_back(item: str) -> None:
    assert STANDARDS[item]
    assert "成员" not in check_groups.label(item)
    assert not check_groups.label(item, "en").startswith("Guardian 1")
    example = ITEMS[item].example
    assert raw_of(ITEMS[item], fields_of(ITEMS[item], example)) == example
    assert raw_of(ITEMS[item], fields_of(ITEMS[item], "")) == ""


def test_nothing_has_a_standard_that_no_family_corrects() -> None:
    assert set(STANDARDS) == set(PARENT_ITEMS)
    assert inputs.SAME_AS_PRESENT == SAME_AS_PRESENT


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("sex", InputKind.TICKS),
        ("id_doc_type", InputKind.TICKS),
        ("ethnic_group", InputKind.LIST),
        ("nationality", InputKind.LIST),
        ("birth_date", InputKind.DATE),
        ("id_valid_period", InputKind.PERIOD),
        ("birthplace_code", InputKind.PLACE),
        ("home_address", InputKind.ADDRESS),
        ("guardian2_phone", InputKind.PHONE),
        ("postcode", InputKind.DIGITS),
        ("name", InputKind.TEXT),
    ],
)
def test_each_item_opens_the_right_input(item: str, kind: InputKind) -> None:
    assert kind_of(ITEMS[item]) == kind


def test_days_are_put_together_with_their_zeros() -> None:
    birth = ITEMS["birth_date"]
    assert raw_of(birth, {"year": "2014", "month": "3", "day": " 2 "}) == "20140302"
    assert raw_of(birth, {"year": "2014", "month": "", "day": ""}) == "20140000"
    assert raw_of(ITEMS["id_valid_period"], {"from_year": "2020", "from_month": "1", "from_day": "1"}) == "20200101-"


def test_a_place_is_chosen_step_by_step() -> None:
    place = ITEMS["birthplace_code"]
    assert [step.field for step in place_steps({})] == ["province"]
    whole = fields_of(place, "420103000000")
    assert [step.chosen for step in place_steps(whole)] == ["420000", "420100", "420103"]
    moved = whole | {"province": "440000"}
    steps = place_steps(moved)
    assert [step.field for step in steps] == ["province", "prefecture"]
    assert steps[1].chosen == "", "a prefecture of another province is dropped"
    assert raw_of(place, moved) is None
    assert raw_of(place, {"province": "420000", "prefecture": "420100", "county": ""}) is None
    assert raw_of(place, {"province": "440000", "prefecture": "441900", "county": ""}) == "441900000000"
    assert raw_of(place, {"province": "810000"}) == "810000000000"
    assert raw_of(place, {"province": "nowhere", "prefecture": "x"}) is None


def test_a_municipality_chooses_its_only_prefecture_by_itself() -> None:
    steps = place_steps({"province": "110000"})
    assert [step.field for step in steps] == ["province", "prefecture", "county"]


def test_an_address_may_be_the_present_one() -> None:
    fields = {"value": "old", "same": "1"}
    assert raw_of(ITEMS["mailing_address"], fields, "here") == "here"
    assert raw_of(ITEMS["current_address"], fields, "here") == "old"


def test_days_are_said_in_words() -> None:
    assert inputs.shown_date(ITEMS["birth_date"], "20140302") == "2014 年 3 月 2 日"
    assert inputs.shown_date(ITEMS["birth_date"], "20140302", "en") == "2 March 2014"
    assert inputs.shown_date(ITEMS["birth_date"], "20140230") is None
    assert inputs.shown_date(ITEMS["id_valid_period"], "20200101-20300101") == "2020-01-01 – 2030-01-01"
    assert inputs.shown_date(ITEMS["phone"], "20140302") is None
