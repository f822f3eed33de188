"""The leader's queue: pass sheets before entry, sign off the journal of a class, send back with a reason, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.workflow import SheetMove, SheetState
from portal.services import (
    application_sheets,
    decisions,
    entry,
    export_views,
    leader_queue,
    leading,
    maintenance_journal,
    pending,
    review_queue,
    sampling,
    transactions,
)
from portal.services import journal as journals
from portal.services.history import steps_of
from portal.services.leader_queue import Counts
from portal.services.refusals import NotFound, Refusal
from portal.staff import screens
from portal.staff.printing import posted_ids
from portal.web import guard, pictures
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

SHOWN = ("pass", "verify", "decided")


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.get("/queue")
@does(Action.PASS_SHEETS)
def queue() -> Response:
    """What waits for the leader, and the first of it open."""
    counts = leader_queue.counts(guard.actor())
    asked = request.args.get("show", "")
    return _show(asked if asked in SHOWN else _first(counts), counts)


def _first(counts: Counts) -> str:
    """What there is to do first; decisions that can be undone come last."""
    numbers = {"pass": counts.passing, "verify": counts.verifying, "decided": counts.decided}
    return next((show for show, n in numbers.items() if n), "pass")


def _show(show: str, counts: Counts | None = None, status: int = 200, **opened: Any) -> Response:
    """The page with one of its three lists; `opened` holds what is open on the right and what went wrong."""
    who = guard.actor()
    values: dict[str, Any] = {"rows": [], "classes": [], "decided": [], "opened": None, "journal": None, "wrong": None}
    values |= {"alone": False, "given": "", "missed": sampling.measured_at(who)} | opened
    if show == "pass":
        values["rows"] = leader_queue.to_pass(who)
        if values["opened"] is None and values["rows"]:
            values["opened"] = _opened(values["rows"][0].sheet_id)
    elif show == "verify":
        values["classes"] = leader_queue.to_sign(who)
        if values["opened"] is None and values["journal"] is None and values["classes"]:
            values["journal"] = journals.journal(who, values["classes"][0].class_id, _lang())
    else:
        values["decided"] = leader_queue.decided(who)
    values["ways"] = _ways(values["journal"])
    counts = counts or leader_queue.counts(who)
    last, lapsed = leader_queue.last_decided(who), leader_queue.lapsed(who)
    values["outside"] = maintenance_journal.waiting_count(who)
    values["applications"] = review_queue.waiting_count(who)
    values["exports"] = export_views.waiting_count(who)
    return page("staff/queue.html", status=status, show=show, counts=counts, last=last, lapsed=lapsed, **values)


def _ways(journal: journals.Journal | None) -> dict[UUID, application_sheets.Way]:
    """How the applications of a journal's items stand."""
    changed = journal.changed if journal else ()
    return application_sheets.ways_of([entry.change_id for one in changed for entry in one.entries])


def _opened(sheet_id: UUID) -> dict[str, Any]:
    """One sheet: what was written, what was entered, its way so far, and whether a decision waits on it."""
    sheet = leading.sheet_in_queue(guard.actor(), sheet_id)
    return {
        "sheet": sheet,
        "lines": entry.lines_of(sheet, _lang()),
        "steps": steps_of(sheet.id),
        "pending": sheet.id in pending.on([sheet.id]),
        "own": bool(leading.own_work(guard.actor().user_id, [sheet], leading.agreement_of(sheet))),
    }


@screens.get("/queue/<uuid:sheet_id>")
@does(Action.PASS_SHEETS)
def queue_sheet(sheet_id: UUID) -> Response:
    """One sheet beside its list: the page, what was written, what was entered, and the decision."""
    return _sheet(sheet_id)


def _sheet(sheet_id: UUID, refusal: Refusal | None = None, given: str = "") -> Response:
    if refusal is not None:
        if refusal.status == 404:
            raise refusal
        transactions.undo()
    opened = _opened(sheet_id)
    show = "verify" if opened["sheet"].state == SheetState.ENTERED else "pass"
    wrong = words(refusal) if refusal else None
    return _show(show, status=refusal.status if refusal else 200, opened=opened, alone=True, given=given, wrong=wrong)


@screens.get("/queue/journal/<uuid:class_id>")
@does(Action.VERIFY_SHEETS)
def queue_journal(class_id: UUID) -> Response:
    """The journal of a class (G6)."""
    return _show("verify", journal=journals.journal(guard.actor(), class_id, _lang()), alone=True)


@screens.post("/queue/pass")
@does(Action.PASS_SHEETS)
def queue_pass() -> Response:
    """Let the chosen sheets go to entry in ten minutes."""
    decisions.decide(guard.actor(), _versions(), SheetMove.PASS)
    return go("staff.queue", show="pass")


@screens.post("/queue/verify")
@does(Action.VERIFY_SHEETS)
def queue_verify() -> Response:
    """Sign off the chosen sheets of a journal."""
    decisions.decide(guard.actor(), _versions(), SheetMove.VERIFY)
    return go("staff.queue", show="verify")


def _versions() -> dict[UUID, int]:
    """The ticked sheets with the version each had on the screen; a text that is none does not exist."""
    try:
        pairs = [text.split(":") for text in request.form.getlist("sheet")]
        return {UUID(sheet_id): int(version) for sheet_id, version in pairs}
    except ValueError:
        raise NotFound from None


@screens.post("/queue/<uuid:sheet_id>/decide")
@does(Action.PASS_SHEETS)
def queue_decide(sheet_id: UUID) -> Response:
    """Yes or no to one sheet, then the next of the list; a refusal needs its opinion."""
    who, opinion = guard.actor(), request.form.get("opinion", "")
    sheet = leading.sheet_in_queue(who, sheet_id)
    version = request.form.get("version", -1, type=int)
    following = _following(sheet)
    try:
        if request.form.get("decision") == "yes":
            decisions.decide(who, {sheet_id: version}, leading.agreement_of(sheet), opinion)
        else:
            decisions.refuse(who, sheet_id, version, opinion, request.form.getlist("wrong"))
    except Refusal as refusal:
        return _sheet(sheet_id, refusal, opinion)
    return following


def _following(sheet: Any) -> Response:
    """On to the sheet below this one, or to the journal it stands in."""
    if sheet.state == SheetState.ENTERED:
        return go("staff.queue_journal", class_id=sheet.class_id)
    ids = [row.sheet_id for row in leader_queue.to_pass(guard.actor())]
    here = ids.index(sheet.id) if sheet.id in ids else -1
    rest = ids[here + 1 :] + ids[: max(here, 0)]
    return go("staff.queue_sheet", sheet_id=rest[0]) if rest else go("staff.queue")


@screens.post("/queue/undo")
@does(Action.PASS_SHEETS)
def queue_undo() -> Response:
    """Take decisions back while they are not due."""
    ids = posted_ids("sheet")
    decisions.undo(guard.actor(), ids)
    return go("staff.queue_sheet", sheet_id=ids[0]) if len(ids) == 1 else go("staff.queue")


@screens.get("/queue/change/<uuid:change_id>/crop.jpg")
@does(Action.PASS_SHEETS)
def sheet_crop(change_id: UUID) -> Response:
    """The handwriting of one item, for the leader."""
    return pictures.jpeg(entry.crop_of(guard.actor(), change_id))
