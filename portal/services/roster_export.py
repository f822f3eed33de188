"""Taking a class or a school along as a roster; who did it is written down (J1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Pupil, db
from portal.rules.problems import sentence
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import roster_view, roster_workbook
from portal.services.history import record
from portal.services.lists import classes_of, find, seat_order
from portal.services.refusals import NotFound, TooLate
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


def export_class(actor: Actor, class_id: UUID) -> tuple[str, bytes]:
    """(file name, .xlsx) of one class. Commits the step."""
    place = class_of(actor, class_id)
    return f"{actor.path.split('/')[-2]}-{place.code}.xlsx", _export(actor, place, [place])


def export_school(actor: Actor) -> tuple[str, bytes]:
    """(file name, .xlsx) of all classes of the actor's school. Commits the step."""
    school = db.session.get_one(Place, actor.place_id)
    return f"{school.code}.xlsx", _export(actor, school, classes_of(school.id))


def _export(actor: Actor, thing: Place, classes: Iterable[Place]) -> bytes:
    records = [pupil.record for place in classes for pupil in pupils_of(place.id)]
    record(actor, thing, "EXPORT_ROSTER", actor.place_id, pupils=len(records))
    content = roster_workbook.roster(records)
    db.session.commit()
    return content


def export_faults(actor: Actor, import_id: UUID, translate: Callable[[str], str], lang: str) -> tuple[str, bytes]:
    """(file name, .xlsx) of the rows of a preview that need correcting, with the wrong cells marked. Commits the step.

    `translate` is the gettext function of the reader's language. `TooLate` when the preview is gone.
    """
    row = find_import(actor, import_id)
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
