"""The pupils of a class in their order, and the rows of a roster to correct for whoever sent it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Pupil, db
from portal.rules.problems import sentence
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import roster_view, roster_workbook
from portal.services.history import record
from portal.services.lists import find, seat_order
from portal.services.refusals import NotFound, NotYours, TooLate
from portal.services.rosters import DISCARDED
from portal.services.rosters import find as find_import


def class_of(actor: Actor, class_id: UUID) -> Place:
    """A class of the actor's school; raises `NotFound` for every other id."""
    place = find(actor, Place, class_id)
    if place.level != Level.CLASS:
        raise NotFound
    return place


def pupils_of(class_id: UUID, drafts: bool = False) -> list[Pupil]:
    """The pupils of a class who have not left, by the number within the class, then by name."""
    query = select(Pupil).where(Pupil.class_id == class_id, Pupil.left_at.is_(None), Pupil.is_draft.is_(drafts))
    return sorted(db.session.scalars(query), key=lambda pupil: seat_order(pupil.record))


def export_faults(actor: Actor, import_id: UUID, translate: Callable[[str], str], lang: str) -> tuple[str, bytes]:
    """(file name, .xlsx) of the rows of a preview that need correcting, with the wrong cells marked. Commits the step.

    `translate` is the gettext function of the reader's language. `TooLate` when the preview is gone; `NotYours` for
    everybody but who sent the file: it gives back what one has, and is no way to what others have (sec-A35).
    """
    row = find_import(actor, import_id)
    if actor.user_id is None or row.by_id != actor.user_id:
        raise NotYours(N_("这份名册是别人传的，里面有完整的号码，只有传的人能下载。您可以请他下载，或者自己再传一次。"))
    if row.report is None or row.state == DISCARDED:
        raise TooLate(N_("这份名册已经放下了，请重新上传。"))
    report = row.report
    faults: dict[int, dict[str, str]] = {}
    for told in report["faults"]:
        words = sentence(roster_view.problem_of(told), translate, lang)
        place = faults.setdefault(told["row"], {})
        item = told["item"] or ""
        place[item] = f"{place[item]} {words}" if item in place else words
    content = _corrections(report, faults)
    record(actor, row, "FETCH_FAULTS", row.school_id, path=actor.path, rows=len(faults))
    db.session.commit()
    return f"{actor.path.split('/')[-2]}-{row.made_at:%Y%m%d}.xlsx", content


def _corrections(report: dict[str, Any], faults: dict[int, dict[str, str]]) -> bytes:
    items: Sequence[str] = list(report["letters"])
    rows = [(number, texts) for number, texts in report["around"] if number in faults]
    return roster_workbook.corrections(rows, items, faults)
