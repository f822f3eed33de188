"""Checking by a claimed family: typed, taken back, left to the school, groups, closed states, two guardians."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.models import Change, GroupCheck, Guardianship, Sheet, Step, User, db
from portal.rules.check_groups import GROUPS
from portal.rules.clock import today
from portal.rules.roles import Actor
from portal.rules.workflow import SheetState
from portal.services import accounts, family_changes, family_check, family_summary
from portal.services.family_changes import Answer
from portal.services.refusals import NotFound, TooLate
from tests.make import PASSWORD, Make
from tests.photographs import arrive, leaf_of


class Family:
    """A signed-in guardian of a child with an issued sheet."""

    def __init__(self, make: Make, sheet: Sheet) -> None:
        user = make.guardian(sheet.pupil)
        self.sheet_id, self.actor = sheet.id, actor_of(user)
        query = select(Guardianship.id).where(Guardianship.user_id == user.id)
        self.child: UUID = db.session.scalars(query).one()

    def save(
        self, item: str, raw: str | None, confirm: bool = False, version: int | None = None
    ) -> family_changes.Outcome:
        group = next(one for one in GROUPS if item in one.items)
        answer = Answer(raw, self.version(item) if version is None else version)
        return family_changes.save(self.actor, self.child, group.code, {item: answer}, confirm)

    def version(self, item: str) -> int:
        change = self.change(item)
        return change.version if change else 0

    def change(self, item: str) -> Change | None:
        db.session.expire_all()
        return db.session.scalar(select(Change).where(Change.sheet_id == self.sheet_id, Change.item == item))


def actor_of(user: User) -> Actor:
    found = accounts.actor_of(accounts.sign_in(user.phone or "", PASSWORD))
    assert found is not None
    return found


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def family(make: Make, sheet: Sheet) -> Family:
    return Family(make, sheet)


def test_a_typed_value_is_a_change_beside_what_was_printed(family: Family, sheet: Sheet) -> None:
    printed = sheet.pupil.record["postcode"]
    assert family.save("postcode", " 999000 ").is_whole
    change = family.change("postcode")
    assert change is not None
    assert (change.source, change.outcome) == ("typed", "open")
    assert change.values["typed"] == "999000"
    assert change.values["printed"] == printed
    assert sheet.pupil.record["postcode"] == printed, "the record is the school's to change"
    step = db.session.scalars(select(Step).where(Step.thing_id == change.id)).one()
    assert (step.move, step.role, step.details) == ("TYPE_CHANGE", "PARENT", {"item": "postcode"})


def test_what_breaks_a_rule_is_not_saved(family: Family) -> None:
    outcome = family.save("postcode", "10000")
    assert [problem.code for problem in outcome.wrong["postcode"]] == ["R61"]
    assert family.change("postcode") is None


def test_the_stored_value_typed_again_is_no_change(family: Family, sheet: Sheet) -> None:
    family.save("postcode", sheet.pupil.record["postcode"])
    assert family.change("postcode") is None
    family.save("postcode", "999000")
    family.save("postcode", sheet.pupil.record["postcode"])
    assert family.change("postcode") is None


def test_the_same_again_writes_no_step(family: Family) -> None:
    family.save("postcode", "999000")
    family.save("postcode", "999000")
    assert db.session.query(Step).filter_by(move="TYPE_CHANGE").count() == 1


def test_items_that_belong_together_are_changed_one_after_the_other(family: Family) -> None:
    """R44: what a boarder may have is judged by what the family has typed, not by what is on record."""
    assert "boarding_subsidy" in family.save("boarding_subsidy", "1").wrong
    assert family.save("attendance_way", "2").is_whole
    assert family.save("boarding_subsidy", "1").is_whole


def test_a_new_number_asks_for_its_birth_date_instead_of_being_refused(family: Family) -> None:
    """R6: the error lies at the other item, where it is told first of all."""
    assert family.save("id_number", "990101201403120157").is_whole
    rows = family_check.screen(family.actor, family.child, "basic").rows
    born = next(row for row in rows if row.item.code == "birth_date")
    assert [problem.code for problem in born.doubts] == ["R6"]


def test_taking_back_leaves_nothing_but_the_steps(family: Family) -> None:
    family.save("postcode", "999000")
    family_changes.take_back(family.actor, family.child, "postcode", 1)
    assert family.change("postcode") is None
    moves = [step.move for step in db.session.scalars(select(Step).where(Step.thing == "change").order_by(Step.at))]
    assert moves == ["TYPE_CHANGE", "TAKE_BACK_CHANGE"]
    family_changes.take_back(family.actor, family.child, "postcode", 0)


def test_the_school_is_asked_to_fill_in(family: Family) -> None:
    family.save("postcode", "999000")
    family_changes.ask_school(family.actor, family.child, "postcode", family.version("postcode"))
    change = family.change("postcode")
    assert change is not None
    assert (change.values["asked"], change.values["typed"]) == (True, None)
    found = family_summary.summary(family.actor, family.child)
    assert [item.code for item in found.asked] == ["postcode"]
    assert found.to_write == ()


def test_two_guardians_on_one_item_do_not_overwrite_each_other(make: Make, family: Family, sheet: Sheet) -> None:
    """sec-A16: the second sees what the first did before anything of theirs is kept."""
    other = Family(make, sheet)
    assert family.save("postcode", "999000", version=0).is_whole
    outcome = other.save("postcode", "999111", version=0)
    assert outcome.said == {"postcode": family_changes.CHANGED_MEANWHILE}
    row = next(r for r in family_check.screen(other.actor, other.child, "contact").rows if r.item.code == "postcode")
    assert (row.now, row.by_you) == ("999000", False)
    assert other.save("postcode", "999111", version=row.version).is_whole
    with pytest.raises(TooLate):
        family_changes.take_back(family.actor, family.child, "postcode", row.version)
    with pytest.raises(TooLate):
        family_changes.ask_school(family.actor, family.child, "postcode", 0)


def test_two_guardians_with_the_same_value_agree(make: Make, family: Family, sheet: Sheet) -> None:
    other = Family(make, sheet)
    family.save("postcode", "999000", version=0)
    assert other.save("postcode", "999000", version=0).is_whole


def test_a_group_is_confirmed_only_when_everything_typed_is_saved(family: Family) -> None:
    assert not family.save("postcode", "1", confirm=True).is_whole
    assert db.session.query(GroupCheck).count() == 0
    assert not family.save("birthplace_code", None, confirm=True).is_whole
    assert db.session.query(GroupCheck).count() == 0
    assert family.save("postcode", "999000", confirm=True).is_whole
    assert [row.group for row in db.session.query(GroupCheck)] == ["contact"]
    family_changes.save(family.actor, family.child, "contact", {}, confirm=True)
    assert db.session.query(GroupCheck).count() == 1
    assert family_check.next_group(family.actor, family.child) == "basic"


def test_all_groups_end_with_what_to_write_on_the_paper(family: Family, sheet: Sheet) -> None:
    for one in GROUPS:
        family_changes.save(family.actor, family.child, one.code, {}, confirm=True)
    assert family_check.next_group(family.actor, family.child) is None
    present = sheet.pupil.record["current_address"]
    family.save("left_behind", "2")
    family.save("mailing_address", "试验二区书院街 18 号")
    family.save("mailing_address", present)
    family.save("guardian1_current_address", "试验二区书院街 18 号")
    family.save("guardian1_current_address", present)
    family.save("current_address", "试验二区书院街 18 号")
    family.save("home_address", "试验二区书院街 18 号")
    family.save("blood_type", "")
    found = family_summary.summary(family.actor, family.child)
    assert [(line.item.code, line.text) for line in found.to_write] == [
        ("blood_type", "无"),
        ("current_address", "试验二区书院街 18 号"),
        ("home_address", "同现住址"),
        ("left_behind", "双亲留守儿童"),
    ]
    assert [line.number for line in found.to_write] == sorted(line.number for line in found.to_write)
    assert found.open == ()


@pytest.mark.parametrize("state", [s for s in SheetState if s not in (SheetState.ISSUED, SheetState.RECEIVED)])
def test_nothing_is_taken_before_hand_out_and_after_the_teacher_has_looked(make: Make, state: SheetState) -> None:
    family = Family(make, make.sheet(state))
    for act in (
        lambda: family.save("postcode", "999000"),
        lambda: family_changes.save(family.actor, family.child, "basic", {}, confirm=True),
        lambda: family_changes.take_back(family.actor, family.child, "postcode", 0),
        lambda: family_changes.ask_school(family.actor, family.child, "postcode", 0),
    ):
        with pytest.raises(TooLate):
            act()
        db.session.rollback()
    assert family_check.screen(family.actor, family.child, "basic").closed


def test_sent_back_it_can_be_changed_again(make: Make) -> None:
    family = Family(make, make.sheet(SheetState.ISSUED, sent_back=True, received=True))
    assert family.save("postcode", "999000").is_whole


@pytest.mark.parametrize("columns", [{"in_scope": False, "exclusion": "left"}, {}])
def test_closed_out_of_scope_and_after_the_round(make: Make, columns: dict) -> None:
    sheet = make.sheet(SheetState.ISSUED, **columns)
    family = Family(make, sheet)
    if not columns:
        sheet.round.ends = today() - timedelta(days=1)
        db.session.commit()
    with pytest.raises(TooLate):
        family.save("postcode", "999000")


def test_only_an_active_guardian_of_the_child_gets_in(make: Make, family: Family) -> None:
    stranger = Family(make, make.sheet(SheetState.ISSUED))
    waiting = make.guardian(make.pupil(), state="waiting")
    not_yet = db.session.scalars(select(Guardianship.id).where(Guardianship.user_id == waiting.id)).one()
    for actor, child in ((stranger.actor, family.child), (actor_of(waiting), not_yet), (family.actor, uuid4())):
        for ask in (
            lambda a=actor, c=child: family_check.screen(a, c, "basic"),
            lambda a=actor, c=child: family_check.next_group(a, c),
            lambda a=actor, c=child: family_summary.summary(a, c),
            lambda a=actor, c=child: family_changes.save(a, c, "basic", {}, confirm=True),
        ):
            with pytest.raises(NotFound):
                ask()
            db.session.rollback()


def test_unknown_groups_and_items_of_another_group_do_not_exist(family: Family) -> None:
    with pytest.raises(NotFound):
        family_check.screen(family.actor, family.child, "nothing")
    with pytest.raises(NotFound):
        family_changes.save(family.actor, family.child, "basic", {"phone": Answer("1", 0)})
    with pytest.raises(NotFound):
        family_changes.save(family.actor, family.child, "basic", {"class_no": Answer("1", 0)})


def test_doubtful_items_are_first_and_stay_first(make: Make) -> None:
    family = Family(make, make.sheet(SheetState.ISSUED, make.pupil(postcode="10000")))
    first = family_check.screen(family.actor, family.child, "contact").rows[0]
    assert (first.item.code, [problem.code for problem in first.doubts]) == ("postcode", ["R61"])
    family.save("postcode", "999000")
    first = family_check.screen(family.actor, family.child, "contact").rows[0]
    assert (first.item.code, first.doubts) == ("postcode", ())


def test_ink_and_typed_are_kept_beside_each_other(family: Family, sheet: Sheet) -> None:
    leaf = leaf_of(sheet)
    family.save("postcode", "999000")
    arrive(sheet, leaf, written=("postcode", "email"), ticked={"left_behind": ("2",)})
    change = family.change("postcode")
    assert change is not None
    assert change.crop_address
    assert change.values["typed"] == "999000"
    family.save("email", "a@example.org")
    arrive(sheet, leaf, written=())
    kept = [family.change(item) for item in ("postcode", "email")]
    assert [(one.crop_address, one.source, one.values["typed"]) for one in kept if one] == [
        (None, "typed", "999000"),
        (None, "typed", "a@example.org"),
    ]
    assert family.change("left_behind") is None, "what only stood on the older photo goes"


def test_taking_back_what_is_also_written_leaves_the_ink(family: Family, sheet: Sheet) -> None:
    leaf = leaf_of(sheet)
    family.save("postcode", "999000")
    arrive(sheet, leaf, written=("postcode",))
    family_changes.take_back(family.actor, family.child, "postcode", family.version("postcode"))
    change = family.change("postcode")
    assert change is not None
    assert (change.source, bool(change.crop_address), "typed" in change.values) == ("ink", True, False)


def test_what_the_received_paper_does_not_show_is_told(family: Family, sheet: Sheet) -> None:
    family.save("postcode", "999000")
    assert family_summary.summary(family.actor, family.child).not_on_paper == ()
    arrive(sheet, leaf_of(sheet), written=("email",))
    found = family_summary.summary(family.actor, family.child)
    assert [line.item.code for line in found.not_on_paper] == ["postcode"]
