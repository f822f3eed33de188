"""What each measure counts, as a pure function of the facts of one sheet (architecture section 5, R108, R109)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from portal.rules.words import N_
from portal.rules.workflow import SheetState


class Measure(StrEnum):
    """The official and the working counts; each its own number, never one rate that mixes them."""

    EXPECTED = "expected"
    ISSUED = "issued"
    REGISTERED = "registered"
    RETURNED = "returned"
    RECEIVED = "received"
    READABLE = "readable"
    SIGNED = "signed"
    CHECKED = "checked"
    ENTERED = "entered"
    VERIFIED = "verified"

    @property
    def label(self) -> str:
        return _WORDS[self]


_WORDS = {
    Measure.EXPECTED: N_("应核"),
    Measure.ISSUED: N_("已发"),
    Measure.REGISTERED: N_("已注册"),
    Measure.RETURNED: N_("纸已交"),
    Measure.RECEIVED: N_("已收到"),
    Measure.READABLE: N_("看得清"),
    Measure.SIGNED: N_("有签名"),
    Measure.CHECKED: N_("已检查"),
    Measure.ENTERED: N_("已录入"),
    Measure.VERIFIED: N_("已核实"),
}

MEASURES = tuple(Measure)

_ORDER = list(SheetState)


class SheetFacts(Protocol):
    """The columns of a sheet that the measures look at."""

    in_scope: bool
    state: SheetState
    issued: bool
    registered: bool
    returned: bool
    received: bool
    readable: bool
    signed: bool


def measures_of(sheet: SheetFacts) -> frozenset[Measure]:
    """The measures in which this sheet counts once; none when the pupil is out of scope.

    received = a page-1 photo of this round is stored, by whoever (R108); checked, entered, verified follow the state,
    so that a sheet sent back counts no longer.
    """
    if not sheet.in_scope:
        return frozenset()
    reached = _ORDER.index(SheetState(sheet.state))
    facts = {
        Measure.EXPECTED: True,
        Measure.ISSUED: sheet.issued,
        Measure.REGISTERED: sheet.registered,
        Measure.RETURNED: sheet.returned,
        Measure.RECEIVED: sheet.received,
        Measure.READABLE: sheet.received and sheet.readable,
        Measure.SIGNED: sheet.received and sheet.signed,
        Measure.CHECKED: reached >= _ORDER.index(SheetState.CHECKED),
        Measure.ENTERED: reached >= _ORDER.index(SheetState.ENTERED),
        Measure.VERIFIED: reached >= _ORDER.index(SheetState.VERIFIED),
    }
    return frozenset(measure for measure, holds in facts.items() if holds)


def as_mask(measures: frozenset[Measure]) -> int:
    """The measures as bits in the order of `MEASURES`, for one small column."""
    return sum(1 << n for n, measure in enumerate(MEASURES) if measure in measures)


def from_mask(mask: int) -> frozenset[Measure]:
    """Inverse of `as_mask`."""
    return frozenset(measure for n, measure in enumerate(MEASURES) if mask >> n & 1)


def contradictions(counts: dict[Measure, int]) -> list[tuple[Measure, Measure]]:
    """Pairs (smaller, larger) of the three official counts that stand the wrong way round (R109, a warning)."""
    chain = (Measure.ISSUED, Measure.RETURNED, Measure.ENTERED)
    return [(b, a) for a, b in zip(chain, chain[1:], strict=False) if counts.get(b, 0) > counts.get(a, 0)]
