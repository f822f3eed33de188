"""What an export holds: the workbook of each kind with its mark, and the pupils it is about."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.models import Export, Place, Unlisted, db
from portal.rules.exports import Kind, masked
from portal.rules.roles import Level
from portal.services import change_copies, export_marks, findings_files, lists, roster_export, roster_workbook
from portal.services.export_marks import Mark


@dataclass(frozen=True)
class Content:
    """A finished workbook: bytes, the ids of the people in it, and how many filled rows its first page must have."""

    data: bytes
    pupils: list[UUID]
    rows: int


_LINE_AND_HEAD = 2


class Incomplete(RuntimeError):
    """A finished file has not as many rows as it should (sec-R18)."""


def make(export: Export, at: datetime) -> Content:
    """The workbook of an export that was released, made at a moment; `Incomplete` when rows are missing."""
    mark = export_marks.mark_of(export, at)
    made = _MAKERS[Kind(export.kind)](export, mark)
    if _rows_of(made.data) != made.rows:
        raise Incomplete(export.id.hex)
    return made


def _rows_of(data: bytes) -> int:
    """Filled rows of the first page, counted by the reader of rosters and not by what wrote them."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(any(cell != "" for cell in row) for row in book.get_sheet_by_index(0).to_python())


def place_of(export: Export) -> Place:
    """The school or class an export is about; what it was asked for when that is gone."""
    chosen = export.choice.get("place")
    return db.session.get(Place, UUID(chosen)) if chosen else db.session.get_one(Place, export.place_id)  # type: ignore[return-value]


def _roster(export: Export, mark: Mark) -> Content:
    place = place_of(export)
    classes = [place.id] if place.level == Level.CLASS else [one.id for one in lists.classes_of(place.id)]
    pupils = [pupil for class_id in classes for pupil in roster_export.pupils_of(class_id)]
    records = [pupil.record for pupil in pupils]
    if not export.choice.get("numbers"):
        records = [masked(record) for record in records]
    return Content(roster_workbook.roster(records, mark), [pupil.id for pupil in pupils], len(pupils) + _LINE_AND_HEAD)


def _registration(export: Export, mark: Mark) -> Content:
    school = db.session.get_one(Place, export.place_id)
    ids = [UUID(one) for one in export.choice["children"]]
    children = list(db.session.scalars(select(Unlisted).where(Unlisted.id.in_(ids))))
    data = findings_files.registration_book(school, children, mark)
    return Content(data, [child.id for child in children], len(children) + _LINE_AND_HEAD)


def _changes(export: Export, mark: Mark) -> Content:
    data, pupils, rows = change_copies.made(change_copies.file_of(export), mark)
    return Content(data, pupils, rows + 1)  # the line stands beside the head


_MAKERS = {Kind.ROSTER: _roster, Kind.REGISTRATION: _registration, Kind.CHANGES: _changes}


def file_name(export: Export) -> str:
    """Codes and numbers only: file names end up in histories and mails."""
    place = place_of(export)
    code = f"{place.parent.code}-{place.code}" if place.level == Level.CLASS and place.parent else place.code
    if export.kind == Kind.CHANGES:
        code = f"{code}-changes-{change_copies.file_of(export).number}"
    return f"{code}-{export_marks.token_of(export.number)}.xlsx"
