"""Two rounds: what was disputed in the one before is marked on the paper, on the school's list and on the screen."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from portal.models import Pupil, Round, Sheet, db
from portal.rules.clock import today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import disputes, doubts, family_changes, family_check, print_content
from portal.services.family_changes import Answer
from portal.services.print_content import Printed
from portal.services.readings import new_change
from tests.make import Make
from tests.services.test_family_check import Family


@pytest.fixture
def present(make: Make) -> Round:
    """The round of this year."""
    return make.round()


def earlier(make: Make, years: int) -> Round:
    """A round some years before the present one."""
    back = timedelta(days=365 * years)
    begins, ends = today() - timedelta(days=20) - back, today() + timedelta(days=20) - back
    return make.round(year=begins.year, title=f"{begins.year} 年春季核查", begins=begins, ends=ends)


def sheet_of(found: Round, pupil: Pupil, outcomes: dict[str, str], **columns: object) -> Sheet:
    """The sheet of a pupil in an earlier round, with what became of its changes."""
    path = {"school_id": pupil.school_id, "class_id": pupil.class_id, "path": pupil.path}
    base = {"state": SheetState.ARCHIVED, "issued": True, "received": True} | path
    sheet = Sheet(round_id=found.id, pupil_id=pupil.id, **(base | columns))
    db.session.add(sheet)
    db.session.flush()
    for item, outcome in outcomes.items():
        new_change(sheet, item).outcome = outcome
    db.session.commit()
    return sheet


ALL = {"phone": "accepted", "name": "refused", "sex": "applied_for", "email": "unclear", "orphan": "open"}
TOLD = frozenset({"phone", "name", "sex", "email"})


def test_what_was_decided_or_unclear_is_disputed(make: Make, present: Round) -> None:
    now, other = make.sheet(SheetState.EXPECTED), make.sheet(SheetState.EXPECTED)
    sheet_of(earlier(make, 1), now.pupil, ALL)
    assert disputes.of_sheet(now) == TOLD
    assert disputes.of_sheet(other) == frozenset()
    assert disputes.of_pupils(present.id, [now.pupil_id, other.pupil_id]) == {now.pupil_id: TOLD}


def test_only_the_last_round_of_a_pupil_counts(make: Make, present: Round) -> None:
    now, left_out = make.sheet(SheetState.EXPECTED), make.sheet(SheetState.EXPECTED)
    long_ago, last = earlier(make, 2), earlier(make, 1)
    sheet_of(long_ago, now.pupil, {"phone": "refused"})
    sheet_of(last, now.pupil, {"email": "accepted"})
    sheet_of(long_ago, left_out.pupil, {"phone": "refused"})
    sheet_of(last, left_out.pupil, {"email": "accepted"}, in_scope=False, exclusion="not_new")
    assert disputes.of_sheet(now) == {"email"}
    assert disputes.of_sheet(left_out) == {"phone"}, "the last one it took part in"


def test_the_present_and_later_rounds_do_not_count(make: Make, present: Round) -> None:
    now = make.sheet(SheetState.RECEIVED)
    new_change(now, "phone").outcome = "refused"
    db.session.commit()
    then = sheet_of(earlier(make, 1), now.pupil, {"email": "accepted"})
    assert disputes.of_sheet(now) == {"email"}
    assert disputes.of_sheet(then) == frozenset()


def test_many_pupils_are_asked_in_parts(make: Make, present: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disputes, "_AT_ONCE", 2)
    last = earlier(make, 1)
    sheets = [make.sheet(SheetState.EXPECTED) for _ in range(5)]
    for sheet in sheets:
        sheet_of(last, sheet.pupil, {"phone": "refused"})
    found = disputes.of_pupils(present.id, [sheet.pupil_id for sheet in sheets])
    assert found == {sheet.pupil_id: {"phone"} for sheet in sheets}


def marks(school_id: UUID, sheet: Sheet) -> frozenset[str]:
    """The marks that would be printed."""
    found = list(print_content.sheets_to_print(school_id, {sheet.id: 1000}, Printed()))
    return found[0].doubts


def test_paper_list_and_screen_show_the_same_items(make: Make, present: Round) -> None:
    pupil = make.pupil(postcode="10000", guardian1_phone="154000")
    sheet = make.sheet(SheetState.ISSUED, pupil)
    sheet_of(earlier(make, 1), pupil, {"email": "refused", "guardian1_name": "accepted"})
    expected = {"postcode", "email", "guardian1_phone", "guardian1_name"}
    print_content.make_codes([sheet.id])
    assert marks(sheet.school_id, sheet) == expected
    registrar, family = make.actor(Role.REGISTRAR, make.school()), Family(make, sheet)
    listed = doubts.doubts_before_printing(registrar, [sheet.class_id])
    assert [(one.item, one.code) for one in listed[0].problems if one.item in ("postcode", "email")] == [
        ("postcode", "R61"), ("email", "T9"),
    ]  # fmt: skip
    assert doubts.doubts_at(registrar).total == len(listed[0].problems)
    for group, first in (("contact", ["postcode", "email"]), ("guardian-1", ["guardian1_name", "guardian1_phone"])):
        rows = family_check.screen(family.actor, family.child, group).rows
        assert [row.item.code for row in rows][:2] == first
        assert all(row.doubts for row in rows[:2])
        assert not any(row.doubts for row in rows[2:])


def test_a_dispute_is_settled_by_what_the_family_types_and_stays_first(make: Make, present: Round) -> None:
    sheet = make.sheet(SheetState.ISSUED)
    sheet_of(earlier(make, 1), sheet.pupil, {"email": "refused"})
    family = Family(make, sheet)
    first = family_check.screen(family.actor, family.child, "contact").rows[0]
    assert (first.item.code, [one.code for one in first.doubts]) == ("email", ["T9"])
    assert family_changes.save(family.actor, family.child, "contact", {"email": Answer("a@example.org", 0)}).is_whole
    first = family_check.screen(family.actor, family.child, "contact").rows[0]
    assert (first.item.code, first.doubts) == ("email", ())
