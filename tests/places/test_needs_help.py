"""Who needs help is asked of the own places, by the path of what stands still (R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.models import Place, Sheet, db
from portal.rules.clock import now
from portal.rules.obstacles import Obstacle
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services.needs_help import Help, who_needs_help
from tests.make import Make


@pytest.fixture
def other(make: Make) -> Place:
    """A county of another prefecture."""
    return make.place(make.county().level, "990201", "另一区教育局", make.prefecture("990200", "另一市教育局"))


def helps(make: Make, place: Place) -> list[Help]:
    return who_needs_help(make.actor(Role.REGISTRAR, place), make.round())


def lies_printed(make: Make, school: Place, path: str = "") -> None:
    sheet = make.sheet(SheetState.PRINTED, make.pupil(make.class_(school)))
    sheet.path = path or sheet.path
    db.session.commit()
    db.session.execute(update(Sheet).values(updated_at=now() - timedelta(days=9)))
    db.session.commit()


def test_schools_of_its_own_are_those_that_the_prefecture_itself_runs(make: Make) -> None:
    lies_printed(make, make.school())
    lies_printed(make, make.school("2199000002", "市直属小学", make.prefecture()))
    found = {one.place.code: one.is_direct for one in helps(make, make.prefecture())}
    assert found == {"990100": True, "990101": False}


def test_printed_sheets_whose_pupils_are_elsewhere_are_counted_there(make: Make, other: Place) -> None:
    """A sheet that is on its way from one school to another counts where its path says."""
    lies_printed(make, make.school())
    lies_printed(make, make.school(), path=f"{other.path}2199000009/")
    assert [(one.stuck.obstacle, one.stuck.count) for one in helps(make, make.county())] == [
        (Obstacle.NOT_HANDED_OUT, 1)
    ]


def test_schools_that_lie_elsewhere_are_not_counted_as_locked(make: Make, other: Place) -> None:
    """A school that is on its way from one county to another counts where its path says."""
    make.window()
    make.school(), make.school("2199000002", "试验市第二小学")
    gone = make.school("2199000003", "试验市第三小学")
    gone.path = f"{other.path}2199000003/"
    db.session.commit()
    assert [(one.stuck.obstacle, one.stuck.count) for one in helps(make, make.prefecture())] == [
        (Obstacle.NOT_UNLOCKED, 2)
    ]
