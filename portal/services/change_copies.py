"""Copies of a file for the registry: marked, numbered and locked like every export.

Nobody releases them once more: each change in the file was verified by the school's leader or granted by the authority,
so that a second person has decided about every line (docs/decisions, what counts as an export).
"""

from __future__ import annotations

import io
from uuid import UUID

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.models import ChangeFile, Export, Pupil, db, keyring
from portal.rules.exports import LIFE, Kind, Purpose, State
from portal.rules.items import ITEMS
from portal.rules.roles import Actor
from portal.services import change_files, export_marks, export_numbers, lists
from portal.services.export_marks import Mark
from portal.services.history import record
from portal.services.roster_school import pieces

_PURPOSE = {"code": Purpose.REGISTRY.value, "words": "交给学籍系统"}


def ask(actor: Actor, file_id: UUID) -> Export:
    """A copy for this person, to be built at once and fetched within a day. Commits; `NotFound`."""
    file = lists.find(actor, ChangeFile, file_id)
    export = numbered(actor, file)
    export.state, export.ends_at = State.BUILDING, export.asked_at + LIFE
    told = export_numbers.told(export) | {"file": file.number}
    record(actor, export, "ASK_EXPORT", export.place_id, states=(None, State.BUILDING), **told)
    db.session.commit()
    return export


def numbered(actor: Actor, file: ChangeFile, words: str = "") -> Export:
    """The number of a copy; the caller commits."""
    purpose = _PURPOSE | ({"words": words} if words else {})
    return export_numbers.new(actor, Kind.CHANGES, {"numbers": True, "file": file.id.hex}, purpose)


def file_of(export: Export) -> ChangeFile:
    """The change file that an export is a copy of."""
    return db.session.get_one(ChangeFile, UUID(export.choice["file"]))


def made(file: ChangeFile, mark: Mark) -> tuple[bytes, list[UUID], int]:
    """(the workbook with a mark, ids of its pupils, rows it holds)."""
    data = export_marks.stamped(change_files.content_of(file), mark)
    numbers = _numbers_in(data)
    return data, _pupils(numbers), len(numbers)


def _numbers_in(data: bytes) -> list[str]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    column = rows[0].index(ITEMS["student_number"].name_zh)
    return [str(row[column]) for row in rows[1:]]


def _pupils(numbers: list[str]) -> list[UUID]:
    index, ids = keyring().blind_index("pupil.student_number"), []
    for some in pieces([index(number) for number in numbers]):
        ids += list(db.session.scalars(select(Pupil.id).where(Pupil.number_index.in_(some))))
    return ids
