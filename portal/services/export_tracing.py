"""From a leaked file back to who took it: by its digest, by its mark, or by whose data it holds (sec-A36)."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.jobs.children import ChildError, Children
from portal.models import Export, Pupil, Unlisted, db, keyring
from portal.rules.exports import share
from portal.services import export_marks
from portal.services.history import record
from portal.services.roster_school import pieces

#: exports are listed that hold at least this part of the people found
_LEAST = 0.02
#: and one of them is taken for the source from this part on
ENOUGH = 0.5
_MOST_LISTED = 10
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[GJLgjl]?[0-9]{14,17}[0-9A-Za-z]{1,2}(?![0-9A-Za-z])")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,20}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-/.年]?\d\d?[-/.月]?\d\d?日?(?!\d)")
_SEXES = {"男": "1", "女": "2", "1": "1", "2": "2"}


@dataclass
class Candidate:
    """An export that a file may come from: `how` "digest", "mark" or "content"; `share` of the people found in the file
    who are in the export, `people` how many they are."""

    export: Export
    how: list[str] = field(default_factory=list)
    share: float = 0.0
    people: int = 0

    @property
    def is_source(self) -> bool:
        """Can one say that the file comes from here?"""
        return "digest" in self.how or "mark" in self.how or self.share >= ENOUGH


@dataclass(frozen=True)
class Traced:
    """What is known of a file. `forged`: marks that this deployment did not make; `rows` in which a person was found;
    `by_names`: no number was in it, people were told by their names; `unreadable`: why nothing could be read."""

    candidates: list[Candidate]
    forged: list[str]
    rows: int = 0
    by_names: bool = False
    unreadable: str = ""

    @property
    def is_ours(self) -> bool:
        return any(one.is_source for one in self.candidates)


@cache
def _readers() -> Children:
    return Children("portal.services.export_reading:entry", 1, memory_mb=700, seconds=60, wait=30)


def trace(data: bytes, password: str | None = None) -> Traced:
    """Where a file comes from. What was found is written down with the export. Commits."""
    found: dict[UUID, Candidate] = {}
    digest = hashlib.sha256(data).digest()
    for export in db.session.scalars(select(Export).where(Export.digest == digest)):
        _note(found, export, "digest")
    try:
        told, blobs = _readers().call(data, {"password": password})
    except ChildError:
        told, blobs = {"unreadable": "too large or too slow to be read"}, []
    forged = marked(found, [(number, check) for number, check in told.get("marks", [])])
    people, by_names = _people(json.loads(blobs[0])) if blobs else ([], False)
    _by_content(found, people)
    _keep(found.values())
    order = sorted(found.values(), key=lambda one: (one.is_source, "digest" in one.how, "mark" in one.how, one.share))
    return Traced(order[::-1][:_MOST_LISTED], forged, len(people), by_names, told.get("unreadable", ""))


def trace_mark(marks: list[tuple[int, str]]) -> Traced:
    """Where a paper comes from on which somebody has read a mark. Commits."""
    found: dict[UUID, Candidate] = {}
    forged = marked(found, marks)
    _keep(found.values())
    return Traced(list(found.values()), forged)


def marked(found: dict[UUID, Candidate], marks: Iterable[tuple[int, str]]) -> list[str]:
    """Add the exports of marks; gives the marks that are none of ours."""
    forged = []
    for number, check in marks:
        export = db.session.scalar(select(Export).where(Export.number == number))
        if export is None or export_marks.check_of(number) != check:
            forged.append(f"DC{number:06d}-{check}")
        else:
            _note(found, export, "mark")
    return forged


def _note(found: dict[UUID, Candidate], export: Export, how: str) -> Candidate:
    candidate = found.setdefault(export.id, Candidate(export))
    if how not in candidate.how:
        candidate.how.append(how)
    return candidate


def _keep(found: Iterable[Candidate]) -> None:
    for one in found:
        if one.is_source:
            record(None, one.export, "TRACE_EXPORT", one.export.place_id, number=one.export.number)
    db.session.commit()


def _people(rows: list[list[str]]) -> tuple[list[set[str]], bool]:
    """For each row in which somebody was found, who it may be: ids of pupils and of children without a record. Told by
    numbers where there are any, else by name with sex and birthday, else by the name alone."""
    numbers = [{number.upper() for cell in row for number in _NUMBER.findall(cell)} for row in rows]
    known = _by_index(Pupil.number_index, _index("pupil.student_number"), numbers)
    known += _by_index(Pupil.id_index, _index("pupil.id_number"), numbers)
    known += _by_index(Unlisted.id_index, _index("pupil.id_number"), numbers)
    found = _told(rows, known)
    if found:
        return found, False
    names = [{name for cell in row for name in _NAME.findall(cell)} for row in rows]
    persons = [
        {f"{name}|{sex}|{day}" for name in names[n] for sex in _sexes(row) for day in _days(row)}
        for n, row in enumerate(rows)
    ]
    found = _told(rows, _by_index(Pupil.person_index, _index("pupil.person"), persons))
    return found or _told(rows, _by_index(Pupil.name_index, _index("pupil.name"), names)), True


def _told(rows: list[list[str]], known: list[tuple[int, str]]) -> list[set[str]]:
    of_row: dict[int, set[str]] = defaultdict(set)
    for n, one in known:
        of_row[n].add(one)
    return [of_row[n] for n in range(len(rows)) if n in of_row]


def _index(column: str) -> Callable[[str], bytes]:
    return keyring().blind_index(column)


def _by_index(column: Any, index: Callable[[str], bytes], texts: list[set[str]]) -> list[tuple[int, str]]:
    """(row, id) of everybody whose indexed value stands in a row."""
    places: dict[bytes, list[int]] = defaultdict(list)
    for n, several in enumerate(texts):
        for text in several:
            places[index(text)].append(n)
    found = []
    for some in pieces(list(places)):
        for kept, one in db.session.execute(select(column, column.class_.id).where(column.in_(some))):
            found += [(n, one.hex) for n in places[kept]]
    return found


def _sexes(row: list[str]) -> set[str]:
    return {_SEXES[cell] for cell in row if cell in _SEXES}


def _days(row: list[str]) -> set[str]:
    days = set()
    for cell in row:
        for text in _DATE.findall(cell):
            parts = re.findall(r"\d+", text)
            days.add("".join(part.zfill(2) for part in parts))
    return days


def _by_content(found: dict[UUID, Candidate], people: list[set[str]]) -> None:
    """Add the exports that hold the people of a file, with their share."""
    if not people:
        return
    for export in db.session.scalars(select(Export).where(Export.pupils_sealed.is_not(None))):
        held = set(export.pupils)
        rows = [n for n, several in enumerate(people) if several & held]
        part = share(range(len(people)), rows)
        if part >= _LEAST:
            candidate = _note(found, export, "content")
            candidate.share, candidate.people = round(part, 3), len(rows)
