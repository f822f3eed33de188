"""Change files: accepted changes as the registry takes them, each in exactly one file that stands (12)."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.files import StoreFailed
from portal.models import Application, Change, ChangeFile, Export, Place, Pupil, Sheet, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.exports import marks_in
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import (
    change_copies,
    change_file_views,
    change_files,
    change_lines,
    export_marks,
    photos,
    pupils,
    rosters,
)
from portal.services.readings import new_change
from portal.services.refusals import Away, NotFound, Refusal, TooLate
from tests import exported
from tests.make import Make

NEW = {"phone": "15400001234", "postcode": "990001", "talent": ""}


@pytest.fixture
def registrar(make: Make) -> Actor:
    make.round()
    return make.actor(Role.REGISTRAR, make.school())


def accepted(make: Make, state: SheetState = SheetState.VERIFIED, pupil: Pupil | None = None, **new: str) -> Sheet:
    """A sheet whose changes were entered, in a state."""
    sheet = make.sheet(state, pupil)
    for item, value in (new or {"phone": NEW["phone"]}).items():
        change = new_change(sheet, item)
        change.values = change.values | {"entered": value}
        change.outcome, change.entered_at = "accepted", now()
        pupils.keep_record(sheet.pupil, sheet.pupil.record | {item: value})
    db.session.commit()
    return sheet


def granted(make: Make, pupil: Pupil, kind: ApplicationKind = ApplicationKind.CHANGE, **new: str) -> Application:
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "round_id": make.round().id}
    found = Application(kind=kind, state=ApplicationState.GRANTED, decided_at=now(), items=list(new), **own)
    found.values = {item: {"old": pupil.record[item], "new": value} for item, value in new.items()}
    pupils.keep_record(pupil, pupil.record | new)
    db.session.add(found)
    db.session.commit()
    return found


def cells(content: bytes, sheet: str = "名册") -> list[dict[str, str]]:
    head, *rows = openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [dict(zip(head, (cell or "" for cell in row), strict=True)) for row in rows]


def content(actor: Actor, file: ChangeFile) -> bytes:
    return change_files.content_of(file)


def test_a_file_has_one_row_a_pupil_and_every_change_by_itself(registrar: Actor, make: Make) -> None:
    pupil = make.pupil(talent="围棋", class_seat_number="7")
    old = pupil.record["phone"]
    accepted(make, SheetState.VERIFIED, pupil, **NEW)
    file = change_files.make(registrar)
    assert (file.number, file.rows, file.items) == (1, 1, 3)
    (row,) = cells(content(registrar, file))
    assert row["学籍号(全国学籍号)"] == pupil.record["student_number"]
    assert (row["联系电话"], row["邮政编码"]) == (NEW["phone"], NEW["postcode"])
    assert "电子信箱" not in row, "columns nobody changed and nobody needs are not there"
    told = {line["项目"]: line for line in cells(content(registrar, file), "说明")}
    phone = told["联系电话"]
    assert (phone["原来"], phone["现在"], phone["依据"]) == (old, NEW["phone"], "确认表")
    assert (told["特长"]["原来"], told["特长"]["现在"]) == ("围棋", "")


def test_the_registry_takes_the_file_as_a_roster(registrar: Actor, make: Make) -> None:
    """Imported where the old values still stand it brings every change, an emptied item too, and nothing else."""
    there = make.pupil(make.class_(), talent="围棋")
    other = make.pupil(make.class_())
    before = {one.id: one.record for one in (there, other)}
    accepted(make, SheetState.VERIFIED, there, **NEW)
    accepted(make, pupil=other, postcode="990002")
    data = content(registrar, change_files.make(registrar))
    for one in (there, other):
        pupils.keep_record(one, before[one.id])
    db.session.commit()
    row = rosters.preview(registrar, "changes.xlsx", data)
    assert (row.report["counts"]["bad"], row.report["counts"]["changed"]) == (0, 2), row.report["faults"]
    rosters.confirm(registrar, row.id)
    db.session.expire_all()
    assert there.record == before[there.id] | NEW
    assert other.record == before[other.id] | {"postcode": "990002"}


@pytest.mark.parametrize("state", [SheetState.PASSED, SheetState.ENTERED])
def test_nothing_goes_before_the_leader_has_verified_it(registrar: Actor, make: Make, state: SheetState) -> None:
    accepted(make, state)
    with pytest.raises(TooLate):
        change_files.make(registrar)
    assert change_lines.not_yet(registrar) == (1, 0)


def test_granted_applications_go_along_and_open_ones_do_not(registrar: Actor, make: Make) -> None:
    """What an authority granted is told once, though the sheet's own item is accepted with it."""
    sheet = accepted(make, name="林拭")
    found = granted(make, sheet.pupil, name="林拭")
    found.values = {"name": {"old": "林试", "new": "林拭"}}
    sheet.changes[0].application_id = found.id
    waiting = granted(make, make.pupil(), sex="2")
    waiting.state, waiting.decided_at = ApplicationState.WITH_AUTHORITY, None
    granted(make, make.pupil(), ApplicationKind.IDENTITY, name="何试")
    db.session.commit()
    file = change_files.make(registrar)
    assert (file.rows, file.items) == (1, 1)
    assert cells(content(registrar, file), "说明")[0]["依据"] == "关键信息变更申请"
    assert {found.file_id, sheet.changes[0].file_id} == {file.id}
    assert (waiting.file_id, change_lines.not_yet(registrar)) == (None, (0, 1))


def test_refused_and_open_items_and_what_is_the_same_as_before_stay_out(registrar: Actor, make: Make) -> None:
    sheet = accepted(make, phone=NEW["phone"], postcode="990001")
    sheet.changes[0].outcome = "refused"
    same = sheet.changes[1]
    same.values = same.values | {"entered": same.values["printed"]}
    new_change(sheet, "email")
    db.session.commit()
    with pytest.raises(TooLate):
        change_files.make(registrar)
    assert change_file_views.counts_of(registrar) == (0, 0, 0)


def test_a_pupil_who_has_left_is_for_another_school(registrar: Actor, make: Make) -> None:
    accepted(make).pupil.left_at = now()
    accepted(make, pupil=make.pupil(make.class_(make.school("2199000002", "试验市第二小学"))))
    with pytest.raises(TooLate):
        change_files.make(registrar)


def test_each_change_is_in_one_file_and_later_ones_in_the_next(registrar: Actor, make: Make) -> None:
    first = accepted(make)
    assert change_files.make(registrar).number == 1
    with pytest.raises(TooLate):
        change_files.make(registrar)
    db.session.rollback()
    second = accepted(make, postcode="990001")
    file = change_files.make(registrar)
    assert (file.number, file.items) == (2, 1)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        change = first.changes[0]  # corrected after its file was made
        change.values, change.entered_at = change.values | {"entered": "15400009999"}, now()
        db.session.commit()
        third = change_files.make(registrar)
        assert [row["联系电话"] for row in cells(content(registrar, third))] == ["15400009999"]
        assert change_file_views.counts_of(registrar) == (0, 3, 0)
    assert second.changes[0].file_id == file.id


def test_of_two_values_of_one_item_the_newer_one_holds(registrar: Actor, make: Make) -> None:
    sheet = accepted(make, name="林一")
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        granted(make, sheet.pupil, name="林二")
        data = content(registrar, change_files.make(registrar))
    assert [row["姓名"] for row in cells(data)] == ["林二"]
    assert [line["现在"] for line in cells(data, "说明")] == ["林一", "林二"]


def test_copies_of_a_file_hold_the_same_under_marks_of_their_own(registrar: Actor, make: Make) -> None:
    """Whatever has changed since; each is locked, numbered, and stands in the history (sec-A36)."""
    sheet = accepted(make)
    file = change_files.make(registrar)
    first = exported.change_file(make, registrar, file.id)
    pupils.keep_record(sheet.pupil, sheet.pupil.record | {"name": "何试验"})
    db.session.commit()
    second = exported.change_file(make, registrar, file.id)
    assert [name for name, _ in (first, second)] == [
        f"2199000001-changes-1-{export_marks.token_of(number)}.xlsx" for number in (1, 2)
    ]
    held = [[list(line.values())[:-1] for line in cells(content)] for _, content in (first, second)]
    assert held[0] == held[1]
    for number, (_, content) in enumerate((first, second), start=1):
        texts = [str(cell.value) for page in openpyxl.load_workbook(io.BytesIO(content)) for cell in page[1]]
        assert marks_in(" ".join(texts)) == [(number, export_marks.check_of(number))]
    assert [export.pupils for export in db.session.scalars(select(Export))] == [[sheet.pupil_id.hex]] * 2


def test_the_registry_has_taken_it_once(registrar: Actor, make: Make) -> None:
    accepted(make)
    file = change_files.make(registrar)
    for receipt, said in (("  ", "请填"), ("批" * 61, "最多写 60")):
        with pytest.raises(Refusal, match=said):
            change_files.taken(registrar, file.id, file.version, receipt)
        db.session.rollback()
    change_files.taken(registrar, file.id, file.version, " 批次 2026-0017 ")
    assert (file.receipt, file.taken_by_id) == ("批次 2026-0017", registrar.user_id)
    for act in (change_files.taken, change_files.drop):
        with pytest.raises(TooLate):
            act(registrar, file.id, file.version, "x")
        db.session.rollback()
    assert change_file_views.counts_of(registrar) == (0, 0, 1)


def test_a_refused_file_stays_in_the_history_and_its_rows_come_again(registrar: Actor, make: Make) -> None:
    sheet = accepted(make)
    file = change_files.make(registrar)
    with pytest.raises(Refusal):
        change_files.drop(registrar, file.id, file.version, " ")
    db.session.rollback()
    change_files.drop(registrar, file.id, file.version, "第 1 行学籍号不对")
    assert (file.reason, sheet.changes[0].file_id) == ("第 1 行学籍号不对", file.id)
    accepted(make, postcode="990001")
    again = change_files.make(registrar)
    assert (again.number, again.items) == (2, 2)
    assert content(registrar, file), "what was refused can still be looked at"
    assert change_lines.lines_of_file(registrar, file) == []
    assert {view.state for view in change_file_views.files_of(registrar)} == {"dropped", "waiting"}


def test_a_dropped_file_does_not_bring_back_what_a_later_one_has_overtaken(registrar: Actor, make: Make) -> None:
    sheet = accepted(make, name="林一", phone=NEW["phone"])
    first = change_files.make(registrar)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        granted(make, sheet.pupil, name="林二")
        second = change_files.make(registrar)
        change_files.drop(registrar, first.id, first.version, "格式不对")
        third = change_files.make(registrar)
        assert [line.item for line in change_lines.lines_of_file(registrar, second)] == ["name"]
        assert [line["项目"] for line in cells(content(registrar, third), "说明")] == ["联系电话"]


def test_a_store_that_is_away_leaves_nothing_behind(
    registrar: Actor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(make)

    def away(*_: object) -> None:
        raise StoreFailed

    monkeypatch.setattr(photos.store(), "put", away)
    with pytest.raises(Away):
        change_files.make(registrar)
    db.session.rollback()
    assert change_file_views.counts_of(registrar) == (1, 0, 0)


def test_files_of_another_school_do_not_exist(registrar: Actor, make: Make) -> None:
    accepted(make)
    file = change_files.make(registrar)
    stranger = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    for act in (lambda: change_copies.ask(stranger, file.id), lambda: change_files.numbered(stranger, 1)):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotFound):
        change_files.make(make.actor(Role.REGISTRAR, db.session.get_one(Place, make.county().id)))


def test_of_many_registrars_at_once_no_change_is_in_two_files(app: Flask, make: Make, registrar: Actor) -> None:
    other = make.actor(Role.REGISTRAR, make.school())
    for n in range(30):
        accepted(make, phone=f"1540000{n:04d}", postcode="990001")
    db.session.rollback()
    ready, made = threading.Barrier(6), []

    def press(actor: Actor) -> None:
        with app.app_context():
            ready.wait()
            try:
                made.append(change_files.make(actor).items)
            except TooLate:
                db.session.rollback()

    threads = [threading.Thread(target=press, args=[actor]) for actor in (registrar, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [60]
    db.session.expire_all()
    assert db.session.query(ChangeFile).count() == 1
    assert db.session.query(Change).filter(Change.file_id.is_(None)).count() == 0


def test_words_on_the_screen_hide_most_of_names_and_numbers(registrar: Actor, make: Make) -> None:
    sheet = accepted(make, left_behind="1")
    number = make.record(77)["guardian1_id_number"]
    granted(make, sheet.pupil, name="林小试", guardian1_id_number=number)
    shown = change_file_views.in_words(registrar, change_lines.due(registrar, now()).lines)
    texts = [text for line in shown for text in (line.name, line.old, line.new)]
    assert not {sheet.pupil.record["name"], number} & set(texts)
    assert "1" not in texts, "codes are said in words"
    assert len(shown) == 3
