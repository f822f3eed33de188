"""Bulk exports: no step is left out, none is done by the same person, and nothing leaves unmarked (sec-A35, R18)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import select

from portal.files import BlobMissing
from portal.models import Export, Pupil, Step, User, db
from portal.rules.clock import now
from portal.rules.exports import Kind, Purpose, State, masked
from portal.rules.roles import Actor, Role
from portal.services import (
    appointing,
    export_building,
    export_content,
    export_files,
    export_locks,
    export_marks,
    export_views,
    exports,
    photos,
    second_resets,
)
from portal.services.exports import Wanted
from portal.services.refusals import NotFound, NotYours, TooLate
from portal.services.second_step import Unproven
from tests.exported import WORDS, proven
from tests.make import Make

#: sec-A24
FORMULAS = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://e")', "\t=1+1", "\r=1+1", "＝1+1",
    "＋1", "－1", "＠SUM(A1)", "'=1+1", '"=1+1', "{=1+1}", "\x00=1+1",
]  # fmt: skip


def wanted(**changes: Any) -> Wanted:
    return Wanted(**{"kind": Kind.ROSTER, "purpose": Purpose.SERVICE, "words": WORDS} | changes)


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


@pytest.mark.parametrize(
    ("words", "numbers_for"),
    [("", ""), ("　 导出 ", ""), ("字" * 81, ""), (WORDS, " "), (WORDS, "要")],
    ids=["nothing", "too short", "too long", "numbers for nothing", "numbers without words"],
)
def test_without_saying_what_for_nothing_is_asked(school: School, words: str, numbers_for: str) -> None:
    with pytest.raises(exports.Wrong):
        school.asked(words=words, numbers=bool(numbers_for), numbers_for=numbers_for)
    db.session.rollback()
    assert db.session.scalar(select(Export)) is None


def test_only_another_person_of_the_right_post_decides(school: School, make: Make) -> None:
    """sec-A15: who asked never does, nor anybody beside, below or above a school."""
    export = school.asked()
    # the same person as the leader of the school, too
    both = make.post(db.session.get_one(User, school.registrar.user_id), Role.LEADER, make.school())
    same = replace(school.registrar, role=Role.LEADER)
    other = make.school("2199000002", "试验市第二小学")
    for actor, refusal in (
        (same, NotYours),
        (school.registrar, NotYours),
        (make.actor(Role.REGISTRAR, make.school()), NotYours),
        (make.actor(Role.TEACHER, make.class_()), NotFound),
        (make.actor(Role.OPERATOR, make.school()), NotYours),
        (make.actor(Role.LEADER, other), NotFound),
        (make.actor(Role.LEADER, make.county()), NotFound),
        (make.actor(Role.REGISTRAR, make.province()), NotFound),
    ):
        with pytest.raises(refusal):
            exports.release(actor, export.id, export.version)
        db.session.rollback()
        with pytest.raises(refusal):
            exports.refuse(actor, export.id, export.version, "不要")
        db.session.rollback()
    assert both.role == Role.LEADER
    with pytest.raises(TooLate):
        exports.release(school.leader, export.id, export.version + 1)
    with pytest.raises(exports.Wrong):
        exports.refuse(school.leader, export.id, export.version, "  ")
    assert [one.mark for one in export_views.waiting_for(school.leader)] == [export_marks.token_of(export.number)]
    exports.refuse(school.leader, export.id, export.version, "用途写得不清楚")
    with pytest.raises(TooLate):
        exports.release(school.leader, export.id, export.version)
    assert export_views.view(school.registrar, export.id).reason == "用途写得不清楚"
    assert export_views.waiting_count(school.leader) == 0


def test_an_authority_asks_its_leader_or_the_level_above(school: School, make: Make) -> None:
    county = make.actor(Role.REGISTRAR, make.county())
    with pytest.raises(exports.Wrong):
        exports.ask(county, wanted())
    deciders = [
        make.actor(Role.LEADER, make.county()),
        make.actor(Role.LEADER, make.prefecture()),
        make.actor(Role.REGISTRAR, make.prefecture()),
    ]
    for decider in deciders:
        export = exports.ask(county, wanted(place_id=make.school().id))
        for wrong in (
            make.actor(Role.LEADER, make.province()),
            school.leader,
            make.actor(Role.REGISTRAR, make.county()),
        ):
            with pytest.raises((NotFound, NotYours)):
                exports.release(wrong, export.id, export.version)
            db.session.rollback()
        assert exports.release(decider, export.id, export.version).state == State.RELEASED
    with pytest.raises(NotFound):
        exports.ask(county, wanted(place_id=make.county("990102", "试验二区教育局").id))


def test_no_step_is_left_out_and_nobody_else_fetches(school: School, make: Make) -> None:
    """sec-A15, sec-A35: each step only after the one before, by the person who asked, with a fresh proof."""
    colleague = proven(make.actor(Role.REGISTRAR, make.school()), make)
    steps: list[Callable[[Actor, Any], Any]] = [export_files.build, export_files.show_password, export_files.fetch]
    export = school.asked()

    def refused(actor: Actor, refusal: type[Exception], acts: list[Callable[[Actor, Any], Any]]) -> None:
        for act in acts:
            with pytest.raises(refusal):
                act(actor, export.id)
            db.session.rollback()

    refused(school.registrar, TooLate, steps)
    exports.release(school.leader, export.id, export.version)
    refused(colleague, NotYours, steps)
    refused(school.leader, NotYours, steps)
    make.sign_in_row(school.registrar).proven_at = now() - timedelta(minutes=11)
    db.session.commit()
    refused(school.registrar, Unproven, steps)
    proven(school.registrar, make)
    export_files.build(school.registrar, export.id)
    refused(school.registrar, TooLate, steps)
    export_building.build_now(export.id)
    refused(school.registrar, TooLate, [export_files.fetch])  # the password comes first
    export_files.show_password(school.registrar, export.id)
    refused(school.registrar, TooLate, [export_files.show_password])
    # it was not copied: another file with another password, the first one is gone
    first = export.address
    export_files.build(school.registrar, export.id)
    export_building.build_now(export.id)
    assert first != export.address
    with pytest.raises(BlobMissing):
        photos.content_of(first or "", export.place_id, None)
    export_files.withdraw(school.registrar, export.id)
    assert (export.address, export.password, export.pupils) == (None, None, None)
    refused(school.registrar, TooLate, steps)


def test_after_a_day_the_file_is_gone(school: School) -> None:
    export, waits = school.built(), school.asked()
    address = export.address or ""
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        proven(school.registrar, school.make)
        with pytest.raises(TooLate):
            export_files.fetch(school.registrar, export.id)
        db.session.rollback()
        assert export_files.sweep() == 1
        assert export_views.view(school.registrar, export.id).state == State.ENDED
    assert db.session.get_one(Export, export.id).address is None
    with pytest.raises(BlobMissing):
        photos.content_of(address, export.place_id, None)
    with time_machine.travel(now() + timedelta(days=15), tick=False):
        assert export_views.waiting_count(school.leader) == 0
        assert export_files.sweep() == 1
    assert db.session.get_one(Export, waits.id).state == State.ENDED


def test_a_build_that_dies_leaves_nothing_to_fetch(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-R18: at each step of the way; the next attempt makes one whole file, and nothing else stays in the store."""
    export = export_files.build(school.registrar, school.released().id)
    ways = [(export_content, "make"), (export_locks, "locked"), (photos.store(), "put"), (export_building, "record")]
    for thing, name in ways:
        with monkeypatch.context() as patch:
            patch.setattr(thing, name, _dies)
            with pytest.raises(KeyboardInterrupt):
                export_building.build_now(export.id)
            db.session.rollback()
        with pytest.raises(TooLate):
            export_files.fetch(school.registrar, export.id)
        db.session.rollback()
    assert export_building.build_now(export.id) == {"rows": 3}
    assert [blob.address for blob in photos.store().walk()] == [export.address]


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_file_with_a_row_too_few_is_never_handed_over(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    export = export_files.build(school.registrar, school.released().id)
    whole = export_content.roster_workbook.roster
    monkeypatch.setattr(export_content.roster_workbook, "roster", lambda records, mark: whole(records[:-1], mark))
    with pytest.raises(export_content.Incomplete):
        export_building.build_now(export.id)


def test_who_was_sent_away_gets_no_file(school: School) -> None:
    """sec-A9: also when the job was already waiting."""
    export = export_files.build(school.registrar, school.released().id)
    db.session.get_one(User, school.registrar.user_id).ended_at = now()
    db.session.commit()
    assert export_building.build_now(export.id) == {}


def test_no_cell_is_a_formula_and_numbers_are_shown_in_part(school: School, make: Make) -> None:
    """sec-A24: sixteen values; the number also where it stands in another column than its own."""
    known = school.pupils[0].record
    for n, text in enumerate(FORMULAS):
        make.pupil(talent=text, class_seat_number=str(10 + n))
    make.pupil(talent=f"证件{known['id_number']}", class_seat_number="50")
    mark = export_marks.Mark("DC000001-00000", "=1+1", "@周试验", "+1 五月", "2026-05-01 09:30")
    records = [masked(pupil.record) for pupil in db.session.scalars(select(Pupil))]
    content = export_content.roster_workbook.roster(records, mark)
    cells = [cell for page in load_workbook(io.BytesIO(content)) for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.data_type == "n" and cell.value is not None]
    told = " ".join(str(cell.value) for cell in cells)
    for pupil in db.session.scalars(select(Pupil)):
        assert pupil.record["student_number"] not in told
        assert pupil.record["id_number"] not in told
    assert known["id_number"][:6] + "*" * 11 + known["id_number"][-1] in told


@pytest.mark.parametrize("how", ["made", "password", "second"])
def test_nobody_releases_with_a_login_that_the_asker_has_just_given(school: School, how: str, make: Make) -> None:
    """sec-A35, sec-A46: a registrar who resets the leader's password would be the second person as well."""
    asked = school.asked()
    leader = db.session.get_one(User, school.leader.user_id)
    if how == "made":
        leader = db.session.get_one(
            User, appointing.invite(school.registrar, make.school().id, Role.LEADER, "吴试").user_id
        )
    elif how == "password":
        appointing.reset(school.registrar, leader.id)
    else:
        leader.second_on_at = now()
        second_resets.reset(school.registrar, leader.id)
    second = replace(school.leader, user_id=leader.id)
    with pytest.raises(NotYours, match="刚给的"):
        exports.release(second, asked.id, asked.version)
    with time_machine.travel(now() + timedelta(days=3, minutes=1)):
        exports.release(second, asked.id, asked.version)
