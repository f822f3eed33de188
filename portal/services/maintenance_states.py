"""When the school may change what needs no authority, and where such a change is written down (G3-G9, X10, R95).

In a round everything goes over the pupil's sheet: the leader sees the paper before entry and the journal afterwards.
Without a sheet, and once the sheet has been signed off, a change stands in the pupil's own journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.models import Pupil, Sheet, Switch
from portal.rules.words import N_
from portal.rules.workflow import SheetState
from portal.services import application_checks, guardians, pending
from portal.services.refusals import Refusal, TooLate
from portal.services.rounds import require_open, running
from portal.services.unlocking import require_unlocked

#: with the school and not signed off: changes stand on the sheet
ON_SHEET = frozenset({SheetState.PASSED, SheetState.ENTERED})
_PAPER_FIRST = N_("确认表还在家长那里。家长写了什么，等纸表交回、班主任和校领导看过再录。")
#: why nothing can be changed yet, by the state of the sheet
NOT_YET = {
    SheetState.EXPECTED: N_("确认表还没有印。先让家长核对一遍，改动写在纸上签字，再录。"),
    SheetState.PRINTED: _PAPER_FIRST,
    SheetState.ISSUED: _PAPER_FIRST,
    SheetState.RECEIVED: N_("纸表交回来了，班主任还没有检查。检查过、校领导同意以后再录。"),
    SheetState.CHECKED: N_("班主任检查过了，在等校领导看。校领导同意以后再录。"),
}
_DECIDED = N_("校领导刚核实了这张表。等 10 分钟决定生效，或者请校领导撤回，再改。")
_DELETION = N_("这个学生的误操作删除还没有办完，先办完或者撤掉，才能改别的。")


@dataclass(frozen=True)
class Standing:
    """How a pupil's record stands: the sheet on which changes are written, none when they go into the pupil's own
    journal, and the refusal that says why nothing can be changed now."""

    sheet: Sheet | None = None
    closed: Refusal | None = None


def standing_of(pupil: Pupil, lock: bool = False) -> Standing:
    """Whether and how a pupil's record may be changed now; `lock` holds the sheet until the commit."""
    try:
        return Standing(sheet=_place(pupil, lock))
    except Refusal as closed:
        return Standing(closed=closed)


def _place(pupil: Pupil, lock: bool) -> Sheet | None:
    if pupil.left_at is not None:
        raise TooLate(N_("这个学生已经不在本校，资料只能看。"))
    if pupil.is_draft:
        raise TooLate(N_("这个学生的资料在花名册里还有错。请先在花名册里改好、导入，再到这里来。"))
    if application_checks.is_being_deleted(pupil.id):
        raise TooLate(_DELETION)
    found = running(pupil.path)
    if found is None:
        return None
    require_open(found.id, pupil.path, Switch.ENTRY)
    require_unlocked(pupil.school_id, found.id)
    sheet = guardians.sheet_now(pupil, lock)
    if sheet is None or not sheet.in_scope:
        return None
    state = SheetState(sheet.state)
    if state in NOT_YET:
        raise TooLate(NOT_YET[state])
    if state == SheetState.ENTERED and pending.on([sheet.id]):
        raise TooLate(_DECIDED)
    return sheet if state in ON_SHEET else None
