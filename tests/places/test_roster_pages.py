"""Drafts are those of the own school, and whose they are is told by its own imports (R80, R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Place, Pupil, RosterImport, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import pupils, roster_pages, rosters
from tests.make import Make


def draft(make: Make, class_: Place) -> Pupil:
    made = pupils.new_pupil(class_, make.record(make.next()), is_draft=True)
    db.session.commit()
    return made


def imported(school: Place, by: Actor, minutes_ago: int) -> None:
    done = now() - timedelta(minutes=minutes_ago)
    db.session.add(RosterImport(school_id=school.id, by_id=by.user_id, address="x", state=rosters.DONE, done_at=done))
    db.session.commit()


@pytest.fixture
def far(make: Make) -> Place:
    return make.class_(make.school("2199000002", "试验市第二小学"))


def test_drafts_of_another_school_are_not_listed_counted_or_thrown_away(make: Make, far: Place) -> None:
    registrar = make.actor(Role.REGISTRAR, make.school())
    own, other = draft(make, make.class_()), draft(make, far)
    assert [one.id for one in roster_pages.drafts_of(registrar)] == [own.id]
    assert roster_pages.count_drafts(registrar) == 1
    assert roster_pages.drop_drafts(registrar) == 1
    assert db.session.get(Pupil, other.id) is not None


def test_what_another_school_imports_meanwhile_takes_no_draft_from_its_sender(make: Make, far: Place) -> None:
    school, other = make.school(), make.school("2199000002")
    sender, colleague = make.actor(Role.REGISTRAR, school), make.actor(Role.REGISTRAR, school)
    stranger = make.actor(Role.REGISTRAR, other)
    imported(school, sender, 20)
    imported(other, stranger, 10)
    imported(other, colleague, 5)  # the same person at another post
    own = draft(make, make.class_())
    assert [one.id for one in roster_pages.own_drafts(sender)] == [own.id]
    assert roster_pages.own_drafts(colleague) == []
