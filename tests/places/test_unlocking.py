"""A download code is of one person at one school; others' and those of elsewhere are no own ones (R97, R129, R130)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Place, Unlock, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import unlocking
from portal.services.history import record
from tests.make import Make


@pytest.fixture
def registrar(make: Make) -> Actor:
    """A registrar whose school may print now, just signed in."""
    make.window()
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def others(registrar: Actor, make: Make) -> list[Unlock]:
    """Codes that wait: a colleague's at the same school, and the registrar's own at the school of another post."""
    colleague = make.user(Role.REGISTRAR, make.school())
    elsewhere = make.school("2199000002", "试验市第二小学")
    return [
        code(registrar, make, user_id=colleague.id),
        code(registrar, make, school_id=elsewhere.id),
    ]


def code(registrar: Actor, make: Make, **columns: object) -> Unlock:
    """A code the registrar has seen an hour ago, unless told otherwise."""
    own = {"user_id": registrar.user_id, "school_id": registrar.place_id, "shown_in_id": registrar.session_id}
    at = {"made_at": now() - timedelta(hours=1), "expires_at": now() + timedelta(hours=1)}
    made = Unlock(round_id=make.round().id, code_hash=b"-", **(own | at | columns))
    db.session.add(made)
    db.session.commit()
    return made


def refuse(school: Place, by: Actor) -> None:
    """Somebody types a wrong code at a school."""
    record(by, school, "REFUSE_DOWNLOAD_CODE", school.id)
    db.session.commit()


def test_a_new_code_ends_the_own_one_of_this_school_only(registrar: Actor, make: Make, others: list[Unlock]) -> None:
    """B5: what a colleague has seen, and what the same person has seen for another school, can still be entered."""
    own = code(registrar, make)
    unlocking.show_code(registrar)
    db.session.expire_all()
    assert own.ended_at is not None
    assert [one.ended_at for one in others] == [None, None]


@pytest.mark.parametrize("which", [0, 1], ids=["of a colleague", "for another school"])
def test_only_an_own_code_for_this_school_waits(registrar: Actor, make: Make, others: list[Unlock], which: int) -> None:
    """B6, sec-A18: neither another person's code nor one for another school is waited for or watched over."""
    db.session.delete(others[1 - which])
    refuse(make.school(), registrar)
    assert not unlocking.has_waiting(registrar)
    assert unlocking.wrong_since_shown(registrar) == 0
    code(registrar, make)
    assert unlocking.has_waiting(registrar)
    assert unlocking.wrong_since_shown(registrar) == 1


def test_wrong_codes_of_another_school_are_not_told_here(registrar: Actor, make: Make) -> None:
    """sec-C12: who guesses at another school is that school's matter."""
    code(registrar, make)
    refuse(make.school("2199000002", "试验市第二小学"), registrar)
    assert unlocking.wrong_since_shown(registrar) == 0
    refuse(make.school(), registrar)
    assert unlocking.wrong_since_shown(registrar) == 1
