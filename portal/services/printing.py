"""Printing confirmation sheets: only unlocked and inside the window (R94), as a job that can be left and stopped.

A run first gets its leaves, then its pages, and only then, in one transaction, do the sheets move and the older leaves
become superseded. A worker that is killed in between leaves nothing but numbers that the next attempt uses.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from portal.jobs import LeaseLost, Running, enqueue, handler
from portal.models import Place, PrintRun, Sheet, Switch, db, key_for
from portal.models.data_keys import scope_of
from portal.paper.content import PrintReport
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.rules.workflow import MOVES, SheetMove, SheetState
from portal.services import leaves, photos, rounds, unlocking
from portal.services.history import record
from portal.services.lists import find, round_of
from portal.services.print_content import Printed, Selection, make_codes, printable, run_of, sheets_to_print
from portal.services.refusals import NotFound, NotYours, Refusal
from portal.services.sheets import move

_IN_MEMORY = 16 * 1024 * 1024


@dataclass(frozen=True)
class PrintedNow:
    """What `print_now` wrote: the run, its sheets in order as (student number, printed leaf number, first page)."""

    run: int
    pages_per_sheet: int
    sheets: list[tuple[str, str, int]]
    seconds: float
    peak_mb: float


def start_run(actor: Actor, chosen: Selection) -> PrintRun:
    """Queue a print run and return its row. Commits.

    Raises `TooLate` while the school is locked or the export switch closed, `Refusal` when nothing can be printed,
    `NotFound` for a class or sheet of another school.
    """
    run = _new_run(actor, chosen)
    arguments = {"run": run.id.hex}
    run.job_id = enqueue(db.session, "print_sheets", arguments, run.path, actor.user_id, of=run.sheets)
    db.session.commit()
    return run


def print_now(actor: Actor, chosen: Selection, out: BinaryIO) -> PrintedNow:
    """Print into `out` at once, for a command; the same run, checks and moves as for a screen. Commits."""
    run = _new_run(actor, chosen)
    db.session.commit()
    run_id, number = run.id, run.number
    try:
        done, report = _write(run, out)
        _complete(run_id, done, report)
    except BaseException:
        _give_up(run_id)
        raise
    pages = zip(done.student_numbers, done.leaves, report.first_pages, strict=True)
    return PrintedNow(
        number,
        report.pages_per_sheet,
        [(student_number, leaf_text(leaf), first) for student_number, leaf, first in pages],
        round(report.seconds, 2),
        peak_mb(),
    )


def peak_mb() -> float:
    """The most memory this process has held so far, in MiB; printing starts no other."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def require_may_print(school: Place, round_id: UUID) -> None:
    """Raise `TooLate` unless unlocked and inside the export window; the entry switch does not matter (R94, R95)."""
    rounds.require_open(round_id, school.path, Switch.EXPORT)
    unlocking.require_unlocked(school.id, round_id)


def obstacle(actor: Actor) -> Refusal | None:
    """Why the actor's school cannot print now, or None."""
    try:
        require_may_print(db.session.get_one(Place, actor.place_id), round_of(actor).id)
    except Refusal as refusal:
        return refusal
    return None


def _new_run(actor: Actor, chosen: Selection) -> PrintRun:
    if actor.level != Level.SCHOOL:
        raise NotYours(N_("确认表由学校自己打印。"))
    found = round_of(actor)
    _require_inside(actor, chosen)
    # runs of one school are numbered one after the other
    school = db.session.scalars(select(Place).where(Place.id == actor.place_id).with_for_update(key_share=True)).one()
    require_may_print(school, found.id)
    ids = printable(school.id, found.id, chosen)
    if not ids:
        raise Refusal(N_("选的学生里没有可以打印的确认表：可能不在本轮核查，或者已经核实完了。"))
    if chosen.sheet_ids and len(ids) != len(set(chosen.sheet_ids)):
        raise Refusal(N_("勾选的学生里有不能打印的，请刷新页面再选。"))
    last = select(func.max(PrintRun.number)).where(PrintRun.school_id == school.id, PrintRun.round_id == found.id)
    run = PrintRun(
        round_id=found.id,
        school_id=school.id,
        path=school.path,
        number=(db.session.scalar(last) or 0) + 1,
        by_id=actor.user_id,
        selection=chosen.as_json(),
        sheets=len(ids),
    )
    db.session.add(run)
    record(actor, run, "START_PRINT", school.id, sheets=len(ids))
    return run


def _require_inside(actor: Actor, chosen: Selection) -> None:
    for class_id in chosen.class_ids:
        if find(actor, Place, class_id).level != Level.CLASS:
            raise NotFound
    for sheet_id in chosen.sheet_ids:
        find(actor, Sheet, sheet_id)


@handler("print_sheets")
def print_in_job(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job of a run. What an earlier attempt made ready is used again; a stopped run keeps nothing."""
    run = db.session.get(PrintRun, UUID(arguments["run"]))
    if run is None or run.state == "cancelled":
        raise LeaseLost(running.job.id)
    run_id = run.id
    if run.state != "printing":
        run.state = "printing"
        db.session.commit()
    try:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(_spool())) as file:
            done, report = _write(run, cast(BinaryIO, file), running.progress)
            file.seek(0)
            address = _keep(run_id, cast(BinaryIO, file))
        _complete(run_id, done, report, address, running)
    except LeaseLost:
        _undo_if_cancelled(run_id)
        raise
    return {"sheets": len(done.sheet_ids)}


def _spool() -> Path:
    """Where a growing file may wait without a name, readable by nobody else."""
    folder = Path(current_app.extensions["portal.settings"].var) / "spool"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _write(
    run: PrintRun, out: BinaryIO, on_progress: Callable[[int], None] | None = None
) -> tuple[Printed, PrintReport]:
    run_id, school_id, done = run.id, run.school_id, Printed()
    ids = printable(school_id, run.round_id, Selection.of_json(run.selection))
    make_codes(ids)
    numbers = leaves.leaves_for(run_id, ids)
    texts = run_of(db.session.get_one(PrintRun, run_id))
    content = sheets_to_print(school_id, numbers, done)
    from portal.paper.printing import print_sheets  # only who prints loads the layout engine

    return done, print_sheets(content, texts, out, photos.paper_key(), on_progress)


def _keep(run_id: UUID, file: BinaryIO) -> str:
    """Put the finished file into the store, sealed with the key of school and round."""
    run = db.session.get_one(PrintRun, run_id)
    number, key = key_for(run.school_id, run.round_id)
    scope = scope_of(run.school_id, run.round_id)
    db.session.commit()
    return photos.store().put(scope, file, key, number).address


def _complete(
    run_id: UUID,
    done: Printed,
    report: PrintReport,
    address: str | None = None,
    running: Running | None = None,
) -> None:
    """One transaction: the job ends, the leaves come into force, every sheet moves, the report is kept. Commits."""
    if running is not None:
        running.done(db.session, {"sheets": len(done.sheet_ids)})
    run = db.session.scalars(select(PrintRun).where(PrintRun.id == run_id).with_for_update()).one()
    actor, numbers = _asker(run), dict(zip(done.sheet_ids, done.leaves, strict=True))
    sheets = [s for s in _locked(done.sheet_ids) if (SheetState(s.state), SheetMove.PRINT) in MOVES]
    leaves.put_in_force(sheets, run_id, numbers)
    for sheet in sheets:
        move(actor, sheet, SheetMove.PRINT, run=run.number)
    run.state, run.address, run.sheets = "done", address, len(sheets)
    run.report = _report(done, report)
    record(actor, run, "PRINT", run.school_id, sheets=len(sheets))
    db.session.commit()


def _asker(run: PrintRun) -> Actor:
    """Who asked for the run, so that the steps name the person and not the worker."""
    school = db.session.get_one(Place, run.school_id)
    return Actor(run.by_id, None, Role.REGISTRAR, Level.SCHOOL, school.id, school.path, "", school.name)


def _locked(sheet_ids: Sequence[UUID]) -> list[Sheet]:
    found: list[Sheet] = []
    for start in range(0, len(sheet_ids), 500):
        part = select(Sheet).where(Sheet.id.in_(sheet_ids[start : start + 500])).order_by(Sheet.id)
        found += db.session.scalars(part.with_for_update())
    return found


def _report(done: Printed, report: PrintReport) -> dict[str, Any]:
    """What had to be cut and which characters no font has, by sheet; sealed, as it tells of people."""
    sheet_of = {n: i.hex for n, i in zip(done.student_numbers, done.sheet_ids, strict=True)}
    return {
        "pages_per_sheet": report.pages_per_sheet,
        "seconds": round(report.seconds, 2),
        "cut": [[sheet_of[number], item] for number, item in report.cut],
        "missing_glyphs": [[sheet_of[number], item, signs] for number, item, signs in report.missing_glyphs],
    }


def _give_up(run_id: UUID) -> None:
    """A command that could not finish: no sheet has moved, its leaves are void."""
    db.session.rollback()
    run = db.session.get(PrintRun, run_id)
    if run is not None and run.state != "done":
        run.state = "cancelled"
        leaves.revoke_run(run_id)
        db.session.commit()


def _undo_if_cancelled(run_id: UUID) -> None:
    db.session.rollback()
    run = db.session.get(PrintRun, run_id)
    if run is not None and run.state == "cancelled":
        leaves.revoke_run(run_id)
        db.session.commit()
