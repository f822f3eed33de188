"""A decision holds in the post and at the place it was made in (R88, R129, R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Decision, Place, User, db
from portal.rules.access import Action
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Level, Role
from portal.rules.workflow import SheetState
from portal.services import pending
from tests.make import Make


@pytest.fixture
def neighbour(make: Make) -> Place:
    return make.school("2199000002", "试验市第二小学")


@pytest.fixture
def leader(make: Make) -> User:
    return make.user(Role.LEADER, make.school())


def decision(make: Make, school: Place, leader: User) -> Decision:
    """What a leader decided on a sheet of a school."""
    sheet = make.sheet(SheetState.CHECKED, make.pupil(make.class_(school)))
    own = {"school_id": school.id, "path": sheet.path, "thing": "sheet", "thing_id": sheet.id, "version": 1}
    made = Decision(move="PASS", by_id=leader.id, post_id=leader.posts[0].id, at=now(), due_at=now(), **own)
    db.session.add(made)
    db.session.commit()
    return made


def acting(leader: User, school: Place) -> Actor:
    return Actor(leader.id, None, Role.LEADER, Level.SCHOOL, school.id, school.path, leader.name, school.name)


def test_a_decision_of_elsewhere_is_nobodys_and_not_listed(make: Make, leader: User, neighbour: Place) -> None:
    """R130: a post decides inside its place and what it may do; a list has the decisions of one place."""
    own, foreign = decision(make, make.school(), leader), decision(make, neighbour, leader)
    assert pending.of_place(acting(leader, make.school()), "sheet") == [own]
    assert pending.actor_of(foreign, Action.REVIEW_AT_SCHOOL) is None
    assert pending.actor_of(own, Action.REVIEW_AT_AUTHORITY) is None
    assert pending.actor_of(own, Action.REVIEW_AT_SCHOOL) == acting(leader, make.school())


def test_it_is_made_in_the_post_of_the_place_where_one_acts(make: Make, leader: User, neighbour: Place) -> None:
    """A longer post of the same kind at another school does not stand for this one."""
    longer = make.post(leader, Role.LEADER, neighbour)
    longer.begins = today() - timedelta(days=1)
    db.session.commit()
    (here,) = [post for post in leader.posts if post.place_id != neighbour.id]
    assert pending.post_of(acting(leader, make.school())) == here.id
