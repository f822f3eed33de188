"""What may be set, in which bounds, and that going down only tightens (P8, G8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.items import KEY_DATA, PARENT_ITEMS
from portal.rules.place_settings import (
    CONTROLLABLE,
    CONTROLLED,
    SETTINGS,
    Switch,
    class_size_code,
    in_order,
    is_looser,
    is_valid,
    may_set,
    strictest,
)
from portal.rules.roles import Level


@pytest.mark.parametrize(
    ("code", "value", "good"),
    [
        (CONTROLLED, ("phone",), True),
        (CONTROLLED, (), True),
        (CONTROLLED, ("name",), False),
        (CONTROLLED, ("nothing_such",), False),
        ("class_size_1", 45, True),
        ("class_size_1", 9, False),
        ("class_size_1", 91, False),
        ("class_size_1", True, False),
        ("class_size_1", "45", False),
        ("sample_share", 1, True),
        ("sample_share", 100, True),
        ("sample_share", 0, False),
        ("sample_share", 101, False),
        (Switch.PILES, False, True),
        (Switch.PILES, 1, False),
    ],
)
def test_a_value_is_of_its_kind_and_in_bounds(code: str, value: object, good: bool) -> None:
    assert is_valid(code, value) is good


def test_every_default_is_valid() -> None:
    assert all(is_valid(code, setting.default) for code, setting in SETTINGS.items())


def test_key_data_are_under_control_without_a_setting() -> None:
    """G8: controlled items are no key data, they only follow the same way."""
    assert set(CONTROLLABLE) == set(PARENT_ITEMS) - set(KEY_DATA)


@pytest.mark.parametrize("level", list(Level))
def test_authorities_set_and_schools_look(level: Level) -> None:
    assert may_set(level) is (level not in (Level.SCHOOL, Level.CLASS))


@pytest.mark.parametrize(
    ("code", "above", "own", "looser"),
    [
        ("class_size_1", 45, 40, False),
        ("class_size_1", 45, 45, False),
        ("class_size_1", 45, 50, True),
        (Switch.PILES, True, False, False),
        (Switch.PILES, False, True, True),
        (CONTROLLED, ("phone",), (), False),
    ],
)
def test_looser_than_above_is_told(code: str, above: object, own: object, looser: bool) -> None:
    assert is_looser(code, above, own) is looser  # type: ignore[arg-type]


@given(st.lists(st.integers(10, 90), min_size=1), st.lists(st.booleans(), min_size=1))
def test_down_the_path_values_only_tighten(sizes: list[int], switches: list[bool]) -> None:
    size, on = SETTINGS["class_size_1"].default, True
    for one in sizes:
        size = strictest("class_size_1", size, one)
    for one in switches:
        on = bool(strictest(Switch.PILES, on, one))
    assert size == min([45, *sizes])
    assert on is all(switches)


@given(st.sets(st.sampled_from(CONTROLLABLE)), st.sets(st.sampled_from(CONTROLLABLE)))
def test_items_under_control_add_up_in_the_order_of_the_paper(above: set[str], own: set[str]) -> None:
    both = strictest(CONTROLLED, in_order(above), in_order(own))
    assert isinstance(both, tuple)
    assert set(both) == above | own
    assert list(both) == [code for code in CONTROLLABLE if code in above | own]


def test_class_sizes_are_by_stage() -> None:
    assert [class_size_code(stage) for stage in "1234"] == ["class_size_1", "class_size_2", "class_size_3", None]
    assert class_size_code("") is None


def test_more_to_be_looked_at_is_stricter() -> None:
    assert strictest("sample_share", 5, 20) == strictest("sample_share", 20, 5) == 20
    assert is_looser("sample_share", 20, 5)
    assert not is_looser("sample_share", 5, 20)
