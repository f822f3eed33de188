"""Joiners and leavers: status, sheet, denominator and ledger follow; nobody is erased (F1-F5, R106, R107)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portal.models import Guardianship, LedgerEntry, Photo, Pupil, Round, Sheet, Step, db
from portal.rules.clock import today
from portal.rules.figures import Measure
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import figures, ledger, movements, roster_commit, sheets
from portal.services.movements import Movement
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from tests.make import Make

CUT_OFF = today() - timedelta(days=30)


@pytest.fixture
def found(make: Make) -> Round:
    return make.round(cut_off=CUT_OFF)


@pytest.fixture
def registrar(make: Make, found: Round) -> Actor:
    make.class_()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def pupil(make: Make, found: Round) -> Pupil:
    """One of three pupils on the list of the round."""
    three = [make.pupil() for _ in range(3)]
    for one in three:
        make.sheet(SheetState.ISSUED, one)
    return three[0]


def tell(actor: Actor, pupil: Pupil, kind: str, day: date | None = None, **more: object) -> int:
    db.session.expire_all()
    return movements.record_movement(actor, pupil.id, Movement(kind, day or today(), **more))  # type: ignore[arg-type]


def sheet_of(pupil: Pupil) -> Sheet:
    return db.session.scalars(select(Sheet).where(Sheet.pupil_id == pupil.id)).one()


def numbers(actor: Actor, make: Make) -> tuple[int, int, int, int]:
    """roster, joined, left, expected; they must agree with each other and with the figures."""
    found = ledger.ledger_of(actor, actor.place_id)
    figures.fold_all()
    assert found.expected == found.roster + found.joined - found.left
    assert figures.counts_below(found.round.id, make.school().path)[Measure.EXPECTED] == found.expected
    assert figures.recount(found.round.id) == []
    return found.roster, found.joined, found.left, found.expected


@pytest.mark.parametrize(("kind", "status"), [("21", "10"), ("P01", "06"), ("51", "11"), ("31", "03")])
def test_a_leaver_is_kept_and_no_longer_expected(
    make: Make, registrar: Actor, pupil: Pupil, kind: str, status: str
) -> None:
    assert tell(registrar, pupil, kind, note="去外省") == -1
    kept = db.session.get_one(Pupil, pupil.id)
    assert (kept.status, kept.record["student_status"]) == (status, status)
    assert kept.left_at is not None
    assert (sheet_of(pupil).in_scope, sheet_of(pupil).exclusion) == (False, "left")
    assert numbers(registrar, make) == (3, 0, 1, 2)
    step = db.session.scalars(select(Step).where(Step.thing_id == pupil.id)).one()
    assert (step.before, step.after, step.details["kind"], step.reason) == ("01", status, kind, "去外省")


def test_a_suspended_pupil_is_out_and_comes_back(make: Make, registrar: Actor, pupil: Pupil) -> None:
    assert tell(registrar, pupil, "11", CUT_OFF - timedelta(days=9)) == -1
    assert db.session.get_one(Pupil, pupil.id).left_at is None
    assert sheet_of(pupil).exclusion == "not_on_roll"
    assert tell(registrar, pupil, "12", CUT_OFF) == 1
    assert numbers(registrar, make) == (3, 1, 1, 3)


@pytest.mark.parametrize(("days", "change"), [(0, 1), (1, 0)])
def test_business_finished_after_the_cut_off_belongs_to_the_next_round(
    make: Make, registrar: Actor, pupil: Pupil, days: int, change: int
) -> None:
    """R107: finished on the cut-off day is in, on the day after is not, and stays out."""
    assert tell(registrar, pupil, "begin", CUT_OFF - timedelta(days=2)) == -1
    assert sheet_of(pupil).exclusion == "business_open"
    assert tell(registrar, pupil, "end", CUT_OFF + timedelta(days=days)) == change
    assert sheet_of(pupil).exclusion == (None if change else "after_cut_off")
    assert numbers(registrar, make)[3] == 2 + change
    roster_commit._settle_sheets(make.round(), [pupil], registrar)
    db.session.commit()
    assert numbers(registrar, make)[3] == 2 + change, "an import brings nobody back who belongs to the next round"


def test_whoever_left_can_come_back_into_the_round(make: Make, registrar: Actor, pupil: Pupil) -> None:
    tell(registrar, pupil, "21", CUT_OFF - timedelta(days=3))
    assert tell(registrar, pupil, "22", CUT_OFF - timedelta(days=1)) == 1
    kept = db.session.get_one(Pupil, pupil.id)
    assert (kept.left_at, kept.status) == (None, "01")
    assert numbers(registrar, make) == (3, 1, 1, 3)


def test_a_change_of_class_takes_sheet_figures_and_what_hangs_on_them_along(
    make: Make, registrar: Actor, pupil: Pupil
) -> None:
    other = make.class_(code="2020107", name="六年级（7）班")
    sheet = sheet_of(pupil)
    make.guardian(pupil)
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    db.session.add(Photo(sheet_id=sheet.id, address="a", size=1, receipt="ABCDEFGH", source="family", **own))
    db.session.commit()
    assert tell(registrar, pupil, "29", class_id=other.id) == 0
    kept = db.session.get_one(Pupil, pupil.id)
    assert (kept.class_id, kept.path, kept.record["class_no"]) == (other.id, other.path, "2020107")
    for table in (Photo, Guardianship):
        assert db.session.scalars(select(table.path)).one() == other.path
    assert numbers(registrar, make) == (3, 0, 0, 3)
    assert figures.counts_below(make.round().id, other.path)[Measure.ISSUED] == 1
    assert figures.counts_below(make.round().id, make.class_().path)[Measure.EXPECTED] == 2


def test_another_grade_or_school_is_no_change_of_class(make: Make, registrar: Actor, pupil: Pupil) -> None:
    younger = make.class_(code="2021106", name="五年级（6）班")
    with pytest.raises(Refusal, match="同一个年级"):
        tell(registrar, pupil, "29", class_id=younger.id)
    with pytest.raises(Refusal, match="请选"):
        tell(registrar, pupil, "29")
    with pytest.raises(NotFound):
        tell(registrar, pupil, "29", class_id=make.class_(make.school("2199000002", "试验市第二小学")).id)


def test_what_does_not_fit_the_pupil_is_refused(make: Make, registrar: Actor, pupil: Pupil) -> None:
    for kind in ("12", "end", "nonsense"):
        with pytest.raises(TooLate):
            tell(registrar, pupil, kind)
    with pytest.raises(Refusal, match="还没有到"):
        tell(registrar, pupil, "21", today() + timedelta(days=1))
    tell(registrar, pupil, "21")
    with pytest.raises(TooLate):
        tell(registrar, pupil, "21")
    assert numbers(registrar, make) == (3, 0, 1, 2)


@pytest.mark.parametrize("kind", ["21", "11", "begin", "29"])
def test_a_mistake_is_taken_back_whatever_the_cut_off(make: Make, registrar: Actor, pupil: Pupil, kind: str) -> None:
    """A return after the cut-off would put the pupil into the next round; a mistake must not."""
    other = make.class_(code="2020107", name="六年级（7）班")
    before = (pupil.status, pupil.class_id, pupil.left_at, pupil.business_open, pupil.record)
    change = tell(registrar, pupil, kind, class_id=other.id)
    assert movements.take_back(registrar, pupil.id) == -change
    kept = db.session.get_one(Pupil, pupil.id)
    assert (kept.status, kept.class_id, kept.left_at, kept.business_open, kept.record) == before
    assert sheet_of(pupil).path == kept.path
    assert numbers(registrar, make)[3] == 3
    with pytest.raises(TooLate):
        movements.take_back(registrar, pupil.id)


def test_a_return_taken_back_leaves_the_pupil_away(make: Make, registrar: Actor, pupil: Pupil) -> None:
    with pytest.raises(TooLate):
        movements.take_back(registrar, pupil.id)
    tell(registrar, pupil, "21")
    left_at = db.session.get_one(Pupil, pupil.id).left_at
    tell(registrar, pupil, "22", CUT_OFF)
    assert movements.take_back(registrar, pupil.id) == -1
    kept = db.session.get_one(Pupil, pupil.id)
    assert (kept.left_at, kept.status) == (left_at, "10")


def test_of_two_who_save_the_same_page_the_second_is_told(registrar: Actor, pupil: Pupil) -> None:
    seen = movements.pupil(registrar, pupil.id).version
    movements.record_movement(registrar, pupil.id, Movement("begin", today()), seen)
    with pytest.raises(TooLate, match="别人先改了"):
        movements.record_movement(registrar, pupil.id, Movement("21", today()), seen)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 1


def test_only_the_own_schools_registrar_and_only_own_pupils(make: Make, registrar: Actor, pupil: Pupil) -> None:
    other = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    county = make.actor(Role.REGISTRAR, make.county())
    with pytest.raises(NotFound):
        tell(other, pupil, "21")
    with pytest.raises(NotYours):
        tell(county, pupil, "21")
    with pytest.raises(NotFound):
        movements.pupils_of(other, make.class_().id)
    with pytest.raises(NotFound):
        ledger.ledger_of(other, make.class_().id)


def test_pupils_are_found_by_class_and_by_name(make: Make, registrar: Actor) -> None:
    make.pupil(name="林小试", class_seat_number="2")
    gone = make.pupil(name="陈小试", class_seat_number="1")
    sheets.expect(make.round(), registrar.place_id)
    db.session.commit()
    tell(registrar, gone, "21")
    listed = movements.pupils_of(registrar, make.class_().id)
    assert [(one.name, one.has_left, one.exclusion) for one in listed] == [
        ("陈小试", True, "left"),
        ("林小试", False, None),
    ]
    assert [one.name for one in movements.named(registrar, " 林小试 ")] == ["林小试"]
    assert movements.named(registrar, "没有这人") == []


def test_each_number_has_its_list_with_reasons(make: Make, registrar: Actor, pupil: Pupil) -> None:
    """F5: joiners by import count by themselves; every exclusion has its reason."""
    tell(registrar, pupil, "21")
    late = make.pupil(name="新来的")
    suspended = make.pupil(name="休学的")
    suspended.status = "02"
    sheets.expect(make.round(), registrar.place_id, joined=True, by=registrar)
    db.session.commit()
    assert numbers(registrar, make) == (3, 1, 1, 3)
    book = ledger.ledger_of(registrar, registrar.place_id)
    assert book.excluded == {"left": 1, "not_on_roll": 1}
    total, joined = ledger.lines_of(registrar, book, "joined", 1)
    assert (total, joined[0].pupil_id, joined[0].reason, joined[0].by) == (1, late.id, "名册导入", "周试验")
    assert [line.reason for line in ledger.lines_of(registrar, book, "left", 1)[1]] == ["21"]
    assert ledger.lines_of(registrar, book, "roster", 1)[0] == 3
    assert {line.reason for line in ledger.lines_of(registrar, book, "excluded", 1)[1]} == {"left", "not_on_roll"}
    assert ledger.lines_of(registrar, book, "roster", 2)[1] == []


def test_authorities_see_the_sums_and_masked_names(make: Make, registrar: Actor, pupil: Pupil) -> None:
    tell(registrar, pupil, "21")
    county = make.actor(Role.REGISTRAR, make.county())
    book = ledger.ledger_of(county, county.place_id)
    assert (book.roster, book.joined, book.left, book.expected) == (3, 0, 1, 2)
    assert "＊" in ledger.lines_of(county, book, "left", 1)[1][0].name


def test_who_left_before_the_list_was_made_and_comes_back_joins_it(
    make: Make, registrar: Actor, found: Round, pupil: Pupil
) -> None:
    back = make.pupil()
    movements.record_movement(registrar, back.id, Movement("P02", CUT_OFF))
    sheets.expect(found, make.school().id)
    db.session.commit()
    assert db.session.scalar(select(Sheet).where(Sheet.pupil_id == back.id)) is None
    assert movements.record_movement(registrar, back.id, Movement("15", CUT_OFF)) == 1
    sheet = db.session.scalars(select(Sheet).where(Sheet.pupil_id == back.id)).one()
    assert (sheet.in_scope, sheet.exclusion, sheet.state) == (True, None, SheetState.EXPECTED)
    told = ledger.ledger_of(registrar, make.school().id)
    assert (told.roster, told.joined, told.left, told.expected) == (3, 1, 0, 4)
    assert movements.take_back(registrar, back.id) == -1
    assert (back.left_at is None, sheet.in_scope, sheet.exclusion) == (False, False, "left")
    told = ledger.ledger_of(registrar, make.school().id)
    assert told.roster + told.joined - told.left == told.expected == 3
    assert movements.record_movement(registrar, back.id, Movement("15", today())) == 0
    assert sheet.exclusion == sheets.AFTER_CUT_OFF
    assert figures.recount(found.id) == []
