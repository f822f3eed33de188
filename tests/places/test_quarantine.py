"""Pages without a name lead to sheets of the own class, even when what is kept of them points elsewhere (E7, R130)."""

from __future__ import annotations

import pytest

from portal.models import Leaf, Photo, Pile, Place, Sheet, db
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import piles, quarantine, readings
from portal.services.refusals import NotFound
from tests.make import Make
from tests.photographs import jpeg, leaf_of, seen


@pytest.fixture
def teacher(make: Make) -> Actor:
    make.round()
    return make.actor(Role.TEACHER, make.class_())


@pytest.fixture
def pile(teacher: Actor) -> Pile:
    return piles.open_pile(teacher)


@pytest.fixture
def next_door(make: Make) -> Place:
    return make.class_(code="2021107", name="五年级（7）班")


def issued(make: Make, class_: Place) -> tuple[Sheet, Leaf]:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(class_))
    return sheet, leaf_of(sheet)


def nameless(actor: Actor, pile: Pile, *likely: Leaf) -> Photo:
    hints = tuple(leaf.number for leaf in likely)
    facts = {"verdict": "unknown", "certain": False, "reasons": ("few_marks",), "likely": hints, "flat": True}
    return readings.keep(piles.add(actor, pile.id, jpeg()), seen(None, **facts))


def test_marks_of_a_sheet_next_door_offer_nobody(make: Make, teacher: Actor, pile: Pile, next_door: Place) -> None:
    own, leaf = issued(make, make.class_())
    _, other = issued(make, next_door)
    found = quarantine.unnamed(teacher, nameless(teacher, pile, other, leaf).id)
    assert [one.sheet_id for one in found.likely] == [own.id]


def test_a_pile_of_another_class_shows_none_of_its_pupils(
    make: Make, teacher: Actor, pile: Pile, next_door: Place
) -> None:
    own, _ = issued(make, make.class_())
    issued(make, next_door)
    photo = nameless(teacher, pile)
    assert [one.sheet_id for one in quarantine.unnamed(teacher, photo.id).missing] == [own.id]
    pile.class_id = next_door.id
    db.session.commit()
    assert quarantine.unnamed(teacher, photo.id).missing == ()


def test_an_assignment_is_not_undone_on_a_sheet_that_has_gone_next_door(
    make: Make, teacher: Actor, pile: Pile, next_door: Place
) -> None:
    sheet, _ = issued(make, make.class_())
    photo = nameless(teacher, pile)
    quarantine.assign(teacher, photo.id, sheet.id)
    sheet.class_id, sheet.path = next_door.id, next_door.path
    db.session.commit()
    with pytest.raises(NotFound):
        quarantine.undo(teacher, photo.id, sheet.id)
    db.session.rollback()
    assert (photo.sheet_id, sheet.received) == (sheet.id, True)
