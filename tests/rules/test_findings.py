"""The table of findings and actions is complete; everybody has one finding before a report (J3, J5, R110, R122)."""

from __future__ import annotations

import pytest

from portal.rules.codes import table
from portal.rules.findings import (
    ACTS,
    DECEASED,
    UNLISTED,
    Act,
    CheckCounts,
    CheckState,
    FindingCode,
    Registration,
    act_of,
    is_complete,
    likely_kinds,
    possible,
    results,
    state_of,
)
from portal.rules.movements import KINDS
from portal.rules.movements import possible as possible_movements
from portal.rules.scope import CLOSED, ON_ROLL

C, R = FindingCode, Registration


def test_findings_are_those_of_the_code_table_with_its_words() -> None:
    known = table("person_record_finding")
    assert {code.value: code.label for code in FindingCode} == {code: known.label(code) for code in known.codes}


def test_every_finding_has_its_action() -> None:
    """J3, row by row; as registered needs none."""
    assert ACTS == {
        C.NO_RECORD: Act.REGISTER,
        C.RECORD_ELSEWHERE: Act.TRANSFER_IN,
        C.STATUS_OFF_ROLL: Act.RESTORE,
        C.STATUS_DEAD: Act.REPORT_UP,
        C.LEFT_ON_ROLL: Act.RECORD_LEAVING,
        C.FALSE_RECORD: Act.DELETE,
    }
    assert set(FindingCode) - set(ACTS) == {C.MATCH}
    assert set(ACTS.values()) | {Act.TREAT} == set(Act)
    assert act_of(C.FALSE_RECORD, "L99010120140312001") == Act.DELETE
    assert {act_of(C.FALSE_RECORD, f"{letter}990101201403120157") for letter in "GJ"} == {Act.TREAT}
    assert all(act_of(code, "G990101201403120157") == act for code, act in ACTS.items() if code != C.FALSE_RECORD)


def test_everything_can_be_found_by_somebody() -> None:
    statuses = table("student_status").codes
    found = {code for status in statuses for left in (False, True) for code in possible(status, left)}
    assert found | set(UNLISTED) == set(FindingCode)


@pytest.mark.parametrize("left", [False, True])
def test_what_can_be_found_fits_the_record(left: bool) -> None:
    for status in table("student_status").codes:
        offered = possible(status, left)
        on_roll = status == ON_ROLL and not left
        assert (C.LEFT_ON_ROLL in offered) == on_roll
        is_kept = not on_roll and status != CLOSED
        assert (C.STATUS_DEAD in offered) == (is_kept and status == DECEASED)
        assert (C.STATUS_OFF_ROLL in offered) == (is_kept and status != DECEASED)
        assert (C.MATCH in offered) == (not left)


@pytest.mark.parametrize("status", [code for code in table("student_status").codes if code != CLOSED])
def test_the_first_kind_offered_can_be_recorded(status: str) -> None:
    """The movement that a finding leads to exists and is possible for a pupil of this status."""
    code = C.LEFT_ON_ROLL if status == ON_ROLL else C.STATUS_OFF_ROLL
    kinds = likely_kinds(code, status)
    assert set(kinds) <= set(KINDS)
    assert kinds[0] in {kind.code for kind in possible_movements(status, status != ON_ROLL, False)}


def test_one_finding_for_each_pupil() -> None:
    """R110 with its examples: 45 of 45 (an unlisted pupil besides changes nothing); 44 of 45 and two for one do not."""
    roster = range(45)
    assert is_complete(roster, list(range(45)))
    assert not is_complete(roster, list(range(44)))
    assert not is_complete(roster, [*range(45), 7])
    assert not is_complete(roster, [*range(44), 7])


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (CheckCounts(), CheckState.OPEN),
        (CheckCounts(3, 3), CheckState.OPEN),
        (CheckCounts(3, 2, reported=True), CheckState.OPEN),
        (CheckCounts(3, 3, reported=True), CheckState.CONSISTENT),
        (CheckCounts(3, 3, acts=2, reported=True), CheckState.REPORTED),
        (CheckCounts(3, 3, acts=2, begun=1, reported=True), CheckState.ACTIONS_RUNNING),
        (CheckCounts(3, 3, acts=2, begun=2, done=1, reported=True), CheckState.ACTIONS_RUNNING),
        (CheckCounts(3, 3, acts=2, begun=2, done=2, reported=True), CheckState.CONSISTENT),
    ],
)
def test_the_state_follows_from_the_counts(counts: CheckCounts, state: CheckState) -> None:
    assert state_of(counts) == state


def test_only_what_has_passed_is_entered_and_by_the_authority() -> None:
    """R122: passed -> entered by the county; not failed -> entered, not passed -> entered by the school; without
    number nothing is decided until the certificate is there."""
    assert results(R.PASSED, True, True) == (R.ENTERED,)
    assert all(results(state, True, True) == () for state in (None, R.UNPROCESSED, R.FAILED, R.ENTERED))
    assert all(R.ENTERED not in results(state, False, proved) for state in (None, *R) for proved in (True, False))
    assert results(R.UNPROCESSED, False, False) == ()
    assert results(R.UNPROCESSED, False, True) == (R.PASSED, R.FAILED)
    known = table("inschool_registration_state")
    assert {state.value: state.label for state in R} == {code: known.label(code) for code in known.codes}
