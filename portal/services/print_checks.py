"""What a run could not print as it is, found and named before anything is printed: cut values, missing characters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import PrintRun, Sheet, db
from portal.paper.content import Findings, PrintReport
from portal.rules.masks import mask_name
from portal.services import photos
from portal.services.print_content import Printed, Selection, printable, run_of, sheets_to_check

_AT_ONCE = 500


@dataclass(frozen=True)
class Finding:
    """Something that cannot be printed as it is: a cut value, or characters that no font has; the name is masked."""

    class_name: str
    seat: str
    name: str
    item: str
    signs: str = ""


def check(run: PrintRun, alive: Callable[[], None] | None = None) -> dict[str, Any]:
    """The report of a run before it is printed, as it is kept; `alive` is called for every sheet.

    Ends the session's transaction. FontError says what to install.
    """
    school_id, done = run.school_id, Printed()
    ids = printable(school_id, run.round_id, Selection.of_json(run.selection))
    texts = run_of(run)
    content = sheets_to_check(school_id, ids, done, alive)
    from portal.paper.checking import check_sheets  # only who prints loads the fonts

    return report_of(done, check_sheets(content, texts, photos.paper_key()))


def report_of(done: Printed, found: Findings | PrintReport) -> dict[str, Any]:
    """What had to be cut and which characters no font has, by sheet; sealed where it is kept, as it tells of people."""
    sheet_of = {n: i.hex for n, i in zip(done.student_numbers, done.sheet_ids, strict=True)}
    return {
        "cut": [[sheet_of[number], item] for number, item in found.cut],
        "missing_glyphs": [[sheet_of[number], item, signs] for number, item, signs in found.missing_glyphs],
    }


def findings_in(report: dict[str, Any] | None) -> list[Finding]:
    """What a report names, for people."""
    kept = report or {}
    rows = [(*row, "") for row in kept.get("cut", [])] + [tuple(row) for row in kept.get("missing_glyphs", [])]
    whose = _whose({UUID(sheet_id) for sheet_id, _, _ in rows})
    return [Finding(*whose[UUID(sheet_id)], item, signs) for sheet_id, item, signs in rows]


def _whose(sheet_ids: Collection[UUID]) -> dict[UUID, tuple[str, str, str]]:
    """Sheet -> class, seat and masked name; a school with long addresses has many of them."""
    ids, found = sorted(sheet_ids), {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(Sheet).options(joinedload(Sheet.pupil), joinedload(Sheet.class_))
        for sheet in db.session.scalars(query.where(Sheet.id.in_(ids[start : start + _AT_ONCE]))):
            values = sheet.pupil.record
            seat, name = values.get("class_seat_number", ""), mask_name(values.get("name", ""))
            found[sheet.id] = sheet.class_.name, seat, name
    return found
