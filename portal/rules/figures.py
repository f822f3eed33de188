"""What each measure counts, as a pure function of the facts of one sheet (architecture section 5, R108, R109)."""

from __future__ import annotations

from collections.abc import Iterable
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


class Why(StrEnum):
    """Why a sheet is not received yet: the cause the teacher recorded, or else how far it has come. One a sheet."""

    AWAY = "away"
    NO_REPLY = "no_reply"
    NO_PHONE = "no_phone"
    TRANSFERRING = "transferring"
    REFUSES = "refuses"
    LOST = "lost"
    UNREADABLE = "unreadable"
    NOT_ISSUED = "not_issued"
    PAPER_ONLY = "paper_only"
    SIGNED_UP = "signed_up"
    NOT_RECORDED = "not_recorded"

    @property
    def label(self) -> str:
        return _WHY_WORDS[self]


_WHY_WORDS = {
    Why.AWAY: N_("去外地了"),
    Why.NO_REPLY: N_("电话打不通"),
    Why.NO_PHONE: N_("没有手机，等纸表"),
    Why.TRANSFERRING: N_("正在转学"),
    Why.REFUSES: N_("不愿意"),
    Why.LOST: N_("表丢了，要补印"),
    Why.UNREADABLE: N_("照片看不清"),
    Why.NOT_ISSUED: N_("纸表还没发"),
    Why.PAPER_ONLY: N_("纸交了，没有照片"),
    Why.SIGNED_UP: N_("已注册，没交"),
    Why.NOT_RECORDED: N_("还没动，原因没记"),
}

MEASURES = tuple(Measure)
#: everything that is counted; the mask of a sheet has a bit for each, in this order (new ones go to the end)
COUNTED: tuple[Measure | Why, ...] = (*Measure, *Why)

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
    cause: str | None


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


def why_open(sheet: SheetFacts) -> Why | None:
    """The one reason why an expected sheet is not received; None when it is, or when the pupil is out of scope."""
    if not sheet.in_scope or sheet.received:
        return None
    if sheet.cause in set(Why):
        return Why(sheet.cause)
    if not sheet.issued:
        return Why.NOT_ISSUED
    if sheet.returned:
        return Why.PAPER_ONLY
    return Why.SIGNED_UP if sheet.registered else Why.NOT_RECORDED


def counted_of(sheet: SheetFacts) -> frozenset[Measure | Why]:
    """Everything in which this sheet counts once: its measures and, while it is not received, the reason."""
    why = why_open(sheet)
    return measures_of(sheet) | ({why} if why else frozenset())


def as_mask(counted: Iterable[Measure | Why]) -> int:
    """What is counted as bits in the order of `COUNTED`, for one small column."""
    return sum(1 << COUNTED.index(one) for one in set(counted))


def from_mask(mask: int) -> frozenset[Measure | Why]:
    """Inverse of `as_mask`."""
    return frozenset(one for n, one in enumerate(COUNTED) if mask >> n & 1)


def contradictions(counts: dict[Measure, int]) -> list[tuple[Measure, Measure]]:
    """Pairs (smaller, larger) of the three official counts that stand the wrong way round (R109, a warning)."""
    chain = (Measure.ISSUED, Measure.RETURNED, Measure.ENTERED)
    return [(b, a) for a, b in zip(chain, chain[1:], strict=False) if counts.get(b, 0) > counts.get(a, 0)]
