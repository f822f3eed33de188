"""Which movements make sense when, and what they do (F1-F5)."""

from __future__ import annotations

from datetime import date

import pytest

from portal.rules.codes import table
from portal.rules.movements import BEGIN, END, KINDS, MOVE_CLASS, Effect, day_fault, possible, reason_label, same_grade

L, P, R, M, B, E = (Effect.LEAVES, Effect.PAUSES, Effect.RETURNS, Effect.MOVES, Effect.BEGINS, Effect.ENDS)


@pytest.mark.parametrize(
    ("status", "has_left", "business", "effects"),
    [
        ("01", False, False, {L, P, M, B}),
        ("01", False, True, {L, P, M, E}),
        ("02", False, False, {R, L, M}),
        ("10", True, False, {R}),
        ("06", True, True, {R}),
    ],
)
def test_what_is_possible(status: str, has_left: bool, business: bool, effects: set[Effect]) -> None:
    assert {kind.effect for kind in possible(status, has_left, business)} == effects


def test_kinds_are_codes_of_the_registry_and_lead_to_its_statuses() -> None:
    codes, statuses = set(table("status_change_type").codes), set(table("student_status").codes)
    for kind in KINDS.values():
        assert kind.is_own or kind.code in codes
        assert kind.status is None or kind.status in statuses
        assert kind.label("zh")
        assert kind.label("en")
    assert {kind.code for kind in KINDS.values() if kind.is_own} == {BEGIN, END}


def test_only_whoever_is_on_roll_is_on_roll_afterwards() -> None:
    for kind in KINDS.values():
        if kind.effect in (L, P):
            assert kind.status != "01"
        if kind.effect == R:
            assert kind.status == "01"


@pytest.mark.parametrize(
    ("day", "good"),
    [(date(2025, 5, 15), True), (date(2024, 1, 1), True), (date(2025, 5, 16), False), (date(2023, 12, 31), False)],
)
def test_only_what_has_happened_is_recorded(day: date, good: bool) -> None:
    assert (day_fault(day, date(2025, 5, 15)) is None) is good


def test_grades_are_told_by_entry_year_and_stage() -> None:
    assert same_grade("2020106", "2020107")
    assert not same_grade("2020106", "2021106")
    assert not same_grade("2020106", "2020206")


def test_reasons_have_words() -> None:
    assert reason_label("21") == ("转学(转出)", False)
    assert reason_label("21", "en") == ("transfer out", False)
    assert reason_label(END) == ("业务办完或撤销", True)
    assert reason_label("名册导入") == ("名册导入", True)
    assert KINDS[MOVE_CLASS].effect == M
