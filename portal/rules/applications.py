"""Applications: what a school asks its leader and its authority to decide; states, moves, who makes them (H, I5, M1).

Three kinds walk the same way. A key-data change and the deletion of an approved record end at the authority; a proof of
identity, and the deletion of a record that no authority has approved yet, end with the school's leader (I6, R111).
"""

from __future__ import annotations

from enum import StrEnum

from portal.rules.words import N_
from portal.rules.workflow import NotAllowedNow


class ApplicationKind(StrEnum):
    """What is asked for."""

    CHANGE = "change"
    IDENTITY = "identity"
    DELETION = "deletion"

    @property
    def label(self) -> str:
        return _KIND_WORDS[self]


_KIND_WORDS = {
    ApplicationKind.CHANGE: N_("关键信息变更"),
    ApplicationKind.IDENTITY: N_("身份证明材料"),
    ApplicationKind.DELETION: N_("误操作删除"),
}


class ApplicationState(StrEnum):
    """Where an application is (codes/change_request_state.csv); the last two are our own."""

    DRAFTED = "DRAFTED"
    WITH_LEADER = "WITH_LEADER"
    WITH_AUTHORITY = "WITH_AUTHORITY"
    GRANTED = "GRANTED"
    REFUSED_BY_LEADER = "REFUSED_BY_LEADER"
    REFUSED_BY_AUTHORITY = "REFUSED_BY_AUTHORITY"
    WITHDRAWN = "WITHDRAWN"
    CLEARED = "CLEARED"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    ApplicationState.DRAFTED: N_("草稿"),
    ApplicationState.WITH_LEADER: N_("待学校核办"),
    ApplicationState.WITH_AUTHORITY: N_("待主管部门核办"),
    ApplicationState.GRANTED: N_("核办通过"),
    ApplicationState.REFUSED_BY_LEADER: N_("学校核办不通过"),
    ApplicationState.REFUSED_BY_AUTHORITY: N_("主管部门核办不通过"),
    ApplicationState.WITHDRAWN: N_("学校已撤回"),
    ApplicationState.CLEARED: N_("不通过的条目已删除"),
}


class ApplicationMove(StrEnum):
    """What can be done to an application."""

    SEND = "SEND"
    TAKE_BACK = "TAKE_BACK"
    WITHDRAW = "WITHDRAW"
    PASS = "PASS"
    GRANT = "GRANT"
    REFUSE = "REFUSE"
    CLEAR = "CLEAR"

    @property
    def label(self) -> str:
        return _MOVE_WORDS[self]


_MOVE_WORDS = {
    ApplicationMove.SEND: N_("送校领导"),
    ApplicationMove.TAKE_BACK: N_("拿回来改"),
    ApplicationMove.WITHDRAW: N_("撤回申请"),
    ApplicationMove.PASS: N_("学校同意"),
    ApplicationMove.GRANT: N_("主管部门同意"),
    ApplicationMove.REFUSE: N_("不同意"),
    ApplicationMove.CLEAR: N_("删除不通过的条目"),
}


class Side(StrEnum):
    """Who makes a move: those who apply, the school's reviewer, the authority responsible for the school."""

    SCHOOL = "school"
    LEADER = "leader"
    AUTHORITY = "authority"


_S, _M = ApplicationState, ApplicationMove

MOVES: dict[tuple[ApplicationState, ApplicationMove], ApplicationState] = {
    (_S.DRAFTED, _M.SEND): _S.WITH_LEADER,
    (_S.DRAFTED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.WITH_LEADER, _M.TAKE_BACK): _S.DRAFTED,
    (_S.WITH_LEADER, _M.PASS): _S.WITH_AUTHORITY,
    (_S.WITH_LEADER, _M.REFUSE): _S.REFUSED_BY_LEADER,
    (_S.WITH_AUTHORITY, _M.GRANT): _S.GRANTED,
    (_S.WITH_AUTHORITY, _M.REFUSE): _S.REFUSED_BY_AUTHORITY,
}
_ENDS_AT_SCHOOL = {(_S.WITH_LEADER, _M.PASS): _S.GRANTED}
# a refused deletion blocks the record until the school removes the entry (M1, R113)
_CLEARING = {(_S.REFUSED_BY_LEADER, _M.CLEAR): _S.CLEARED, (_S.REFUSED_BY_AUTHORITY, _M.CLEAR): _S.CLEARED}

OPEN = frozenset({_S.DRAFTED, _S.WITH_LEADER, _S.WITH_AUTHORITY})
REFUSED = frozenset({_S.REFUSED_BY_LEADER, _S.REFUSED_BY_AUTHORITY})
NEEDS_REASON = frozenset({_M.REFUSE})
#: whose turn it is in a state
WAITS_FOR = {_S.DRAFTED: Side.SCHOOL, _S.WITH_LEADER: Side.LEADER, _S.WITH_AUTHORITY: Side.AUTHORITY}
_SIDES = {_M.PASS: Side.LEADER, _M.GRANT: Side.AUTHORITY}


def ends_at_school(kind: ApplicationKind, is_draft: bool) -> bool:
    """True when the school's leader decides last: proofs of identity (I6), and the deletion of a record that no
    authority has approved (`is_draft`; R111)."""
    return kind == ApplicationKind.IDENTITY or (kind == ApplicationKind.DELETION and is_draft)


def moves_of(
    kind: ApplicationKind, at_school: bool
) -> dict[tuple[ApplicationState, ApplicationMove], ApplicationState]:
    """The whole table of a kind; `at_school` as told by `ends_at_school`."""
    table = MOVES | _ENDS_AT_SCHOOL if at_school else MOVES
    if at_school:
        table = {pair: to for pair, to in table.items() if pair[0] != _S.WITH_AUTHORITY}
    return table | _CLEARING if kind == ApplicationKind.DELETION else table


def after(kind: ApplicationKind, at_school: bool, state: ApplicationState, move: ApplicationMove) -> ApplicationState:
    """The state that follows; raises `NotAllowedNow` for every pair that is not in the table (R104)."""
    try:
        return moves_of(kind, at_school)[(ApplicationState(state), move)]
    except KeyError:
        raise NotAllowedNow(ApplicationState(state), move) from None


def side_of(state: ApplicationState, move: ApplicationMove) -> Side:
    """Who makes a move from a state: a refusal is that of whose turn it is."""
    if move == _M.REFUSE:
        return WAITS_FOR.get(ApplicationState(state), Side.AUTHORITY)
    return _SIDES.get(move, Side.SCHOOL)


def blocks(kind: ApplicationKind, state: ApplicationState) -> bool:
    """True while no other business on the pupil's record is possible: an application is open (H7), or a deletion was
    refused and its entry still stands (R113). Proofs of identity hold nothing up."""
    if kind == ApplicationKind.IDENTITY:
        return False
    return state in OPEN or (kind == ApplicationKind.DELETION and state in REFUSED)
