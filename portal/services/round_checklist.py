"""The registrar's checklist of a round: what is done, what needs somebody, what is next, with its numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, select

from portal.models import Place, Pupil, Round, Sheet, Switch, db
from portal.rules.clock import today
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Level, Role
from portal.rules.workflow import SheetState
from portal.services import (
    application_list,
    change_file_views,
    figures,
    findings_figures,
    identity_standing,
    print_runs,
    teacher_logins,
    unlocking,
)
from portal.services.doubts import Doubts, doubts_of
from portal.services.lists import round_of
from portal.services.print_runs import RunView
from portal.services.refusals import NotFound
from portal.services.round_windows import WindowView, window_of
from portal.services.unlocking import Unlocked

DONE, NOW, OPEN, NEEDS, CLOSED = "done", "now", "todo", "needs", "closed"
#: the steps in the order of the page
STEPS = (
    "window",
    "code",
    "roster",
    "doubts",
    "print",
    "logins",
    "findings",
    "proofs",
    "returned",
    "entry",
    "applications",
    "approval",
    "registry",
    "archive",
)
#: the order in which a step is "the next thing to do" for whom; the others are never pushed
_PUSHED = {
    Role.REGISTRAR: ("window", "code", "roster", "print", "logins", "entry", "returned", "registry", "archive"),
    Role.LEADER: ("approval", "code", "roster", "print", "logins", "returned"),
}


@dataclass(frozen=True)
class Facts:
    """Everything the page shows; `states` maps each of `STEPS` to its state, `next_step` is what to do first."""

    ends: date
    export: WindowView | None
    entry: WindowView | None
    unlocked: Unlocked | None
    pupils: int
    drafts: int
    exclusions: dict[str, int]
    by_state: Counter[SheetState]
    doubts: Doubts
    runs: list[RunView]
    classes: int
    named: int
    changed: int
    to_print: int
    to_hand_out: int
    counts: dict[Measure, int]
    written_to_enter: int
    findings: findings_figures.Standing
    proofs: identity_standing.Standing
    #: changed items in no file yet, files without an answer of the registry, files it has taken
    registry: tuple[int, int, int]
    #: key-data changes by group, and sheets that wait for one
    applications: dict[str, int]
    states: dict[str, str] = field(default_factory=dict)
    next_step: str | None = None

    @property
    def in_scope(self) -> int:
        return sum(self.by_state.values())

    @property
    def running(self) -> RunView | None:
        """The print run under way, if there is one."""
        return next((run for run in self.runs if run.state == print_runs.RUNNING), None)


def facts_of(actor: Actor) -> Facts:
    """The state of the round at the actor's school; raises `NotFound` anywhere else and without a round."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    found, school = round_of(actor), db.session.get_one(Place, actor.place_id)
    by_state, exclusions = _sheets(found, school)
    logins = teacher_logins.logins_of(school.id)
    pupils, drafts = _pupils(school)
    to_hand_out = print_runs.ready_by_class(found.id, school.id).total()
    facts = Facts(
        ends=found.ends,
        export=window_of(found, school, Switch.EXPORT),
        entry=window_of(found, school, Switch.ENTRY),
        unlocked=unlocking.unlocked(school.id, found.id),
        pupils=pupils,
        drafts=drafts,
        exclusions=exclusions,
        by_state=by_state,
        doubts=doubts_of(school, found.id),
        runs=print_runs.runs_of(actor, limit=5),
        classes=len(logins),
        named=sum(login.login is not None for login in logins),
        changed=sum(login.changed for login in logins),
        to_print=by_state[SheetState.EXPECTED] + by_state[SheetState.PRINTED] - to_hand_out,
        to_hand_out=to_hand_out,
        counts=figures.counts_below(found.id, school.path),
        written_to_enter=_to_enter(found, school),
        findings=findings_figures.standing_of(found, school.path),
        proofs=identity_standing.standing_of(found, school),
        registry=change_file_views.counts_of(actor),
        applications=application_list.standing_of(actor),
    )
    facts.states.update({step: _STATE_OF[step](facts) for step in STEPS})
    return _with_next(facts, actor.role)


def _with_next(facts: Facts, role: Role) -> Facts:
    """The first step that waits for somebody in the school becomes the present one; a run under way needs nobody."""
    waiting = [step for step in _PUSHED.get(role, ()) if facts.states[step] in (OPEN, NEEDS)]
    following = next((step for step in waiting if step != "print" or not facts.running), None)
    if following is None:
        return facts
    return replace(facts, states=facts.states | {following: NOW}, next_step=following)


def _sheets(found: Round, school: Place) -> tuple[Counter[SheetState], dict[str, int]]:
    columns = (Sheet.state, Sheet.in_scope, Sheet.exclusion)
    query = select(*columns, func.count()).where(Sheet.round_id == found.id, Sheet.school_id == school.id)
    by_state: Counter[SheetState] = Counter()
    exclusions: dict[str, int] = {}
    for state, in_scope, exclusion, n in db.session.execute(query.group_by(*columns)):
        if in_scope:
            by_state[SheetState(state)] += n
        else:
            exclusions[str(exclusion)] = exclusions.get(str(exclusion), 0) + n
    return by_state, exclusions


def _pupils(school: Place) -> tuple[int, int]:
    query = select(Pupil.is_draft, func.count()).where(Pupil.school_id == school.id, Pupil.left_at.is_(None))
    counts = {is_draft: n for is_draft, n in db.session.execute(query.group_by(Pupil.is_draft))}
    return counts.get(False, 0), counts.get(True, 0)


def _to_enter(found: Round, school: Place) -> int:
    query = select(func.coalesce(func.sum(Sheet.written), 0)).where(Sheet.round_id == found.id)
    query = query.where(Sheet.school_id == school.id, Sheet.in_scope, Sheet.state == SheetState.PASSED)
    return db.session.scalar(query) or 0


def _window_state(facts: Facts) -> str:
    windows = [w for w in (facts.export, facts.entry) if w]
    return DONE if any(w.is_open or w.is_past for w in windows) else CLOSED


def _code_state(facts: Facts) -> str:
    if facts.unlocked:
        return DONE
    ahead = [w for w in (facts.export, facts.entry) if w and not w.is_past]
    return OPEN if ahead else CLOSED


def _roster_state(facts: Facts) -> str:
    if facts.drafts:
        return NEEDS
    return DONE if facts.in_scope else OPEN


def _doubts_state(facts: Facts) -> str:
    if not facts.in_scope:
        return CLOSED
    return NEEDS if facts.doubts.unseen else DONE


def _print_state(facts: Facts) -> str:
    if facts.in_scope and not facts.to_print and not facts.to_hand_out:
        return DONE
    if facts.to_hand_out and not facts.running:
        return NEEDS
    may_print = facts.unlocked and facts.export and facts.export.is_open and facts.in_scope
    return OPEN if may_print else CLOSED


def _logins_state(facts: Facts) -> str:
    if not facts.classes:
        return CLOSED
    if facts.named < facts.classes:
        return OPEN
    return DONE


def _findings_state(facts: Facts) -> str:
    if facts.findings.is_done:
        return DONE
    return NEEDS if facts.findings.to_do else OPEN if facts.pupils else CLOSED


def _proofs_state(facts: Facts) -> str:
    if facts.proofs.refused:
        return NEEDS
    return CLOSED if not facts.pupils else DONE if facts.proofs.is_done else OPEN


def _returned_state(facts: Facts) -> str:
    issued, received = facts.counts[Measure.ISSUED], facts.counts[Measure.RECEIVED]
    if not issued:
        return CLOSED
    return DONE if received >= facts.counts[Measure.EXPECTED] else OPEN


def _entry_state(facts: Facts) -> str:
    if facts.by_state[SheetState.PASSED]:
        return OPEN if facts.entry and facts.entry.is_open and facts.unlocked else CLOSED
    return _finished(facts, Measure.ENTERED)


def _applications_state(facts: Facts) -> str:
    found = facts.applications
    if found["refused"]:
        return NEEDS
    if found["draft"] or found["waiting"]:
        return OPEN
    return DONE if found["ended"] and not found["leader"] and not found["authority"] else CLOSED


def _approval_state(facts: Facts) -> str:
    if facts.by_state[SheetState.CHECKED] or facts.by_state[SheetState.ENTERED]:
        return OPEN
    return _finished(facts, Measure.VERIFIED)


def _finished(facts: Facts, measure: Measure) -> str:
    """Done when everybody counts, else nothing can be done just now."""
    expected = facts.counts[Measure.EXPECTED]
    return DONE if expected and facts.counts[measure] >= expected else CLOSED


def _registry_state(facts: Facts) -> str:
    due, waiting, taken = facts.registry
    if due:
        return OPEN
    return NEEDS if waiting else DONE if taken else CLOSED


def _archive_state(facts: Facts) -> str:
    ready, filed = facts.by_state[SheetState.VERIFIED], facts.by_state[SheetState.ARCHIVED]
    is_over = today() > facts.ends
    if filed and filed == facts.in_scope or is_over and filed and not ready:
        return DONE
    return OPEN if ready and (is_over or ready + filed == facts.in_scope) else CLOSED


_STATE_OF = {
    "window": _window_state,
    "code": _code_state,
    "roster": _roster_state,
    "doubts": _doubts_state,
    "print": _print_state,
    "logins": _logins_state,
    "findings": _findings_state,
    "proofs": _proofs_state,
    "returned": _returned_state,
    "entry": _entry_state,
    "applications": _applications_state,
    "approval": _approval_state,
    "registry": _registry_state,
    "archive": _archive_state,
}
