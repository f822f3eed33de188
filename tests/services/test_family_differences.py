"""Typed X, wrote Y: the claimed family is told, may leave it to the paper, and neither source overwrites the other."""

from __future__ import annotations

import pytest

from portal.models import Change, Sheet, Step, db
from portal.rules.roles import Role
from portal.rules.screen_paper import LEFT_TO_PAPER, Differs
from portal.rules.workflow import SheetState
from portal.services import (
    checking,
    entry_lines,
    family_changes,
    family_differences,
    family_home,
    looking,
    screen_paper,
)
from portal.services.refusals import NotFound, TooLate
from tests.make import Make
from tests.photographs import arrive, leaf_of
from tests.services.test_family_check import Family


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def family(make: Make, sheet: Sheet) -> Family:
    return Family(make, sheet)


def told(family: Family) -> dict[str, Differs]:
    db.session.expire_all()
    return {line.item.code: line.how for line in family_differences.of_child(family.actor, family.child, "zh").lines}


def change(sheet: Sheet, item: str) -> Change:
    return next(one for one in db.session.get_one(Sheet, sheet.id).changes if one.item == item)


def test_nothing_before_the_paper_and_nothing_for_who_typed_nothing(make: Make, family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    assert told(family) == {}
    other = make.sheet(SheetState.ISSUED)
    silent = Family(make, other)
    arrive(other, leaf_of(other), written=("phone",))
    assert told(silent) == {}, "only what was found written is said"


def test_every_kind_of_disagreement(family: Family, sheet: Sheet) -> None:
    for item, value in (("phone", "15400001234"), ("postcode", "999000"), ("left_behind", "1"), ("blood_type", "")):
        assert family.save(item, value).is_whole
    family.save("orphan", "1", confirm=True)
    arrive(
        sheet,
        leaf_of(sheet),
        written=("postcode", "email", "talent", "name", "only_child"),
        ticked={"left_behind": ("2",), "orphan": ("0", "1")},
    )
    assert told(family) == {
        "blood_type": Differs.NOT_WRITTEN,
        "talent": Differs.NOT_TYPED,
        "phone": Differs.NOT_WRITTEN,
        "email": Differs.NOT_TYPED,
        "only_child": Differs.SAID_RIGHT,
        "left_behind": Differs.OTHER_TICK,
        "orphan": Differs.UNCLEAR,
    }


def test_the_same_address_ticked_is_the_one_the_family_means(family: Family, sheet: Sheet) -> None:
    new = "试验二区书院街 18 号"
    family.save("mailing_address", new)
    family.save("current_address", new)
    arrive(sheet, leaf_of(sheet), written=("current_address",), ticked={"mailing_address": ("same",)})
    assert told(family) == {}
    family.save("mailing_address", "试验二区书院街 20 号")
    assert told(family) == {"mailing_address": Differs.OTHER_TICK}


def test_what_cannot_be_read_whole_is_not_called_empty(family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    arrive(sheet, leaf_of(sheet), verdict="retake", reasons=("glare",))
    assert told(family) == {}
    lines = {line.item.code: line for line in entry_lines.lines_of(sheet)}
    assert lines["phone"].told is None
    arrive(sheet, leaf_of(sheet))
    assert told(family) == {"phone": Differs.NOT_WRITTEN}


def test_left_to_the_paper_both_sources_stay_and_the_school_reads_it(make: Make, family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    arrive(sheet, leaf_of(sheet), written=("postcode",))
    assert family_differences.leave(family.actor, family.child, ["phone:other_tick"]) == 0, "not what was shown"
    assert family_differences.leave(family.actor, family.child, ["phone:not_written", "nonsense"]) == 1
    assert told(family) == {"postcode": Differs.NOT_TYPED}
    assert (change(sheet, "phone").values["typed"], change(sheet, "phone").outcome) == ("15400001234", "open")
    step = db.session.query(Step).filter_by(move="LEAVE_TO_PAPER").one()
    assert (step.role, step.details) == ("PARENT", {"item": "phone", "how": "not_written"})
    look = looking.look(make.actor(Role.TEACHER, sheet.class_), sheet.id)
    assert [line.told for line in look.typed] == [LEFT_TO_PAPER]


def test_what_is_left_is_left_on_this_paper_and_for_this_value(family: Family, sheet: Sheet) -> None:
    leaf = leaf_of(sheet)
    family.save("phone", "15400001234")
    arrive(sheet, leaf)
    assert family_differences.leave(family.actor, family.child, ["phone:not_written"]) == 1
    assert told(family) == {}
    family.save("phone", "15400005678")
    assert told(family) == {"phone": Differs.NOT_WRITTEN}
    family_differences.leave(family.actor, family.child, ["phone:not_written"])
    arrive(sheet, leaf)
    assert told(family) == {"phone": Differs.NOT_WRITTEN}, "a new photo is a new paper to compare"
    family_changes.take_back(family.actor, family.child, "phone", family.version("phone"))
    assert told(family) == {}


def test_once_the_teacher_has_looked_nothing_is_asked(make: Make, family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    arrive(sheet, leaf_of(sheet))
    assert family_differences.waiting(sheet) == 1
    checking.check(make.actor(Role.TEACHER, sheet.class_), sheet.id, sheet.version)
    assert told(family) == {}
    assert family_differences.waiting(sheet) == 0
    with pytest.raises(TooLate):
        family_differences.leave(family.actor, family.child, ["phone:not_written"])


def test_home_counts_it_as_the_thing_to_do(family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    arrive(sheet, leaf_of(sheet), signed=False)
    home = family_home.child_home(family.actor, family.child, "zh")
    assert home.steps is not None
    assert (home.steps.now, home.steps.differs) == ("photo", 1)
    arrive(sheet, leaf_of(sheet))
    home = family_home.child_home(family.actor, family.child, "zh")
    assert home.steps is not None
    assert home.steps.now == "differs"
    assert screen_paper.compared(sheet).signed is True


def test_another_familys_child_does_not_exist(make: Make, family: Family, sheet: Sheet) -> None:
    family.save("phone", "15400001234")
    arrive(sheet, leaf_of(sheet))
    stranger = Family(make, make.sheet(SheetState.ISSUED))
    with pytest.raises(NotFound):
        family_differences.of_child(stranger.actor, family.child, "zh")
    with pytest.raises(NotFound):
        family_differences.leave(stranger.actor, family.child, ["phone:not_written"])
