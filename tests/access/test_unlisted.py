"""Fields that a form does not have change nothing (sec-A44, sec-F9): every column of every table is sent along."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, Uuid

import portal
from portal.models import Base
from tests.access.door import SELF, Answer
from tests.access.rows import Matrix
from tests.access.test_forgery import unsafe

#: what is sent for a column, by its type; found again in whatever is written
SIGNS: dict[type, str] = {
    Boolean: "1",
    Integer: "987654321",
    Uuid: "5e5e5e5e-1111-4aaa-8bbb-777777777777",
    DateTime: "1999-09-09T09:09:09+00:00",
    Date: "1999-09-09",
    LargeBinary: "unlisted-bytes",
}
TEXT = "unlisted-7f"
_FOUND = re.compile(r"987654321|5e5e5e5e-?1111|1999-09-09|1999, 9, 9|unlisted-")


def columns(matrix: Matrix) -> dict[str, str]:
    """All names of columns, but for those that are names of fields, with a value of their type; and some more."""
    found: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind: Any = next((known for known in SIGNS if isinstance(column.type, known)), None)
            found[column.name] = SIGNS.get(kind, TEXT)
    more = {"is_admin": "1", "admin": "1", "roles": "SYSADMIN", "actor": TEXT, "user": SIGNS[Uuid], "_method": "PUT"}
    return {name: value for name, value in (found | more).items() if name not in _fields()}


def _fields() -> set[str]:
    """Names that some form asks for: read from the views and from the forms they build."""
    known = {"csrf_token"}
    for room in ("web", "staff", "teachers", "parents"):
        for path in (Path(portal.__file__).parent / room).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            known |= set(re.findall(r"request\.(?:form|values|files|args)\.\w+\(\"(\w+)\"", text))
            known |= set(re.findall(r"^    (\w+) = \w*Field\(", text, re.MULTILINE))
            known |= set(re.findall(r"\"(\w+)\" in request\.form", text))
    return known


def _acts(answer: Answer) -> list[str]:
    """What was written but for tries and refusals, of which not every one is written down."""
    return sorted(one for one in answer.changes if not any(f" {table} " in one[:40].replace('"', "") for table in SELF))


def test_no_form_takes_a_column_it_does_not_have(matrix: Matrix) -> None:
    sent, wrong, wrote = columns(matrix), [], 0
    assert {"role", "path", "epoch", "password_hash", "must_change", "leaf_number", "school_id"} & set(sent)
    for address, row in unsafe(matrix):
        token = matrix.world.tokens.get(row.actor)
        form = matrix.address(row)[1] or {}
        plain = matrix.door.ask(token, "POST", address, form)
        more = matrix.door.ask(token, "POST", address, sent | form)
        wrote += bool(plain.changes)
        if more.status != plain.status or _acts(more) != _acts(plain):
            wrong.append(f"{row}: {plain.status} {plain.written} became {more.status} {more.written}")
        elif _FOUND.search(more.values):
            wrong.append(f"{row}: wrote {_FOUND.findall(more.values)}")
    assert wrong == []
    assert wrote > 30, "the forms of the other tests reach too little"
