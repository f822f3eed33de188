"""The person-record check: what a teacher finds, what follows from it, and how far a class is (J1-J5, R110, R122).

A school in the tree is a lawful one, so the row of the table about schools without a licence has no finding here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.rules.deletions import why_not
from portal.rules.scope import CLOSED, ON_ROLL
from portal.rules.words import N_

DECEASED = "11"


class FindingCode(StrEnum):
    """What was found (codes/person_record_finding.csv)."""

    MATCH = "MATCH"
    NO_RECORD = "NO_RECORD"
    RECORD_ELSEWHERE = "RECORD_ELSEWHERE"
    STATUS_OFF_ROLL = "STATUS_OFF_ROLL"
    STATUS_DEAD = "STATUS_DEAD"
    LEFT_ON_ROLL = "LEFT_ON_ROLL"
    FALSE_RECORD = "FALSE_RECORD"

    @property
    def label(self) -> str:
        return _CODE_WORDS[self]


_CODE_WORDS = {
    FindingCode.MATCH: N_("人籍一致"),
    FindingCode.NO_RECORD: N_("有人无籍"),
    FindingCode.RECORD_ELSEWHERE: N_("学籍在他校"),
    FindingCode.STATUS_OFF_ROLL: N_("实际在校但状态非在校"),
    FindingCode.STATUS_DEAD: N_("误标死亡"),
    FindingCode.LEFT_ON_ROLL: N_("已离校但状态在校"),
    FindingCode.FALSE_RECORD: N_("有籍无人/虚假学籍"),
}
#: findings about a child who is not on the roster of the class
UNLISTED = (FindingCode.NO_RECORD, FindingCode.RECORD_ELSEWHERE)


class Act(StrEnum):
    """What the school does about a finding (J3)."""

    REGISTER = "register"
    TRANSFER_IN = "transfer_in"
    RESTORE = "restore"
    REPORT_UP = "report_up"
    RECORD_LEAVING = "record_leaving"
    DELETE = "delete"
    TREAT = "treat"

    @property
    def label(self) -> str:
        return _ACT_WORDS[self]


_ACT_WORDS = {
    Act.REGISTER: N_("报补录名单"),
    Act.TRANSFER_IN: N_("办转入"),
    Act.RESTORE: N_("改回在校"),
    Act.REPORT_UP: N_("逐级上报"),
    Act.RECORD_LEAVING: N_("登记离校"),
    Act.DELETE: N_("申请误操作删除"),
    Act.TREAT: N_("按问题学籍办"),
}

_C = FindingCode
#: the table of J3; what agrees with the record needs nothing
ACTS: dict[FindingCode, Act] = {
    _C.NO_RECORD: Act.REGISTER,
    _C.RECORD_ELSEWHERE: Act.TRANSFER_IN,
    _C.STATUS_OFF_ROLL: Act.RESTORE,
    _C.STATUS_DEAD: Act.REPORT_UP,
    _C.LEFT_ON_ROLL: Act.RECORD_LEAVING,
    _C.FALSE_RECORD: Act.DELETE,
}
#: what the school cannot do itself: it writes to the level above
UPWARD = frozenset({Act.REPORT_UP, Act.TREAT})
#: kinds of movement (rules/movements) that usually end a finding, the likeliest first
_RETURNS = {"02": "12", "12": "15", "13": "08"}
_LEAVINGS = ("21", "P01", "31", "11", "P02")


def act_of(code: FindingCode, student_number: str) -> Act:
    """What follows from a finding: a false record with a formal number is no mistaken entry but a problem record, which
    the authority treats (R112, X4, M4)."""
    act = ACTS[code]
    return Act.TREAT if act == Act.DELETE and why_not(student_number, is_draft=False) else act


def likely_kinds(code: FindingCode, status: str) -> tuple[str, ...]:
    """The kinds of movement to offer first for a finding about a pupil of this status."""
    if code == _C.LEFT_ON_ROLL:
        return _LEAVINGS
    if code == _C.STATUS_OFF_ROLL:
        first = _RETURNS.get(status, "17")
        return (first, *(kind for kind in ("12", "17", "15", "22") if kind != first))
    return ()


def possible(status: str, has_left: bool) -> tuple[FindingCode, ...]:
    """What can be found about a pupil of the roster whose record says this; the usual one first.

    Who is on roll is here or not. Who is not (suspended, withdrawn, left) is not expected: here all the same is the
    finding, and a death that was entered by mistake is one of its own.
    """
    if status == ON_ROLL and not has_left:
        return (_C.MATCH, _C.LEFT_ON_ROLL, _C.FALSE_RECORD)
    if status == CLOSED:  # its deletion was granted: a child who is here all the same has no record
        return () if has_left else (_C.MATCH, _C.FALSE_RECORD)
    here = _C.STATUS_DEAD if status == DECEASED else _C.STATUS_OFF_ROLL
    return (here,) if has_left else (_C.MATCH, here, _C.FALSE_RECORD)


def is_complete(roster: Collection[Hashable], found: Iterable[Hashable]) -> bool:
    """R110: every pupil of the roster has exactly one finding. `found` names the pupil of each finding; children who
    are not on the roster have none of these."""
    return Counter(found) == Counter(set(roster))


class CheckState(StrEnum):
    """How far the check of a class is (J5)."""

    OPEN = "open"
    REPORTED = "reported"
    ACTIONS_RUNNING = "actions_running"
    CONSISTENT = "consistent"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    CheckState.OPEN: N_("班里在核对"),
    CheckState.REPORTED: N_("报了，等着办"),
    CheckState.ACTIONS_RUNNING: N_("正在办"),
    CheckState.CONSISTENT: N_("人和学籍对上了"),
}


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What the state of a class follows from: pupils of the roster, how many have a finding, how many findings need an
    action, of how many it has begun, of how many it is done; `reported` when the teacher has said that this is all."""

    pupils: int = 0
    found: int = 0
    acts: int = 0
    begun: int = 0
    done: int = 0
    reported: bool = False

    @property
    def missing(self) -> int:
        """How many pupils have no finding yet."""
        return self.pupils - self.found


def state_of(counts: CheckCounts) -> CheckState:
    """The state of a class; a pupil who joins after the report opens it again."""
    if not counts.reported or counts.missing:
        return CheckState.OPEN
    if counts.done == counts.acts:
        return CheckState.CONSISTENT
    return CheckState.ACTIONS_RUNNING if counts.begun or counts.done else CheckState.REPORTED


class Registration(StrEnum):
    """What became of a child on the supplementary registration list (L13; codes/inschool_registration_state.csv)."""

    UNPROCESSED = "UNPROCESSED"
    PASSED = "PASSED"
    FAILED = "FAILED"
    ENTERED = "ENTERED"

    @property
    def label(self) -> str:
        return _REGISTRATION_WORDS[self]


_REGISTRATION_WORDS = {
    Registration.UNPROCESSED: N_("未处理"),
    Registration.PASSED: N_("通过"),
    Registration.FAILED: N_("未通过"),
    Registration.ENTERED: N_("已录入"),
}


def results(state: Registration | None, by_authority: bool, is_proved: bool) -> tuple[Registration, ...]:
    """The results that may be written down next (R122): only what has passed is entered, and by the authority; a child
    without number stays unprocessed until its certificate is there. `is_proved`: has a number or that certificate."""
    if by_authority:
        return (Registration.ENTERED,) if state == Registration.PASSED else ()
    if state == Registration.UNPROCESSED:
        return (Registration.PASSED, Registration.FAILED) if is_proved else ()
    return (Registration.UNPROCESSED,) if state in (Registration.PASSED, Registration.FAILED) else ()
