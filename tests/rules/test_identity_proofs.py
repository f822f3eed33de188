"""Proofs of identity and deletions as rules: R86, R112, X4, X19, X24 with the examples of rules.md."""

from __future__ import annotations

import pytest

from portal.rules import deletions
from portal.rules import identity_proofs as rules
from portal.rules.applications import ApplicationKind, ApplicationState, blocks, ends_at_school
from portal.rules.checks_identity import check_identity
from portal.rules.clock import today
from portal.rules.context import Context, OnFile
from portal.rules.identity_proofs import ProofState
from portal.rules.movements import possible

CHINESE = {"id_doc_type": "Z", "id_number": "", "nationality": "CHN", "hmt_overseas": "00"}
KOREAN = {"id_doc_type": "A", "id_number": "E00000001", "nationality": "KOR", "hmt_overseas": "51"}
HONG_KONG = {"id_doc_type": "6", "id_number": "H1234567", "nationality": "CHN", "hmt_overseas": "01"}
RESIDENT = {"id_doc_type": "1", "id_number": "990101201403120157", "nationality": "CHN", "hmt_overseas": "00"}


@pytest.mark.parametrize(
    ("record", "kinds", "good"),
    [
        (CHINESE, {"ONROLL_CERT"}, True),
        (CHINESE, {"NO_ID_CERT"}, True),
        (KOREAN, {"FOREIGN_DOC"}, True),
        (HONG_KONG, {"FOREIGN_DOC"}, True),
        (CHINESE, set(), False),
        (CHINESE, {"OTHER"}, False),
        (KOREAN, {"ONROLL_CERT"}, False),
        (HONG_KONG, {"NO_ID_CERT"}, False),
        (CHINESE | {"nationality": "JPN"}, {"ONROLL_CERT"}, False),
    ],
)
def test_r86_what_proves_whom(record: dict[str, str], kinds: set[str], good: bool) -> None:
    assert rules.is_proved(record, kinds) is good


def test_who_is_on_the_list() -> None:
    """I: the document is not the resident ID, or no number is stored."""
    assert all(rules.needs_proof(one) for one in (CHINESE, KOREAN, HONG_KONG, RESIDENT | {"id_number": ""}))
    assert not rules.needs_proof(RESIDENT)


def test_x24_a_number_that_fails_its_check_is_no_missing_number() -> None:
    """It is corrected as a key-data change; nobody is asked for a certificate that there is none."""
    wrong = RESIDENT | {"id_number": "990101201403120158"}
    assert not rules.needs_proof(wrong)


@pytest.mark.parametrize(("guardian", "lacks"), [("", True), ("990101198605210332", False)])
def test_x19_one_guardian_number_is_enough(guardian: str, lacks: bool) -> None:
    assert rules.lacks_guardian_number(CHINESE | {"guardian2_id_number": guardian}) is lacks
    assert rules.lacks_guardian_number(CHINESE | {"guardian1_id_number": guardian}) is lacks
    assert not rules.lacks_guardian_number(HONG_KONG)


def test_states_of_a_proof() -> None:
    """I5: missing -> uploaded -> approved | refused -> uploaded; every state of an application has its word."""
    assert rules.state_of(None) == ProofState.MISSING
    assert rules.state_of(ApplicationState.WITH_LEADER) == ProofState.UPLOADED
    assert rules.state_of(ApplicationState.REFUSED_BY_LEADER) == ProofState.REFUSED
    assert rules.state_of(ApplicationState.GRANTED) == ProofState.APPROVED
    assert rules.state_of(ApplicationState.WITHDRAWN) == ProofState.MISSING
    assert all(state.label for state in ProofState)


@pytest.mark.parametrize(
    ("number", "draft", "may"),
    [
        ("L990101201403124821", False, True),
        ("L990101201403124821", True, True),
        ("G990101201403120157", False, False),
        ("G990101201403120157", True, False),
        ("J990101201403120018", False, False),
        ("", True, True),
        ("", False, False),
    ],
)
def test_r112_x4_only_temporary_numbers_are_mistaken_entries(number: str, draft: bool, may: bool) -> None:
    assert (deletions.why_not(number, draft) is None) is may


def test_r111_x2_who_decides_last() -> None:
    """Not yet approved: the leader; approved: the authority too."""
    assert ends_at_school(ApplicationKind.DELETION, is_draft=True)
    assert not ends_at_school(ApplicationKind.DELETION, is_draft=False)


def test_r113_a_refused_deletion_blocks_and_a_refused_proof_does_not() -> None:
    refused = (ApplicationState.REFUSED_BY_LEADER, ApplicationState.REFUSED_BY_AUTHORITY)
    assert all(blocks(ApplicationKind.DELETION, state) for state in refused)
    assert not blocks(ApplicationKind.DELETION, ApplicationState.CLEARED)
    assert not any(blocks(ApplicationKind.IDENTITY, state) for state in ApplicationState)


def test_nothing_is_recorded_of_a_record_that_was_taken_out() -> None:
    assert possible(deletions.STATUS, True, False) == ()
    assert possible("10", True, False)


@pytest.mark.parametrize("changed", [True, False])
def test_h6_a_j_number_stays_when_the_id_number_becomes_known(changed: bool) -> None:
    """R21 says J is for pupils without ID number; H6 and H9 let one who gets a number keep it."""
    record = RESIDENT | {"student_number": "J990101201403120018", "birth_date": "20140312", "sex": "1"}
    context = Context(today=today(), school_year=2025, on_file=OnFile(id_number_changed=changed))
    assert ("R21" in {one.mark for one in check_identity(record, context)}) is not changed
