"""An import in a running round: sheets follow their pupils, and every count follows the sheets (F1, F5, N2)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select, update

from portal.models import Change, LedgerEntry, Photo, Pupil, Sheet, db
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import figures, lists, rosters
from portal.services.refusals import NotFound, TooLate
from portal.services.roster_commit import Commit
from tests import roster_files as files
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


def bring_in(actor: Actor, people: list[dict[str, Any]]) -> None:
    rosters.confirm(actor, rosters.preview(actor, "a.csv", files.text(files.table(people))).id)


def sheet_of(person: dict[str, Any]) -> Sheet:
    sheets = db.session.scalars(select(Sheet))
    return next(sheet for sheet in sheets if sheet.pupil.record["student_number"] == person["student_number"])


def counts(make: Make, path: str) -> dict[str, int]:
    figures.fold_all()
    assert figures.recount(make.round().id) == []
    return {measure.value: n for measure, n in figures.counts_below(make.round().id, path).items() if n}


def in_next_class(person: dict[str, Any]) -> dict[str, Any]:
    return person | {"class_no": f"{person['class_no'][:5]}02"}


def reach(sheet: Sheet, state: SheetState) -> None:
    sheet.state, sheet.issued, sheet.received, sheet.readable = state, True, True, True
    db.session.commit()


def test_sheets_are_locked_before_their_pupils(make: Make, registrar: Actor) -> None:
    """As whoever enters a value does: the other way round each waits for the other, and PostgreSQL ends one of them."""
    people = files.records(2)
    bring_in(registrar, people)
    locked: list[str] = []

    def note(state: Any) -> None:
        if getattr(state.statement, "_for_update_arg", None) is not None:
            locked.append(state.statement.get_final_froms()[0].name)

    event.listen(db.session, "do_orm_execute", note)
    try:
        bring_in(registrar, [in_next_class(person) for person in people])
    finally:
        event.remove(db.session, "do_orm_execute", note)
    assert locked == ["place", "sheet", "pupil"]


def test_what_is_entered_at_the_last_moment_is_not_written_over(
    make: Make, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = files.records(1)
    bring_in(registrar, people)
    lock = Commit.lock

    def enters_before_it_is_locked(commit: Commit, plan: Any) -> None:
        db.session.execute(update(Pupil).values(version=Pupil.version + 1))
        lock(commit, plan)

    monkeypatch.setattr(Commit, "lock", enters_before_it_is_locked)
    with pytest.raises(TooLate, match="改了资料"):
        bring_in(registrar, [in_next_class(people[0])])
    db.session.rollback()
    assert db.session.scalars(select(Pupil)).one().class_.code == people[0]["class_no"]


def test_a_sheet_moves_with_its_pupil_and_is_counted_in_the_new_class_only(make: Make, registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people)
    sheet = sheet_of(people[0])
    reach(sheet, SheetState.CHECKED)
    old = sheet.path
    assert counts(make, old) == {"expected": 3, "issued": 1, "received": 1, "readable": 1, "checked": 1}
    people[0] = in_next_class(people[0])
    bring_in(registrar, people)
    assert sheet.class_.code == people[0]["class_no"]
    assert counts(make, old) == {"expected": 2}
    assert counts(make, sheet.path) == {"expected": 1, "issued": 1, "received": 1, "readable": 1, "checked": 1}
    assert counts(make, registrar.path)["expected"] == 3
    assert counts(make, make.province().path)["checked"] == 1


def test_a_sheet_that_moves_and_changes_at_once_is_counted_right(make: Make, registrar: Actor) -> None:
    people = files.records(2)
    bring_in(registrar, people)
    sheet = sheet_of(people[0])
    old, target = sheet.path, make.class_(make.school(), in_next_class(people[0])["class_no"])
    sheet.class_id, sheet.path = target.id, target.path
    sheet.state, sheet.issued = SheetState.ISSUED, True
    db.session.commit()
    assert counts(make, old) == {"expected": 1}
    assert counts(make, target.path) == {"expected": 1, "issued": 1}


def test_what_hangs_on_a_sheet_moves_too(make: Make, registrar: Actor) -> None:
    people = files.records(1)
    bring_in(registrar, people)
    sheet = sheet_of(people[0])
    scope = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path, "sheet_id": sheet.id}
    photo = Photo(address="a" * 64, size=1, receipt="0K3M9QX2", source="family", **scope)
    change = Change(item="phone", values={}, **scope)
    db.session.add_all([photo, change])
    db.session.commit()
    bring_in(registrar, [in_next_class(people[0])])
    assert {photo.path, change.path, sheet.path} == {sheet.pupil.path}
    teacher = make.actor(Role.TEACHER, sheet.class_)
    assert lists.find(teacher, Photo, photo.id) is photo
    before = make.actor(Role.TEACHER, make.class_(make.school(), people[0]["class_no"]))
    with pytest.raises(NotFound):
        lists.find(before, Photo, photo.id)


def test_a_status_takes_a_sheet_out_of_the_round_and_back_through_the_ledger(make: Make, registrar: Actor) -> None:
    people = files.records(2)
    bring_in(registrar, people)
    sheet = sheet_of(people[0])
    reach(sheet, SheetState.RECEIVED)
    bring_in(registrar, [people[0] | {"student_status": "02"}, people[1]])
    assert (sheet.in_scope, sheet.exclusion, sheet.pupil.status) == (False, "not_on_roll", "02")
    assert counts(make, registrar.path) == {"expected": 1}
    bring_in(registrar, people)
    assert (sheet.in_scope, sheet.exclusion) == (True, None)
    assert counts(make, registrar.path) == {"expected": 2, "issued": 1, "received": 1, "readable": 1}
    assert [entry.change for entry in db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.at))] == [-1, 1]


def test_new_pupils_get_sheet_and_ledger_row_with_who_brought_them(make: Make, registrar: Actor) -> None:
    people = files.records(4)
    bring_in(registrar, people[:3])
    people[3]["student_status"] = "02"
    bring_in(registrar, [*people, files.records(1, first=500)[0] | {"class_seat_number": ""}])
    [entry] = db.session.scalars(select(LedgerEntry))
    assert (entry.change, entry.by_id) == (1, registrar.user_id)
    assert db.session.get_one(Pupil, entry.pupil_id).path == entry.path
    assert sheet_of(people[3]).exclusion == "not_on_roll"
    assert counts(make, registrar.path) == {Measure.EXPECTED.value: 4}


def test_after_the_round_nothing_is_expected_any_more(make: Make, registrar: Actor) -> None:
    found = make.round()
    found.ends = found.begins
    db.session.commit()
    bring_in(registrar, files.records(2))
    assert db.session.scalars(select(Sheet)).all() == []
