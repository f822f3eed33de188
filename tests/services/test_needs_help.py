"""Who needs help: the obstacle that has stood longest, seen by the level that can do something about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.models import Place, Sheet, Unlock, db
from portal.rules.clock import now, today
from portal.rules.obstacles import Obstacle
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import figures
from portal.services.needs_help import Help, who_needs_help
from tests.make import Make


@pytest.fixture
def long_ago(make: Make, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Three sheets handed out nine days ago of which two were received on the same day, and nothing since."""
    monkeypatch.setattr(figures, "today", lambda: today() - timedelta(days=9))
    for state in (SheetState.ISSUED, SheetState.RECEIVED, SheetState.RECEIVED):
        make.sheet(state)
    figures.fold_all()
    monkeypatch.undo()
    age(9)
    return make


def age(days: int) -> None:
    db.session.execute(update(Sheet).values(updated_at=now() - timedelta(days=days)))
    db.session.commit()


def seen(actor: Actor, make: Make) -> list[tuple[str, Obstacle, int]]:
    return [(one.place.name, one.stuck.obstacle, one.stuck.count) for one in who_needs_help(actor, make.round())]


def unlock(make: Make, school: Place) -> None:
    actor = make.actor(Role.REGISTRAR, school)
    own = {"round_id": make.round().id, "school_id": school.id, "user_id": actor.user_id, "code_hash": b"x"}
    db.session.add(Unlock(shown_in_id=actor.session_id, expires_at=now(), used_at=now(), **own))
    db.session.commit()


def test_each_level_sees_the_places_it_can_do_something_about(long_ago: Make) -> None:
    make = long_ago
    provinces = seen(make.actor(Role.REGISTRAR, make.province()), make)
    assert provinces == seen(make.actor(Role.LEADER, make.prefecture()), make)
    assert provinces == [("试验一区教育局", Obstacle.NOTHING_RECEIVED, 1)]
    assert seen(make.actor(Role.REGISTRAR, make.county()), make) == [("试验市第一小学", Obstacle.NOTHING_RECEIVED, 1)]
    assert seen(make.actor(Role.LEADER, make.school()), make) == [("六年级（6）班", Obstacle.NOT_LOOKED_AT, 2)]


def test_help_says_since_when_and_above_whom(long_ago: Make) -> None:
    found = who_needs_help(long_ago.actor(Role.REGISTRAR, long_ago.province()), long_ago.round())
    assert [(one.above, one.is_direct) for one in found] == [("试验市教育局", False)]
    assert found[0].stuck.since == today() - timedelta(days=9)


def test_schools_that_an_authority_runs_itself_are_one_place(make: Make) -> None:
    school = make.school("2199000002", "市直属小学", make.prefecture())
    make.sheet(SheetState.PRINTED, pupil=make.pupil(make.class_(school)))
    age(4)
    for place in (make.province(), make.prefecture()):
        found: list[Help] = who_needs_help(make.actor(Role.REGISTRAR, place), make.round())
        assert [(one.place.code, one.is_direct, one.stuck.obstacle) for one in found] == [
            ("990100", True, Obstacle.NOT_HANDED_OUT)
        ]


def test_printed_sheets_that_lie_at_school(make: Make) -> None:
    make.sheet(SheetState.PRINTED)
    officer, registrar = make.actor(Role.REGISTRAR, make.county()), make.actor(Role.REGISTRAR, make.school())
    assert seen(officer, make) == seen(registrar, make) == []
    age(4)
    assert seen(officer, make) == [("试验市第一小学", Obstacle.NOT_HANDED_OUT, 1)]
    assert seen(registrar, make) == [("六年级（6）班", Obstacle.NOT_HANDED_OUT, 1)]


def test_schools_that_could_print_and_are_not_unlocked(make: Make) -> None:
    one, other = make.school(), make.school("2199000002", "试验市第二小学")
    officer = make.actor(Role.REGISTRAR, make.county())
    window = make.window(opens=now() - timedelta(days=1))
    assert seen(officer, make) == [], "the window has only just opened"
    window.opens_at = now() - timedelta(days=3)
    db.session.commit()
    assert [name for name, _, _ in seen(officer, make)] == [one.name, other.name]
    assert seen(make.actor(Role.REGISTRAR, make.province()), make) == [("试验一区教育局", Obstacle.NOT_UNLOCKED, 2)]
    unlock(make, one)
    assert [name for name, _, _ in seen(officer, make)] == [other.name]
    window.closes_at = now() - timedelta(hours=1)
    db.session.commit()
    assert seen(officer, make) == [], "nothing to unlock for"


def test_nobody_hears_of_another_county(long_ago: Make) -> None:
    stranger = long_ago.actor(Role.REGISTRAR, long_ago.county("990102", "试验二区教育局"))
    assert seen(stranger, long_ago) == []
