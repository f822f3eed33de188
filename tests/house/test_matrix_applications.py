"""Applications: state x move x role x place, generated; no pair that is not listed succeeds, every listed one does."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.roles import Role
from tests.house.matrix_applications import MOVES, STATES, VARIANTS, Cases, attempt, every_case, expected, listed
from tests.house.matrix_world import People, build_places
from tests.make import Make


@pytest.fixture
def people(app: Flask, make: Make) -> People:
    return People(build_places(make))


@pytest.fixture
def cases(make: Make, people: People) -> Cases:
    return Cases(make, people)


def test_states_and_moves_are_those_of_the_domain() -> None:
    """A state or move that is added must be added to the table here too."""
    assert set(STATES) == {state.value for state in ApplicationState}
    assert set(MOVES) == {move.value for move in ApplicationMove}


def test_every_role_everywhere_makes_exactly_the_listed_moves(people: People, cases: Cases) -> None:
    """R104, R105, R111, R113, 2.2: nine roles at every place, eight states, seven moves, six ways to go."""
    wrong, done = [], 0
    for name, state, move in every_case():
        application_id = cases.ids[(name, state)]
        for (role, place), actor in people.everybody.items():
            became = attempt(actor, application_id, cases.versions[application_id], move)
            want = expected(VARIANTS[name], state, move, role, place)
            done += became is not None
            if became != want:
                wrong.append(f"{name}: {state} {move} by {role} at {place}: {became} instead of {want}")
    assert wrong == []
    assert done == sum(len(roles) for one in VARIANTS.values() for _to, roles, _at in listed(one).values())
