"""Why a sheet is not received: one reason each, so that the reasons add up to what is missing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.figures import COUNTED, MEASURES, Measure, Why, as_mask, counted_of, from_mask, why_open
from portal.rules.workflow import SheetState


@dataclass
class Facts:
    in_scope: bool = True
    state: SheetState = SheetState.ISSUED
    issued: bool = True
    registered: bool = False
    returned: bool = False
    received: bool = False
    readable: bool = False
    signed: bool = False
    cause: str | None = None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (Facts(), Why.NOT_RECORDED),
        (Facts(registered=True), Why.SIGNED_UP),
        (Facts(registered=True, returned=True), Why.PAPER_ONLY),
        (Facts(issued=False, state=SheetState.PRINTED), Why.NOT_ISSUED),
        (Facts(issued=False, cause="transferring"), Why.TRANSFERRING),
        (Facts(returned=True, cause="no_phone"), Why.NO_PHONE),
        (Facts(cause="something new"), Why.NOT_RECORDED),
        (Facts(received=True, cause="lost"), None),
        (Facts(in_scope=False), None),
    ],
)
def test_one_reason_a_sheet(facts: Facts, why: Why | None) -> None:
    assert why_open(facts) == why


@given(st.builds(Facts, **{f.name: st.booleans() for f in fields(Facts) if f.name not in ("state", "cause")}))
def test_missing_is_exactly_what_has_a_reason(facts: Facts) -> None:
    counted = counted_of(facts)
    missing = Measure.EXPECTED in counted and Measure.RECEIVED not in counted
    assert len([one for one in counted if isinstance(one, Why)]) == missing


@given(st.sets(st.sampled_from(COUNTED)))
def test_a_mask_keeps_everything(counted: set[Measure | Why]) -> None:
    assert from_mask(as_mask(counted)) == counted


def test_the_bits_of_measures_stay_where_they_were() -> None:
    """Stored masks and migration 0003 rely on it."""
    assert COUNTED[: len(MEASURES)] == MEASURES
    assert as_mask({Why.AWAY}) == 1 << 10
    assert len(COUNTED) == len({one.value for one in COUNTED}) == 21
