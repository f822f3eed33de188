"""What can happen to a pupil during a round, and what it does to status and scope (F1-F5, R106, R107).

Kinds are codes of the registry's table of status changes, and two of our own for business that is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.rules.codes import table
from portal.rules.deletions import REASON as DELETED
from portal.rules.scope import CLOSED, ON_ROLL
from portal.rules.words import N_


class Effect(StrEnum):
    """What a movement does; the groups in which kinds are offered."""

    LEAVES = "leaves"
    PAUSES = "pauses"
    RETURNS = "returns"
    MOVES = "moves"
    BEGINS = "begins"
    ENDS = "ends"

    @property
    def label(self) -> str:
        return _EFFECT_WORDS[self]


_EFFECT_WORDS = {
    Effect.LEAVES: N_("离开学校"),
    Effect.PAUSES: N_("暂时不在"),
    Effect.RETURNS: N_("回来"),
    Effect.MOVES: N_("在校内换班"),
    Effect.BEGINS: N_("开始办学籍业务"),
    Effect.ENDS: N_("业务办完了，还在本校"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of movement; `status` is the code of student_status afterwards, None when it stays."""

    code: str
    effect: Effect
    status: str | None = None

    def label(self, lang: str = "zh") -> str:
        """The registry's words, or a message id of our own."""
        own = _OWN_WORDS.get(self.code)
        return own if own else table("status_change_type").label(self.code, lang)

    @property
    def is_own(self) -> bool:
        """True when `label` is a message id that still has to be translated."""
        return self.code in _OWN_WORDS


BEGIN, END, MOVE_CLASS = "begin", "end", "29"
#: a movement recorded by mistake is taken back; no kind that anybody chooses
UNDO = "undo"
_OWN_WORDS = {BEGIN: N_("开始办转学等业务"), END: N_("业务办完或撤销"), UNDO: N_("登记错了，收回")}
_OWN_WORDS[DELETED] = N_("误操作建的学籍，已删除")  # not chosen here either: a decision takes the record out (M1)
_LEAVING = {"21": "10", "31": "03", "P01": "06", "P02": "13", "P05": "07", "62": "08", "63": "09", "42": "14"}
_LEAVING |= {"P06": "15", "51": "11", "P07": "99"}
_PAUSING = {"11": "02", "14": "12"}
_RETURNING = ("12", "17", "15", "08", "22")

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        *(Kind(code, Effect.LEAVES, status) for code, status in _LEAVING.items()),
        *(Kind(code, Effect.PAUSES, status) for code, status in _PAUSING.items()),
        *(Kind(code, Effect.RETURNS, ON_ROLL) for code in _RETURNING),
        Kind(MOVE_CLASS, Effect.MOVES),
        Kind(BEGIN, Effect.BEGINS),
        Kind(END, Effect.ENDS),
    )
}


def possible(status: str, has_left: bool, business_open: bool) -> tuple[Kind, ...]:
    """The kinds that make sense for a pupil of this status; business under way is finished before anything else
    begins (F4, H7). Of a record that was taken out nothing more is recorded."""
    effects = _effects(status, has_left, business_open)
    return tuple(kind for kind in KINDS.values() if kind.effect in effects)


def _effects(status: str, has_left: bool, business_open: bool) -> frozenset[Effect]:
    if has_left:
        return frozenset() if status == CLOSED else frozenset({Effect.RETURNS})
    if business_open:
        return frozenset({Effect.ENDS, Effect.LEAVES, Effect.PAUSES, Effect.MOVES})
    if status != ON_ROLL:
        return frozenset({Effect.RETURNS, Effect.LEAVES, Effect.MOVES})
    return frozenset({Effect.LEAVES, Effect.PAUSES, Effect.MOVES, Effect.BEGINS})


def day_fault(day: date, today: date) -> str | None:
    """What is wrong with the day of a movement, as a message id: only what has happened is recorded."""
    if day > today:
        return N_("日期还没有到。办完了再来登记。")
    return N_("日期太早了，请看一看年份。") if day.year < today.year - 1 else None


def same_grade(class_number: str, other: str) -> bool:
    """True for class numbers of one entry year and stage (R36): another grade is no mere change of class."""
    return class_number[:5] == other[:5]


def reason_label(code: str, lang: str = "zh") -> tuple[str, bool]:
    """The words of a ledger entry's reason, and whether they still have to be translated."""
    if code in KINDS:
        return KINDS[code].label(lang), KINDS[code].is_own
    return _OWN_WORDS.get(code, code), True
