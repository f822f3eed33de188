"""States and moves of a sheet: one table, one function that applies it (architecture section 4, D6, G1-G9)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from portal.rules.words import N_


class SheetState(StrEnum):
    """Where a sheet is (codes/sheet_state.csv)."""

    EXPECTED = "EXPECTED"
    PRINTED = "PRINTED"
    ISSUED = "ISSUED"
    RECEIVED = "RECEIVED"
    CHECKED = "CHECKED"
    PASSED = "PASSED"
    ENTERED = "ENTERED"
    VERIFIED = "VERIFIED"
    ARCHIVED = "ARCHIVED"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    SheetState.EXPECTED: N_("待打印"),
    SheetState.PRINTED: N_("已打印"),
    SheetState.ISSUED: N_("已下发"),
    SheetState.RECEIVED: N_("已收到"),
    SheetState.CHECKED: N_("已检查"),
    SheetState.PASSED: N_("学校已看"),
    SheetState.ENTERED: N_("已录入"),
    SheetState.VERIFIED: N_("已核实"),
    SheetState.ARCHIVED: N_("已归档"),
}


class SheetMove(StrEnum):
    """What can be done to a sheet."""

    PRINT = "PRINT"
    ISSUE = "ISSUE"
    RECEIVE = "RECEIVE"
    CHECK = "CHECK"
    PASS = "PASS"
    ENTER = "ENTER"
    VERIFY = "VERIFY"
    TAKE_BACK = "TAKE_BACK"
    SEND_BACK = "SEND_BACK"
    RETURN_TO_CHECKED = "RETURN_TO_CHECKED"
    UNDO_CHECK = "UNDO_CHECK"
    ARCHIVE = "ARCHIVE"

    @property
    def label(self) -> str:
        return _MOVE_WORDS[self]


_MOVE_WORDS = {
    SheetMove.PRINT: N_("打印"),
    SheetMove.ISSUE: N_("下发"),
    SheetMove.RECEIVE: N_("收到"),
    SheetMove.CHECK: N_("检查通过"),
    SheetMove.PASS: N_("录入前同意"),
    SheetMove.ENTER: N_("录入完成"),
    SheetMove.VERIFY: N_("核实"),
    SheetMove.TAKE_BACK: N_("取消收到"),
    SheetMove.SEND_BACK: N_("退回家长"),
    SheetMove.RETURN_TO_CHECKED: N_("退回重录"),
    SheetMove.UNDO_CHECK: N_("撤回检查"),
    SheetMove.ARCHIVE: N_("归档"),
}


class Labelled(Protocol):
    """A state or move of any table: its `label` is a message id."""

    @property
    def label(self) -> str: ...


class NotAllowedNow(Exception):
    """The move does not exist from this state; carries both for the message."""

    def __init__(self, state: Labelled, move: Labelled) -> None:
        super().__init__(f"{move} is not possible from {state}")
        self.state, self.move = state, move


_S, _M = SheetState, SheetMove

MOVES: dict[tuple[SheetState, SheetMove], SheetState] = {
    (_S.EXPECTED, _M.PRINT): _S.PRINTED,
    (_S.PRINTED, _M.ISSUE): _S.ISSUED,
    (_S.ISSUED, _M.RECEIVE): _S.RECEIVED,
    (_S.RECEIVED, _M.CHECK): _S.CHECKED,
    (_S.CHECKED, _M.PASS): _S.PASSED,
    (_S.PASSED, _M.ENTER): _S.ENTERED,
    (_S.ENTERED, _M.VERIFY): _S.VERIFIED,
    (_S.VERIFIED, _M.ARCHIVE): _S.ARCHIVED,
    # ticked in by mistake: no paper and no photo after all
    (_S.RECEIVED, _M.TAKE_BACK): _S.ISSUED,
    # accepted by a slip of the finger
    (_S.CHECKED, _M.UNDO_CHECK): _S.RECEIVED,
    # sent back to the family: the paper must come again (G2)
    (_S.RECEIVED, _M.SEND_BACK): _S.ISSUED,
    (_S.CHECKED, _M.SEND_BACK): _S.ISSUED,
    (_S.PASSED, _M.SEND_BACK): _S.ISSUED,
    # the leader refuses what was typed; the operator corrects (G9)
    (_S.ENTERED, _M.RETURN_TO_CHECKED): _S.CHECKED,
}
# A reprint, a second hand-out or a better photo changes the leaf or the photo, never the state (architecture 3, E12).
MOVES |= {(state, _M.PRINT): state for state in SheetState if state not in (_S.EXPECTED, _S.VERIFIED, _S.ARCHIVED)}
MOVES |= {(state, _M.RECEIVE): state for state in (_S.RECEIVED, _S.CHECKED, _S.PASSED, _S.ENTERED)}

NEEDS_REASON = frozenset({_M.SEND_BACK, _M.RETURN_TO_CHECKED})


def after(state: SheetState, move: SheetMove) -> SheetState:
    """The state that follows; raises `NotAllowedNow` for every pair that is not in the table."""
    try:
        return MOVES[(SheetState(state), move)]
    except KeyError:
        raise NotAllowedNow(SheetState(state), move) from None


def moves_from(state: SheetState) -> list[SheetMove]:
    """Moves that exist from `state`, in the order of the table."""
    return [move for (origin, move) in MOVES if origin == state]
