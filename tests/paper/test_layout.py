"""The geometry of the sheet: every item once, boxes large enough to write in, nothing in the way of anything."""

from __future__ import annotations

import itertools
import json

import pytest

from portal.paper import layout, slots
from portal.paper.form import measure
from portal.paper.form_rows import SECTIONS
from portal.paper.layout import Box, Page
from portal.rules.items import GROUPS, ITEMS, PARENT_ITEMS

FRONT = layout.current().page(1)
BACK = layout.current().page(2)
ID_NUMBERS = {"id_number", "guardian1_id_number", "guardian2_id_number"}
ADDRESSES = {item for item in PARENT_ITEMS if item.endswith("_address") and ITEMS[item].max_len == 180}
WIDER = {
    item
    for item in PARENT_ITEMS
    if ITEMS[item].type in {"phone", "email", "division12", "period17"} or item in {"native_place", "homepage"}
}


def boxes(kind: str) -> dict[str, Box]:
    found = [box for box in FRONT.boxes if box.kind == kind]
    assert len({(box.item, box.option) for box in found}) == len(found)
    return {box.item: box for box in found}


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x_mm < other.right_mm
        and other.x_mm < one.right_mm
        and one.y_mm < other.bottom_mm
        and other.y_mm < one.bottom_mm
    )


def test_the_stored_layout_is_the_laid_out_form() -> None:
    assert measure() == (layout.current(), slots.current())


def test_there_are_67_items_and_each_has_one_value_and_one_change_box() -> None:
    assert len(PARENT_ITEMS) == 67
    assert set(boxes("value")) == set(boxes("change")) == set(PARENT_ITEMS)
    assert len([box for box in FRONT.boxes if box.kind in {"value", "change"}]) == 2 * 67


@pytest.mark.parametrize("item", PARENT_ITEMS)
def test_change_boxes_are_large_enough_to_write_in(item: str) -> None:
    box = boxes("change")[item]
    if item in ADDRESSES:
        least = (110, 10)
    elif item in ID_NUMBERS:
        least = (64, 7)
    elif item in WIDER:
        least = (38, 7)
    else:
        least = (28, 7)
    assert (box.w_mm, box.h_mm) >= least
    assert box.h_mm >= least[1]


def test_the_change_box_stands_right_of_its_value() -> None:
    for item, change in boxes("change").items():
        value = boxes("value")[item]
        assert (change.y_mm, change.h_mm) == (value.y_mm, value.h_mm)
        assert 0 < change.x_mm - value.right_mm < 0.3


def test_no_box_lies_over_another_but_ticks_inside_their_change_box() -> None:
    changes = boxes("change")
    for one, other in itertools.combinations(FRONT.boxes, 2):
        if one.kind == "tick" and other.kind == "tick":
            assert not overlap(one, other)
        elif "tick" in {one.kind, other.kind}:
            tick, box = (one, other) if one.kind == "tick" else (other, one)
            assert overlap(tick, box) == (box is changes[tick.item])
        else:
            assert not overlap(one, other), (one, other)


def test_ticks_lie_whole_inside_and_stand_for_yes_no_and_the_same_address() -> None:
    options: dict[str, set[str | None]] = {}
    for tick in (box for box in FRONT.boxes if box.kind == "tick"):
        change = boxes("change")[tick.item]
        assert change.x_mm < tick.x_mm
        assert tick.right_mm < change.right_mm
        assert change.y_mm < tick.y_mm
        assert tick.bottom_mm < change.bottom_mm
        options.setdefault(tick.item, set()).add(tick.option)
    yes_no = {item for item in PARENT_ITEMS if ITEMS[item].type == "yes_no"}
    assert {item for item, found in options.items() if found == {"1", "0"}} == yes_no
    assert {item for item, found in options.items() if found == {"same"}} == ADDRESSES - {"current_address"}
    assert len(options) == len(yes_no) + len(ADDRESSES) - 1


def test_marks_stand_where_the_reader_expects_them() -> None:
    places = [(7, 7), (146, 7), (193, 7), (7, 280), (100, 280), (193, 280)]
    for page in (FRONT, BACK):
        assert [(mark.x_mm, mark.y_mm, mark.size_mm) for mark in page.marks] == [(x, y, 10) for x, y in places]
        assert (page.qr.x_mm, page.qr.y_mm, page.qr.size_mm) == (160, 7, 28)
        assert (page.width_mm, page.height_mm) == (210, 297)


def test_boxes_keep_off_the_edge_and_the_quiet_zone_of_marks_and_qr() -> None:
    quiet = [Box("", "value", m.x_mm - 2, m.y_mm - 2, m.size_mm + 4, m.size_mm + 4) for m in FRONT.marks]
    code = FRONT.qr
    quiet.append(Box("", "value", code.x_mm - 3, code.y_mm - 3, code.size_mm + 6, code.size_mm + 6))
    for box in FRONT.boxes:
        assert box.x_mm >= 5
        assert box.right_mm <= 205
        assert box.bottom_mm <= 292
        assert not any(overlap(box, zone) for zone in quiet), box


def test_the_signature_and_the_date_stand_between_the_bottom_marks() -> None:
    signature = FRONT.box("parent_signature", "signature")
    date = FRONT.box("signed_on", "date")
    assert 17 < signature.x_mm < signature.right_mm < 100
    assert 110 < date.x_mm < date.right_mm < 193
    assert signature.h_mm == date.h_mm == pytest.approx(12, abs=0.3)
    assert signature.w_mm >= 45


def test_page_2_has_no_boxes() -> None:
    assert BACK.boxes == ()


def test_groups_follow_the_order_of_the_registry() -> None:
    order = list(GROUPS)
    for section in SECTIONS:
        groups = [order.index(ITEMS[cell.item].group) for row in section.rows for cell in row.cells]
        assert max(groups) - min(groups) <= 1
    first = [order.index(ITEMS[section.rows[0].cells[0].item].group) for section in SECTIONS]
    assert first == sorted(first)


def test_json_is_what_the_command_promises_and_comes_back_whole() -> None:
    data = layout.as_json(layout.current())
    assert json.loads(json.dumps(data)) == data
    kinds = {box["kind"] for page in data["pages"] for box in page["boxes"]}
    assert kinds == {"value", "change", "signature", "date"}
    ticks = [box for box in data["pages"][0]["boxes"] if "option" in box]
    assert {box["kind"] for box in ticks} == {"change"}
    assert set(data["pages"][0]) == {"page", "width_mm", "height_mm", "marks", "qr", "boxes"}
    assert layout.from_json(data) == layout.current()


def test_a_version_that_was_never_printed_is_refused() -> None:
    with pytest.raises(LookupError):
        layout.by_version(999)


def test_asking_for_a_box_that_is_not_there_fails() -> None:
    page: Page = FRONT
    with pytest.raises(KeyError):
        page.box("name", "signature")
