"""Looking at a roster changes nothing; confirming it does all of it once, or nothing (R80, sec-X25, X26)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.models import LedgerEntry, Place, Pupil, RosterImport, Sheet, Step, db
from portal.rules.roles import Actor, Level, Role
from portal.services import figures, lists, photos, rosters, sheets
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.roster_files.refused import FileRefused
from tests import roster_files as files
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def look(actor: Actor, people: list[dict[str, Any]], name: str = "花名册.csv") -> RosterImport:
    return rosters.preview(actor, name, files.text(files.table(people)))


def bring_in(actor: Actor, people: list[dict[str, Any]], leave_out_bad: bool = False) -> RosterImport:
    return rosters.confirm(actor, look(actor, people).id, leave_out_bad)


def stored() -> dict[str, Pupil]:
    """Pupils by student number."""
    return {p.record["student_number"]: p for p in db.session.scalars(select(Pupil).where(Pupil.is_draft.is_(False)))}


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_looking_changes_no_pupil_and_no_class(registrar: Actor) -> None:
    row = look(registrar, files.records(3))
    assert row.report["counts"] == {
        "new": 3, "changed": 0, "unchanged": 0, "bad": 0, "faults": 0, "hints": 0, "gone": 0, "moved": 0,
    }  # fmt: skip
    assert (row.state, row.file_name, row.report["rows"]) == ("preview", "花名册.csv", 3)
    assert (count(Pupil), len(lists.classes_of(registrar.place_id))) == (0, 0)
    assert photos.store().exists(row.address)


def test_confirming_brings_in_every_pupil_with_class_and_step(registrar: Actor) -> None:
    people = files.records(3, class_size=2)
    row = bring_in(registrar, people)
    found = stored()
    assert {number: pupil.record for number, pupil in found.items()} == {p["student_number"]: p for p in people}
    classes = {c.code: c for c in lists.classes_of(registrar.place_id)}
    assert {c.name for c in classes.values()} == {"六年级（1）班", "五年级（1）班"}
    for person in people:
        pupil = found[person["student_number"]]
        assert pupil.class_id == classes[person["class_no"]].id
        assert pupil.path == f"{registrar.path}{person['class_no']}/"
        assert lists.find(registrar, Pupil, pupil.id) is pupil
    moves = [step.move for step in db.session.scalars(select(Step).where(Step.thing.in_(["pupil", "roster_import"])))]
    assert sorted(moves) == ["IMPORT_NEW"] * 3 + ["IMPORT_ROSTER", "LOOK_AT_ROSTER"]
    assert row.state == "done"
    assert not photos.store().exists(row.address)


def test_the_same_roster_again_changes_nothing(registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people)
    versions = {number: pupil.version for number, pupil in stored().items()}
    row = bring_in(registrar, people)
    assert row.report["counts"]["unchanged"] == 3
    assert {number: pupil.version for number, pupil in stored().items()} == versions


def test_changed_items_are_shown_with_old_and_new_and_then_stored(registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people)
    people[1] |= {"phone": "15499999999", "talent": "围棋"}
    row = look(registrar, people)
    [told] = row.report["changed"]
    assert told["row"] == 3
    assert sorted(told["items"]) == [["phone", files.records(3)[1]["phone"], "15499999999"], ["talent", "", "围棋"]]
    assert stored()[people[1]["student_number"]].record["talent"] == ""
    rosters.confirm(registrar, row.id)
    assert stored()[people[1]["student_number"]].record["talent"] == "围棋"


def test_items_of_columns_that_are_missing_stay(registrar: Actor) -> None:
    people = files.records(2)
    bring_in(registrar, [person | {"talent": "围棋"} for person in people])
    items = [item for item in files.ROSTER_ITEMS if item not in ("talent", "guardian2_phone")]
    row = rosters.preview(registrar, "a.csv", files.text(files.table(people, items)))
    assert row.report["counts"]["unchanged"] == 2
    rosters.confirm(registrar, row.id)
    assert {pupil.record["talent"] for pupil in stored().values()} == {"围棋"}


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("name", "林改名"),
        ("sex", "2"),
        ("birth_date", "20140313"),
        ("id_doc_type", "A"),
        ("id_number", "990102201509060283"),
    ],
)
def test_key_data_are_never_changed_by_an_import(registrar: Actor, item: str, value: str) -> None:
    people = files.records(2)
    bring_in(registrar, people)
    before = people[0] | {}
    people[0][item] = value
    row = look(registrar, people)
    assert ("R103", item) in {(fault["code"], fault["item"]) for fault in row.report["faults"]}
    assert [item, before[item], value] in row.report["changed"][0]["items"]
    rosters.confirm(registrar, row.id, leave_out_bad=True)
    assert stored()[before["student_number"]].record == before


def test_pupils_the_file_does_not_have_are_named_and_stay(registrar: Actor) -> None:
    people = files.records(3)
    bring_in(registrar, people)
    row = bring_in(registrar, people[:2])
    assert row.report["counts"]["gone"] == 1
    assert row.report["gone"] == [[people[2]["name"], people[2]["class_no"], people[2]["student_number"]]]
    assert len(stored()) == 3


def test_bad_rows_stop_the_import_unless_they_are_left_out(registrar: Actor) -> None:
    people = files.records(4)
    people[1]["id_number"] = people[1]["id_number"][:17]
    row = look(registrar, people)
    with pytest.raises(Refusal, match="没有导入"):
        rosters.confirm(registrar, row.id)
    db.session.rollback()
    assert count(Pupil) == 0
    rosters.confirm(registrar, row.id, leave_out_bad=True)
    assert len(stored()) == 3
    [draft] = db.session.scalars(select(Pupil).where(Pupil.is_draft))
    assert draft.record == people[1]


def test_drafts_keep_what_the_file_said_word_for_word(registrar: Actor) -> None:
    people = files.records(1)
    people[0] |= {"name": " 林 小试", "sex": "男生", "class_no": "不知道"}
    bring_in(registrar, people, leave_out_bad=True)
    [draft] = db.session.scalars(select(Pupil).where(Pupil.is_draft))
    assert draft.record == people[0]
    assert (draft.class_id, draft.path) == (registrar.place_id, registrar.path)


def test_a_corrected_draft_becomes_a_pupil_and_the_draft_goes(registrar: Actor) -> None:
    good = files.records(3)
    bad = [good[0], good[1] | {"phone": "123"}, good[2] | {"student_number": "G1"}]
    bring_in(registrar, bad, leave_out_bad=True)
    assert count(Pupil) == 3
    bring_in(registrar, good)
    assert set(stored()) == {person["student_number"] for person in good}
    assert count(Pupil) == 3


def test_a_row_that_is_wrong_again_is_one_draft(registrar: Actor) -> None:
    people = [files.records(1)[0] | {"phone": "123"}]
    for _ in range(2):
        bring_in(registrar, people, leave_out_bad=True)
    assert count(Pupil) == 1


def test_drafts_are_not_expected_in_the_round(make: Make, registrar: Actor) -> None:
    make.round()
    people = files.records(3)
    people[0]["phone"] = "123"
    bring_in(registrar, people, leave_out_bad=True)
    assert count(Sheet) == 2


def test_two_confirms_import_once(registrar: Actor) -> None:
    row = look(registrar, files.records(2))
    rosters.confirm(registrar, row.id)
    with pytest.raises(TooLate, match="已经导入过"):
        rosters.confirm(registrar, row.id)
    db.session.rollback()
    assert count(Pupil) == 2


def test_of_two_who_confirm_at_once_one_imports(app: Flask, registrar: Actor) -> None:
    row_id = look(registrar, files.records(5)).id
    db.session.rollback()
    start = threading.Barrier(2)

    def press() -> str:
        with app.app_context():
            start.wait()
            try:
                return rosters.confirm(registrar, row_id).state
            except TooLate as late:
                return late.text

    with ThreadPoolExecutor(2) as pool:
        answers = [press.result() for press in [pool.submit(press) for _ in range(2)]]
    assert sorted(answers) == sorted(["done", rosters.ONCE])
    assert count(Pupil) == 5
    assert rosters.find(registrar, row_id).state == "done"


def test_a_dropped_preview_cannot_be_confirmed(registrar: Actor) -> None:
    row = look(registrar, files.records(2))
    rosters.discard(registrar, row.id)
    assert (row.report, photos.store().exists(row.address)) == (None, False)
    with pytest.raises(TooLate):
        rosters.confirm(registrar, row.id)
    with pytest.raises(TooLate):
        rosters.discard(registrar, row.id)


def test_a_newer_preview_replaces_the_older_one(registrar: Actor) -> None:
    first, second = look(registrar, files.records(2)), look(registrar, files.records(3))
    assert (first.state, second.state) == ("discarded", "preview")
    assert not photos.store().exists(first.address)
    assert rosters.open_preview(registrar) is second
    again = look(registrar, files.records(3))
    assert photos.store().exists(again.address)


def test_what_changed_since_the_preview_is_looked_at_again_first(registrar: Actor) -> None:
    people = files.records(2)
    bring_in(registrar, people)
    row = look(registrar, [person | {"talent": "围棋"} for person in people])
    pupil = stored()[people[0]["student_number"]]
    pupil.record = pupil.record | {"talent": "围棋"}
    db.session.commit()
    with pytest.raises(TooLate, match="新的比较"):
        rosters.confirm(registrar, row.id)
    assert (row.state, row.report["counts"]["changed"]) == ("preview", 1)
    rosters.confirm(registrar, row.id)
    assert {p.record["talent"] for p in stored().values()} == {"围棋"}


def test_a_number_taken_elsewhere_in_between_stops_the_import(
    make: Make, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = files.records(2)
    row, claim = look(registrar, people), rosters._claim
    other = make.class_(make.school("2199000002", "试验市第二小学"), people[1]["class_no"])

    def be_faster(*given: Any) -> None:
        make.pupil(other, **people[1])
        claim(*given)

    monkeypatch.setattr(rosters, "_claim", be_faster)
    with pytest.raises(TooLate, match="再按一次"):
        rosters.confirm(registrar, row.id)
    monkeypatch.undo()
    assert count(Pupil) == 1
    with pytest.raises(TooLate, match="新的比较"):
        rosters.confirm(registrar, row.id)
    assert [fault["code"] for fault in row.report["faults"]] == ["T7.elsewhere"]


def test_imports_of_other_schools_do_not_exist(make: Make, registrar: Actor) -> None:
    row = look(registrar, files.records(1))
    other = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    for act in (rosters.confirm, rosters.discard, rosters.find):
        with pytest.raises(NotFound):
            act(other, row.id)


def test_only_a_school_imports(make: Make) -> None:
    with pytest.raises(NotYours):
        look(make.actor(Role.REGISTRAR, make.county()), files.records(1))


def test_a_refused_file_leaves_nothing_behind(registrar: Actor) -> None:
    with pytest.raises(FileRefused):
        rosters.preview(registrar, "a.xlsx", b"PK\x03\x04 no zip")
    assert (count(RosterImport), list(photos.store().walk())) == (0, [])


def test_nothing_is_half_imported_when_something_breaks(
    make: Make, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.round()
    row = look(registrar, files.records(3))

    def break_down(*_args: object, **_options: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(sheets, "expect", break_down)
    with pytest.raises(RuntimeError, match="in the middle"):
        rosters.confirm(registrar, row.id)
    db.session.rollback()
    assert (count(Pupil), count(Place), row.state) == (0, 4, "preview")
    assert photos.store().exists(row.address)


def test_file_name_and_report_are_sealed(registrar: Actor) -> None:
    people = files.records(1)
    row = look(registrar, people, f"{people[0]['name']}.csv")
    for sealed in (row.file_name_sealed, row.report_sealed, photos.store().exists(row.address) and b""):
        assert people[0]["name"].encode() not in (sealed or b"")
    steps = db.session.scalars(select(Step).where(Step.thing == "roster_import"))
    assert all(people[0]["name"] not in str(step.details) for step in steps)


def test_a_first_roster_is_the_list_of_the_round_and_later_ones_go_through_the_ledger(
    make: Make, registrar: Actor
) -> None:
    make.round()
    people = files.records(4)
    bring_in(registrar, people[:3])
    assert (count(Sheet), count(LedgerEntry)) == (3, 0)
    bring_in(registrar, people)
    assert (count(Sheet), count(LedgerEntry)) == (4, 1)
    figures.fold_all()
    assert figures.recount(make.round().id) == []
    assert figures.counts_below(make.round().id, registrar.path)[figures.Measure.EXPECTED] == 4


def test_classes_follow_the_grade_of_their_pupils(make: Make, registrar: Actor) -> None:
    people = files.records(2)
    make.class_(make.school(), people[0]["class_no"], "去年的名字")
    row = bring_in(registrar, people)
    assert row.report["renamed_classes"] == {people[0]["class_no"]: "六年级（1）班"}
    assert [c.name for c in lists.classes_of(registrar.place_id)] == ["六年级（1）班"]
    assert db.session.scalar(select(func.count()).where(Place.level == Level.CLASS)) == 1
