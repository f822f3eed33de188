"""Bulk exports: no step is left out, none is done by the same person, and nothing leaves unmarked (sec-A35, R18)."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal.models import Export, Step, db
from portal.rules.clock import now
from portal.rules.exports import Kind, Purpose, State
from portal.rules.roles import Actor, Role
from portal.services import (
    export_building,
    export_files,
    export_locks,
    export_marks,
    exports,
)
from portal.services.exports import Wanted
from portal.services.refusals import TooLate
from tests.make import Make

WORDS = "五月体检，交社区医院"


def wanted(**changes: Any) -> Wanted:
    return Wanted(**{"kind": Kind.ROSTER, "purpose": Purpose.SERVICE, "words": WORDS} | changes)


def proven(actor: Actor, make: Make) -> Actor:
    make.sign_in_row(actor).proven_at = now()
    db.session.commit()
    return actor


class School:
    """A school with three pupils, its registrar and its leader."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.pupils = [make.pupil(class_seat_number=str(n)) for n in range(1, 4)]
        self.registrar = proven(make.actor(Role.REGISTRAR, make.school()), make)
        self.leader = make.actor(Role.LEADER, make.school())

    def asked(self, **changes: Any) -> Export:
        return exports.ask(self.registrar, wanted(**changes))

    def released(self, **changes: Any) -> Export:
        export = self.asked(**changes)
        return exports.release(self.leader, export.id, export.version)

    def built(self, **changes: Any) -> Export:
        export = export_files.build(self.registrar, self.released(**changes).id)
        assert export_building.build_now(export.id) == {"rows": 3}
        return export


@pytest.fixture
def school(make: Make) -> School:
    return School(make)


def test_from_asking_to_the_file(school: School) -> None:
    export = school.built(numbers=True, numbers_for="医院按证件号建档")
    assert export_files.sweep() == 0
    password = export_files.show_password(school.registrar, export.id)
    name, content = export_files.fetch(school.registrar, export.id)
    mark = export_marks.token_of(export.number)
    assert name == f"2199000001-{mark}.xlsx"
    with pytest.raises(export_locks.NotOpened):
        export_locks.opened(content, password[:-1])
    with pytest.raises(Exception, match="zip"):
        load_workbook(io.BytesIO(content))
    book = load_workbook(io.BytesIO(export_locks.opened(content, password)))
    _seen_mark(book, mark, school.registrar.name)
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert [row[2] for row in rows] == [pupil.record["student_number"] for pupil in school.pupils]
    kept = db.session.get_one(Export, export.id)
    assert (kept.state, kept.rows, kept.address, kept.password) == (State.FETCHED, 3, None, None)
    assert kept.digest == hashlib.sha256(content).digest()
    assert kept.pupils == [pupil.id.hex for pupil in school.pupils]
    moves = [step.move for step in db.session.scalars(select(Step).where(Step.thing_id == export.id).order_by(Step.at))]
    assert moves == [
        "ASK_EXPORT", "RELEASE_EXPORT", "BUILD_EXPORT", "EXPORT_BUILT", "SHOW_EXPORT_PASSWORD", "FETCH_EXPORT"
    ]  # fmt: skip
    with pytest.raises(TooLate):
        export_files.fetch(school.registrar, export.id)


def _seen_mark(book: Any, mark: str, name: str) -> None:
    page = book.active
    for text in (
        page.cell(1, 1).value,
        page.oddHeader.left.text + page.oddHeader.right.text,
        book.properties.description,
    ):
        assert mark in text
        assert name in text
        assert "试验市第一小学" in text
    assert WORDS in page.cell(1, 1).value
    assert book.properties.keywords == mark
    assert book.custom_doc_props["export"].value == mark
