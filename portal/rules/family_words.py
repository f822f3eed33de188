"""What a family is told about each thing it asked for, in words of the kitchen table, by what has become of it.

`chip` is two to six characters for lists and the page behind the QR; `text` is the sentence on the family's own page.
It may name a day, a place and a value: %(day)s, %(place)s, %(value)s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.words import N_


class Look(IntEnum):
    """The look of a state, in the order in which a family reads them: what was refused stands first."""

    REFUSED = 0
    WAITING = 1
    SCHOOL = 2
    ACCEPTED = 3
    CLOSED = 4

    @property
    def chip(self) -> str:
        """The name of the chip's look."""
        return ("refused", "waiting", "received", "accepted", "past")[self]


@dataclass(frozen=True, slots=True)
class Words:
    """One state: the words of its chip, its look, and its sentence (message ids)."""

    chip: str
    look: Look
    text: str = ""


_AT_SCHOOL = Words(N_("学校在看"), Look.SCHOOL, N_("学校还在看，看完会写在这里。"))
_ACCEPTED = Words(N_("已采纳"), Look.ACCEPTED, N_("现在是 %(value)s"))
_REFUSED = Words(N_("未采纳"), Look.REFUSED)
_PREPARED = Words(N_("学校在办"), Look.SCHOOL, N_("这一项要带证件报上去。学校在备材料，备好就报。"))
_WITH_LEADER = Words(N_("等校领导"), Look.WAITING, N_("%(day)s报给了校领导，校领导同意了再报给%(place)s。"))
_WITH_AUTHORITY = Words(N_("等教育局"), Look.WAITING, N_("学校 %(day)s已同意。%(place)s一般 5 个工作日内看完。"))

#: outcome of a change on the sheet -> what the family is told
OUTCOMES: dict[str, Words] = {
    "open": _AT_SCHOOL,
    "unclear": _AT_SCHOOL,
    "accepted": _ACCEPTED,
    "applied_for": _PREPARED,
    "refused": _REFUSED,
}

_S = ApplicationState
#: a change that needs the authority: state of its application -> what the family is told
CHANGE: dict[ApplicationState, Words] = {
    _S.DRAFTED: _PREPARED,
    _S.WITH_LEADER: _WITH_LEADER,
    _S.WITH_AUTHORITY: _WITH_AUTHORITY,
    _S.GRANTED: Words(N_("已采纳"), Look.ACCEPTED, N_("%(day)s同意了，现在是 %(value)s")),
    _S.REFUSED_BY_LEADER: Words(N_("未采纳"), Look.REFUSED, N_("校领导 %(day)s没有同意。")),
    _S.REFUSED_BY_AUTHORITY: Words(N_("未采纳"), Look.REFUSED, N_("%(place)s %(day)s没有同意。")),
    _S.WITHDRAWN: Words(N_("学校在办"), Look.SCHOOL, N_("学校把报上去的收回来了，弄清楚再报。")),
    _S.CLEARED: _AT_SCHOOL,
}
_PROOF_AT_SCHOOL = Words(N_("学校在看"), Look.SCHOOL, N_("%(day)s交上来的，学校在看。"))
#: proof of identity of a child without an ID number
IDENTITY: dict[ApplicationState, Words] = {
    _S.DRAFTED: Words(N_("学校在办"), Look.SCHOOL, N_("学校在备材料。")),
    _S.WITH_LEADER: _PROOF_AT_SCHOOL,
    _S.WITH_AUTHORITY: _PROOF_AT_SCHOOL,
    _S.GRANTED: Words(N_("通过了"), Look.ACCEPTED, N_("%(day)s看过，没有问题。")),
    _S.REFUSED_BY_LEADER: Words(N_("没有通过"), Look.REFUSED),
    _S.REFUSED_BY_AUTHORITY: Words(N_("没有通过"), Look.REFUSED),
    _S.WITHDRAWN: Words(N_("学校在办"), Look.SCHOOL, N_("学校把材料收回去了，弄好再交。")),
    _S.CLEARED: Words(N_("学校在办"), Look.SCHOOL, N_("学校把材料收回去了，弄好再交。")),
}
_ASKED = N_("学校说这份资料是登记错的，想把它关掉，还没有定。觉得不对，请马上打学校电话。")
_STAYS = N_("没有同意关掉，孩子的资料照旧。您不用做什么。")
#: a record that the school says was made by mistake
DELETION: dict[ApplicationState, Words] = {
    _S.DRAFTED: Words(N_("学校在办"), Look.SCHOOL, _ASKED),
    _S.WITH_LEADER: Words(N_("等校领导"), Look.WAITING, _ASKED),
    _S.WITH_AUTHORITY: Words(N_("等教育局"), Look.WAITING, _ASKED),
    _S.GRANTED: Words(N_("已经关掉"), Look.CLOSED, N_("%(day)s关掉了这份登记错的资料。觉得不对，请马上打学校电话。")),
    _S.REFUSED_BY_LEADER: Words(N_("照旧"), Look.ACCEPTED, _STAYS),
    _S.REFUSED_BY_AUTHORITY: Words(N_("照旧"), Look.ACCEPTED, _STAYS),
    _S.WITHDRAWN: Words(N_("照旧"), Look.ACCEPTED, _STAYS),
    _S.CLEARED: Words(N_("照旧"), Look.ACCEPTED, _STAYS),
}
APPLICATIONS: dict[ApplicationKind, dict[ApplicationState, Words]] = {
    ApplicationKind.CHANGE: CHANGE,
    ApplicationKind.IDENTITY: IDENTITY,
    ApplicationKind.DELETION: DELETION,
}
TITLES = {
    ApplicationKind.IDENTITY: N_("孩子的身份证明"),
    ApplicationKind.DELETION: N_("这份学籍资料"),
}


def words_for(outcome: str, state: ApplicationState | None) -> Words:
    """What to say of a change: once it has gone into an application, that speaks for it until the change is decided."""
    if state is not None and outcome in ("open", "applied_for"):
        return CHANGE[ApplicationState(state)]
    if state == ApplicationState.GRANTED and outcome == "accepted":
        return CHANGE[state]
    return OUTCOMES[outcome]
