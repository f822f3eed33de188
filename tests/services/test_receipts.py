"""Checking a receipt: what is told to whom, what a first half alone says, slips and many tries; a class's day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from portal.models import Photo, Place, Sheet, db
from portal.rules.clock import now, today
from portal.rules.numbers import with_check
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import piles, receipts
from portal.services.receipt_numbers import free_receipt, word_of
from portal.services.refusals import NotFound, Refusal, Wait
from tests.make import Make
from tests.photographs import arrive, jpeg, leaf_of


@pytest.fixture
def class_(make: Make) -> Place:
    make.round()
    return make.class_()


@pytest.fixture
def teacher(make: Make, class_: Place) -> Actor:
    return make.actor(Role.TEACHER, class_)


@pytest.fixture
def sheet(make: Make, class_: Place) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(class_))


def test_receipts_of_a_sheet_begin_alike_and_are_different(sheet: Sheet, make: Make, class_: Place) -> None:
    photos = [arrive(sheet, leaf_of(sheet)) for _ in range(3)]
    assert {photo.receipt[:4] for photo in photos} == {word_of(sheet.id)}
    assert len({photo.receipt for photo in photos}) == 3
    other = make.sheet(SheetState.ISSUED, make.pupil(class_))
    assert arrive(other, leaf_of(other)).receipt[:4] != word_of(sheet.id)


def test_a_receipt_tells_whose_when_and_what(sheet: Sheet, teacher: Actor, make: Make) -> None:
    old, new = arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("blur",)), arrive(sheet, leaf_of(sheet))
    found = receipts.check(teacher, f" {new.receipt[:4].lower()}-{new.receipt[4:]} ")
    assert found.whose is not None
    assert (found.whose.sheet_id, found.whose.name) == (sheet.id, sheet.pupil.record["name"])
    assert (found.at, found.source, found.words, found.shown) == (new.received_at, "family", "收到了，看得清", True)
    assert receipts.check(teacher, old.receipt).shown is False
    registrar = make.actor(Role.REGISTRAR, make.school())
    masked = receipts.check(registrar, new.receipt).whose
    assert masked is not None
    assert "＊" in masked.name


def test_a_photo_of_a_pile_has_no_pupil_yet(teacher: Actor, class_: Place) -> None:
    photo = piles.add(teacher, piles.open_pile(teacher).id, jpeg())
    found = receipts.check(teacher, photo.receipt)
    assert found.is_here
    assert (found.whose, found.source) == (None, "pile")


def test_what_is_of_another_place_is_not_there(make: Make, sheet: Sheet) -> None:
    receipt = arrive(sheet, leaf_of(sheet)).receipt
    outsiders = [make.actor(Role.TEACHER, make.class_(code="2021107", name="五年级（7）班"))]
    outsiders.append(make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")))
    for actor in outsiders:
        found = receipts.check(actor, receipt)
        assert (found.is_here, found.whose) == (False, None)


def test_the_first_half_alone_says_whose_it_was(sheet: Sheet, teacher: Actor) -> None:
    """The database was put back to yesterday, or a family made up the rest: no photo, but a word only we can know."""
    receipt = free_receipt(sheet.id, "0" * 64)
    found = receipts.check(teacher, receipt)
    assert not found.is_here
    assert found.whose is not None
    assert found.whose.sheet_id == sheet.id
    wrong = with_check(("0000" if word_of(sheet.id) != "0000" else "1111") + receipt[4:7])
    assert receipts.check(teacher, wrong).whose is None


@pytest.mark.parametrize("text", ["", "7", "7ABCDEFG0", "7ABCUEFG", "十二三四五六七八", "7ABCDEF!"])
def test_slips_are_told_and_not_counted(sheet: Sheet, teacher: Actor, text: str) -> None:
    for _ in range(12):
        with pytest.raises(Refusal) as told:
            receipts.check(teacher, text)
        assert not isinstance(told.value, Wait)


def test_many_receipts_that_are_not_there_are_slowed_for_one_person_and_day(
    make: Make, sheet: Sheet, teacher: Actor
) -> None:
    right, wrong = arrive(sheet, leaf_of(sheet)).receipt, free_receipt(sheet.id, "0" * 64)
    for _ in range(10):
        assert receipts.check(teacher, right).is_here
        assert not receipts.check(teacher, wrong).is_here
    for text in (wrong, right):
        with pytest.raises(Wait):
            receipts.check(teacher, text)
    assert receipts.check(make.actor(Role.REGISTRAR, make.school()), right).is_here
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert receipts.check(teacher, right).is_here
    with time_machine.travel(now() + timedelta(days=1, minutes=1), tick=False):
        assert not receipts.check(teacher, wrong).is_here


def test_the_list_of_a_day_has_every_pupil_and_what_came_on_it(sheet: Sheet, teacher: Actor, make: Make) -> None:
    other = make.sheet(SheetState.ISSUED, make.pupil(db.session.get(Place, sheet.class_id)))
    photos = [arrive(sheet, leaf_of(sheet)), arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("blur",))]
    db.session.execute(update(Photo).values(received_at=now() - timedelta(days=2)))
    db.session.commit()
    late = arrive(other, leaf_of(other), page=2, verdict="retake", reasons=("back_page",))
    found = receipts.day_of(teacher, sheet.class_id, today())
    told = {row.word: [(one.receipt, one.words) for one in row.received] for row in found.rows}
    assert told == {word_of(sheet.id): [], word_of(other.id): [(late.receipt, receipts.OTHER)]}
    assert all("＊" in row.name for row in found.rows)
    before = receipts.day_of(teacher, sheet.class_id, today() - timedelta(days=2))
    assert before.count == 2
    assert {one.receipt for row in before.rows for one in row.received} == {photo.receipt for photo in photos}


def test_lists_are_of_the_own_place(make: Make, class_: Place, teacher: Actor) -> None:
    far = make.class_(make.school("2199000002", "试验市第二小学"))
    for class_id in (far.id, make.class_(code="2021107", name="五年级（7）班").id):
        with pytest.raises(NotFound):
            receipts.day_of(teacher, class_id, today())
    assert receipts.classes_to_choose(teacher) == [(class_.id, class_.name)]
    assert len(receipts.classes_to_choose(make.actor(Role.REGISTRAR, make.school()))) == 2
