"""Change files on the screen: what is due, what was made and what became of it, names in part (12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import ChangeFile, User, db
from portal.rules.clock import now
from portal.rules.codes import printed
from portal.rules.items import ITEMS
from portal.rules.masks import mask_name, mask_pair
from portal.rules.roles import Actor
from portal.services import change_lines, lists
from portal.services.change_lines import Line

#: so many lines are shown; the file has them all
MOST_LINES = 200
_NUMBERS = ("id_number", "student_number19")


@dataclass(frozen=True)
class FileView:
    """A file as the screens show it. `state`: "waiting" for the registry, "taken" or "dropped"."""

    file_id: UUID
    number: int
    version: int
    state: str
    pupils: int
    items: int
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    receipt: str
    reason: str


@dataclass(frozen=True)
class LineView:
    """One changed item in words, the name in part."""

    class_name: str
    seat: str
    name: str
    item: str
    old: str
    new: str
    basis: str
    at: datetime


def files_of(actor: Actor) -> list[FileView]:
    """The files of the actor's school, the newest first."""
    query = select(ChangeFile).where(ChangeFile.school_id == actor.place_id).order_by(ChangeFile.number.desc())
    return _views(list(db.session.scalars(query)))


def file_of(actor: Actor, file_id: UUID) -> FileView:
    """One file of the actor's school; raises `NotFound`."""
    return view(lists.find(actor, ChangeFile, file_id))


def _views(files: list[ChangeFile]) -> list[FileView]:
    ids = {one for file in files for one in (file.made_by_id, file.taken_by_id, file.dropped_by_id) if one}
    people = db.session.scalars(select(User).where(User.id.in_(ids)))
    names: dict[UUID | None, str] = {user.id: user.name or "" for user in people}
    return [_view(file, names) for file in files]


def _view(file: ChangeFile, names: Mapping[UUID | None, str]) -> FileView:
    return FileView(
        file_id=file.id, number=file.number, version=file.version, state=state_of(file),
        pupils=file.rows, items=file.items, made_at=file.made_at, made_by=names.get(file.made_by_id, ""),
        ended_at=file.taken_at or file.dropped_at, ended_by=names.get(file.taken_by_id or file.dropped_by_id, ""),
        receipt=file.receipt or "", reason=file.reason or "",
    )  # fmt: skip


def view(file: ChangeFile) -> FileView:
    """One file as it is now."""
    return _views([file])[0]


def state_of(file: ChangeFile) -> str:
    """ "waiting", "taken" or "dropped"."""
    return "taken" if file.taken_at else "dropped" if file.dropped_at else "waiting"


def counts_of(actor: Actor) -> tuple[int, int, int]:
    """(changed items in no file yet, files the registry has not answered, files it has taken) of the school."""
    query = select(ChangeFile.taken_at).where(ChangeFile.school_id == actor.place_id, ChangeFile.dropped_at.is_(None))
    answers = list(db.session.scalars(query))
    taken_count = sum(one is not None for one in answers)
    return change_lines.count_due(actor, now()), len(answers) - taken_count, taken_count


def lines_of(actor: Actor, file_id: UUID, lang: str = "zh") -> list[LineView]:
    """What a file holds that stands; raises `NotFound`."""
    return in_words(actor, change_lines.lines_of_file(actor, lists.find(actor, ChangeFile, file_id)), lang)


def in_words(actor: Actor, lines: list[Line], lang: str = "zh") -> list[LineView]:
    """Lines for the screen by class and number, at most `MOST_LINES`."""
    people = change_lines.pupils_of({line.pupil_id for line in lines})
    classes = {place.id: (n, place.name) for n, place in enumerate(lists.classes_of(actor.place_id))}

    def place(line: Line) -> tuple[int, tuple[int, str], datetime]:
        pupil = people[line.pupil_id]
        return classes[pupil.class_id][0], seats[line.pupil_id], line.at

    records = {pupil_id: pupil.record for pupil_id, pupil in people.items()}
    seats = {pupil_id: lists.seat_order(known) for pupil_id, known in records.items()}
    shown = sorted(lines, key=place)[:MOST_LINES]
    return [_line(line, classes[people[line.pupil_id].class_id][1], records[line.pupil_id], lang) for line in shown]


def _line(line: Line, class_name: str, known: Mapping[str, str], lang: str) -> LineView:
    old, new = _shown(line, lang)
    seat, name = known.get("class_seat_number", ""), mask_name(known.get("name", ""))
    return LineView(class_name, seat, name, ITEMS[line.item].name(lang), old, new, line.basis, line.at)


def _shown(line: Line, lang: str) -> tuple[str, str]:
    """Old and new in words; of names and numbers only what differs."""
    item = ITEMS[line.item]
    if item.type in _NUMBERS or item.code.endswith("name"):
        return mask_pair(line.old, line.new, item.type not in _NUMBERS)
    return printed(line.item, line.old, lang), printed(line.item, line.new, lang)
