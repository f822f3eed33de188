"""What happens to print runs: watched, stopped, fetched, handed out, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update

from portal.jobs import Job
from portal.jobs import cancel as cancel_job
from portal.jobs import find as find_job
from portal.models import Leaf, Place, PrintRun, RegistrationCode, Sheet, User, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.services import leaves, place_settings, print_files
from portal.services.history import record
from portal.services.lists import find, round_of
from portal.services.print_checks import Finding, findings_in
from portal.services.print_content import Selection
from portal.services.printing import require_may_print
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import move_all

_LONGEST_COMMAND = timedelta(hours=1)
RUNNING, DONE, FAILED, STOPPED, ASKING = "running", "done", "failed", "stopped", "asking"
_ENDED = {
    RUNNING: N_("这一批是命令在打印，这里停不下来。"),
    FAILED: N_("这一批没有印成，已经停了。请重新打印。"),
    STOPPED: N_("这一批已经停了。"),
}


@dataclass(frozen=True)
class RunView:
    """One run as people see it: how far it is, what it printed, what became of its file."""

    id: UUID
    number: int
    state: str
    done: int
    total: int
    by: str
    at: datetime
    class_names: list[str] = field(default_factory=list)
    chosen_sheets: int = 0
    has_file: bool = False
    fetched_at: datetime | None = None
    kept_until: datetime | None = None
    handed_out_at: datetime | None = None
    note: str = ""
    to_hand_out: int = 0


def runs_of(actor: Actor, limit: int = 20) -> list[RunView]:
    """The newest runs of the actor's school in this round."""
    found = round_of(actor)
    query = select(PrintRun).where(PrintRun.school_id == actor.place_id, PrintRun.round_id == found.id)
    return [_view(run) for run in db.session.scalars(query.order_by(PrintRun.number.desc()).limit(limit))]


def run_view(actor: Actor, run_id: UUID) -> RunView:
    """One run of the actor's school."""
    return _view(find(actor, PrintRun, run_id))


def _view(run: PrintRun) -> RunView:
    job = find_job(db.session, run.job_id) if run.job_id else None
    chosen, by = Selection.of_json(run.selection), db.session.get(User, run.by_id) if run.by_id else None
    classes = db.session.scalars(select(Place).where(Place.id.in_(chosen.class_ids)).order_by(Place.path))
    state = _state(run, job)
    return RunView(
        id=run.id,
        number=run.number,
        state=state,
        done=run.sheets if state == DONE else (job.progress if job else 0),
        total=run.sheets,
        by=by.name if by else "",
        at=run.at,
        class_names=[c.name for c in classes],
        chosen_sheets=len(chosen.sheet_ids),
        has_file=print_files.is_there(run),
        fetched_at=run.fetched_at,
        kept_until=print_files.kept_until(run),
        handed_out_at=run.handed_out_at,
        note=job.note if job and state == FAILED else "",
        to_hand_out=len(_printed_sheets(run.id)) if state == DONE else 0,
    )


def _state(run: PrintRun, job: Job | None) -> str:
    if run.state in (DONE, ASKING):
        return run.state
    if run.state == "cancelled":
        return STOPPED
    if job is None:  # printed by a command, which ends its run itself unless it was killed
        return RUNNING if now() - run.at < _LONGEST_COMMAND else STOPPED
    return FAILED if job.state == "failed" else RUNNING


def findings_of(actor: Actor, run_id: UUID) -> list[Finding]:
    """What could not be printed as it is, or what cannot be while the run waits for a person."""
    return findings_in(find(actor, PrintRun, run_id).report)


def cancel_run(actor: Actor, run_id: UUID) -> None:
    """Stop a run that is not finished: no sheet has moved, its leaves are void. Commits. `TooLate` when it is done."""
    run = find(actor, PrintRun, run_id)
    if not _waits(run) and (run.job_id is None or not cancel_job(db.session, run.job_id)):
        db.session.rollback()
        state = _state(run, find_job(db.session, run.job_id) if run.job_id else None)
        raise TooLate(_ENDED.get(state, N_("这一批已经印好了，停不下来。不要的话，不下发就行。")))
    run.state = "cancelled"
    leaves.revoke_run(run.id)
    record(actor, run, "CANCEL_PRINT", run.school_id)
    db.session.commit()


def _waits(run: PrintRun) -> bool:
    """Does the run wait for a person, and nobody else just now? Locks it then; a job's row is always locked first."""
    if run.state != ASKING:
        return False
    db.session.refresh(run, with_for_update=True)
    if run.state == ASKING:
        return True
    db.session.rollback()
    return False


def fetch_file(actor: Actor, run_id: UUID, address: str | None = None) -> tuple[str, bytes]:
    """(file name, PDF) of a finished run for a client address, again for an hour after the first time unless it is
    handed out before; each time is written down (D3).

    Bound to the same conditions as printing (R94, D4). Commits. `TooLate` once the file is gone.
    """
    run = find(actor, PrintRun, run_id)
    school = db.session.get_one(Place, run.school_id)
    require_may_print(school, run.round_id)
    place_settings.require_may_print_from(run.path, address)
    content = print_files.content(run)
    run.fetched_at = run.fetched_at or now()
    record(actor, run, "FETCH_SHEETS", run.school_id)
    db.session.commit()
    return f"{school.code}-{run.number:02d}.pdf", content


def hand_out_run(actor: Actor, run_id: UUID) -> int:
    """The papers of a run have gone to the families: printed sheets become issued, codes come alive. Commits."""
    run = find(actor, PrintRun, run_id)
    if run.state != "done":
        raise TooLate(N_("这一批还没有印好，不能下发。"))
    ids = _printed_sheets(run.id)
    if not ids and run.handed_out_at is not None:
        raise TooLate(N_("这一批已经下发过了。"))
    if not ids:
        raise TooLate(N_("这一批里没有要下发的表：都已经作废，或者用后来的一批下发了。"))
    return _hand_out(actor, ids, {run.id})


def hand_out_classes(actor: Actor, class_ids: Iterable[UUID]) -> int:
    """The printed papers of whole classes have gone out. Commits; returns how many sheets moved."""
    found = round_of(actor)
    rows: list[Any] = []
    for class_id in class_ids:
        class_ = find(actor, Place, class_id)
        if class_.level != Level.CLASS:
            raise NotFound
        rows += db.session.execute(_ready().where(Sheet.round_id == found.id, Sheet.class_id == class_.id))
    if not rows:
        raise Refusal(N_("选的班里没有印好、还没下发的确认表。"))
    return _hand_out(actor, [sheet_id for sheet_id, _ in rows], {run_id for _, run_id in rows})


def _hand_out(actor: Actor, sheet_ids: list[UUID], run_ids: set[UUID]) -> int:
    locked = select(Sheet).where(Sheet.id.in_(sheet_ids)).order_by(Sheet.id).with_for_update()
    sheets = [sheet for sheet in db.session.scalars(locked) if sheet.state == SheetState.PRINTED]
    moved = move_all(actor, sheets, SheetMove.ISSUE)
    db.session.flush()
    for run in db.session.scalars(select(PrintRun).where(PrintRun.id.in_(run_ids))):
        if not _printed_sheets(run.id):
            run.handed_out_at = run.handed_out_at or now()
            record(actor, run, "HAND_OUT", run.school_id, sheets=moved)
    db.session.commit()
    for run_id in run_ids:
        print_files.remove_spent(run_id)
    return moved


def _ready() -> Select[UUID, UUID]:
    """(sheet, run) of every sheet that is printed, not handed out yet, and whose leaf is in force."""
    query = select(Sheet.id, Leaf.run_id).join(Leaf, Leaf.number == Sheet.leaf_number)
    return query.where(Leaf.revoked_at.is_(None), Sheet.state == SheetState.PRINTED)


def ready_by_class(round_id: UUID, school_id: UUID) -> Counter[UUID]:
    """Class -> how many printed sheets in scope can be handed out now; those of a batch taken back cannot."""
    ready = _ready().where(Sheet.round_id == round_id, Sheet.school_id == school_id, Sheet.in_scope)
    counts = ready.with_only_columns(Sheet.class_id, func.count()).group_by(Sheet.class_id)
    return Counter({class_id: n for class_id, n in db.session.execute(counts)})


def _printed_sheets(run_id: UUID) -> list[UUID]:
    return list(db.session.scalars(_ready().where(Leaf.run_id == run_id)))


def revoke_run(actor: Actor, run_id: UUID, reason: str) -> int:
    """Take a lost or stolen batch out of use: leaves and codes are void, the sheets must be printed again (sec-A3).

    Commits; returns how many leaves.
    """
    run = find(actor, PrintRun, run_id)
    if not reason.strip():
        raise Refusal(N_("请写明为什么作废，学校和教育局都会看到。"))
    if run.state != "done":
        raise TooLate(N_("这一批还没有印好，直接停下就行。"))
    in_use = select(Leaf.sheet_id).where(Leaf.run_id == run.id, Leaf.revoked_at.is_(None))
    sheet_ids = list(db.session.scalars(in_use))
    if not sheet_ids:
        raise TooLate(N_("这一批已经作废了。"))
    leaves.revoke_run(run.id)
    codes = update(RegistrationCode).where(RegistrationCode.sheet_id.in_(sheet_ids), RegistrationCode.live)
    db.session.execute(codes.where(RegistrationCode.claimed_at.is_(None)).values(live=False, code_sealed=None))
    record(actor, run, "REVOKE_RUN", run.school_id, reason=reason.strip(), leaves=len(sheet_ids))
    db.session.commit()
    print_files.remove_spent(run_id)
    return len(sheet_ids)
