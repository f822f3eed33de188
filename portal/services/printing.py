"""Printing confirmation sheets: only unlocked and inside the window (R94), as a job that can be left and stopped.

What could not be printed as it is is looked for first; when there is any, the run waits for a person. Then it gets its
leaves, then its pages, and only then, in one transaction, do the sheets move and the older leaves become superseded. A
worker that is killed in between leaves nothing but numbers that the next attempt uses.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select

from portal.jobs import GiveUp, LeaseLost, Running, enqueue, handler
from portal.models import Place, PrintRun, Sheet, Switch, db
from portal.paper.content import PrintReport
from portal.paper.fontfile import FontError
from portal.rules.numbers import leaf_text
from portal.rules.roles import Actor, Level, Role
from portal.rules.words import N_
from portal.rules.workflow import MOVES, SheetMove, SheetState
from portal.services import leaves, photos, place_settings, print_checks, print_files, rounds, unlocking
from portal.services.history import record
from portal.services.lists import find, round_of
from portal.services.print_content import Printed, Selection, make_codes, printable, run_of, sheets_to_print
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.sheets import move

_NO_FONT = N_("服务器上缺打印用的字体，没有印成。请联系管理员。")


@dataclass(frozen=True)
class PrintedNow:
    """What `print_now` wrote: the run, its sheets in order as (student number, printed leaf number, first page)."""

    run: int
    pages_per_sheet: int
    sheets: list[tuple[str, str, int]]
    seconds: float
    peak_mb: float


def start_run(actor: Actor, chosen: Selection, address: str | None = None) -> PrintRun:
    """Queue a print run asked for from a client address, and return its row. Commits.

    Raises `TooLate` while the school is locked or the export switch closed, `NotYours` from a network where nothing
    is printed (D4), `Refusal` when nothing can be printed, `NotFound` for a class or sheet of another school.
    """
    place_settings.require_may_print_from(actor.path, address)
    run = _new_run(actor, chosen)
    _queue(run, actor)
    db.session.commit()
    return run


def go_on(actor: Actor, run_id: UUID, address: str | None = None) -> None:
    """Print a run although some of it will not be whole; its findings have been seen. Commits."""
    run = find(actor, PrintRun, run_id, lock=True)
    if run.state != "asking":
        raise TooLate(N_("这一批不用再点了，请刷新看看印到哪里。"))
    require_may_print(db.session.get_one(Place, run.school_id), run.round_id)
    place_settings.require_may_print_from(run.path, address)
    run.state = "queued"
    _queue(run, actor, agreed=True)
    record(actor, run, "PRINT_ANYWAY", run.school_id)
    db.session.commit()


def _queue(run: PrintRun, actor: Actor, **agreed: bool) -> None:
    arguments = {"run": run.id.hex, **agreed}
    run.job_id = enqueue(db.session, "print_sheets", arguments, run.path, actor.user_id, of=run.sheets)


def print_now(
    actor: Actor, chosen: Selection, out: BinaryIO, tell: Callable[[print_checks.Finding], None] | None = None
) -> PrintedNow:
    """Print into `out` at once, for a command on the server; the same run, checks and moves as for a screen. Commits.

    `tell` is told beforehand what will not be whole.
    """
    run = _new_run(actor, chosen)
    db.session.commit()
    run_id, number = run.id, run.number
    try:
        if tell is not None:
            for finding in print_checks.findings_in(print_checks.check(run)):
                tell(finding)
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


def obstacle(actor: Actor, address: str | None = None) -> Refusal | None:
    """Why the actor's school cannot print now from this client address, or None."""
    try:
        place_settings.require_may_print_from(actor.path, address)
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
    school = db.session.get_one(Place, actor.place_id, with_for_update={"key_share": True})
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
    run = db.session.get(PrintRun, UUID(arguments["run"]), with_for_update=True)  # who stops it was first, or waits
    if run is None or run.state == "cancelled":
        raise LeaseLost(running.job.id)
    run_id, run.state = run.id, "printing"
    db.session.commit()
    try:
        if not arguments.get("agreed"):
            found = print_checks.check(run, lambda: running.progress(0))
            if found["cut"] or found["missing_glyphs"]:
                return _ask(run_id, found, running)
        return _print(run_id, running)
    except FontError as missing:
        raise GiveUp(_NO_FONT) from missing
    except LeaseLost:
        _undo_if_cancelled(run_id)
        raise


def _ask(run_id: UUID, found: dict[str, Any], running: Running) -> dict[str, Any]:
    """Something cannot be printed whole: the job ends, the run waits for a person. Commits."""
    result = {"cut": len(found["cut"]), "missing_glyphs": len(found["missing_glyphs"])}
    db.session.rollback()
    running.done(db.session, result)
    run = db.session.scalars(select(PrintRun).where(PrintRun.id == run_id).with_for_update()).one()
    run.state, run.report = "asking", found
    db.session.commit()
    return result


def _print(run_id: UUID, running: Running) -> dict[str, Any]:
    with print_files.spool() as grown:
        file = cast(BinaryIO, grown)
        done, report = _write(db.session.get_one(PrintRun, run_id), file, running.progress)
        file.seek(0)
        address = print_files.keep(run_id, file)
    try:
        _complete(run_id, done, report, address, running)
    except LeaseLost:
        print_files.drop(run_id, address)
        raise
    return {"sheets": len(done.sheet_ids)}


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
    run.report = print_checks.report_of(done, report) | {
        "pages_per_sheet": report.pages_per_sheet,
        "seconds": round(report.seconds, 2),
    }
    record(actor, run, "PRINT", run.school_id, sheets=len(sheets))
    db.session.commit()


def _asker(run: PrintRun) -> Actor:
    """Who asked for the run, so that the steps name the person and not the worker."""
    school = db.session.get_one(Place, run.school_id)
    return Actor(run.by_id, None, Role.REGISTRAR, Level.SCHOOL, school.id, school.path, "", school.name)


def _locked(sheet_ids: Sequence[UUID]) -> list[Sheet]:
    """The sheets of a run, locked in the one order in which all runs lock them."""
    found: list[Sheet] = []
    ordered = sorted(sheet_ids)
    for start in range(0, len(ordered), 500):
        part = select(Sheet).where(Sheet.id.in_(ordered[start : start + 500])).order_by(Sheet.id)
        found += db.session.scalars(part.with_for_update())
    return found


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
