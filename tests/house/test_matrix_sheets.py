"""Sheets: state x way x role x place, generated; no pair that is not listed succeeds, every listed one does."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.models import db
from portal.rules.access import may
from portal.rules.roles import Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import doors
from portal.services.readings import new_change
from portal.web.guard import action_of
from tests.house.matrix_sheets import MOVES, STATES, WAYS, Cases, attempt, expected
from tests.house.matrix_world import People, build_places
from tests.make import Make
from tests.press import Press


@pytest.fixture
def cases(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> Cases:
    monkeypatch.setattr("portal.paper.printing.print_sheets", Press())
    return Cases(make, People(build_places(make)))


def test_states_and_moves_are_those_of_the_domain() -> None:
    """A state or move that is added must be added to the table here too, and each move has a way."""
    assert set(STATES) == {state.value for state in SheetState}
    assert set(MOVES) == {move.value for move in SheetMove}
    assert {way.move for way in WAYS.values()} == set(MOVES)


def test_every_role_everywhere_makes_exactly_the_listed_moves(app: Flask, cases: Cases) -> None:
    """D6, G1-G9, X10, X30, X34, 2.2: nine roles at every place, nine states, every way a sheet is moved."""
    wrong, done = [], 0
    for name, way in WAYS.items():
        action = action_of(app, way.endpoint)
        assert action is not None
        for state in STATES:
            case = cases.of[state]
            for (role, place), actor in cases.everybody(state).items():
                became = attempt(actor, case, way) if may(actor, action) else None
                want = expected(way, state, role, place)
                done += became is not None
                if became != want:
                    wrong.append(f"{name} from {state} by {role} at {place}: {became} instead of {want}")
    assert not wrong, "\n".join(wrong)
    assert done == sum(len(way.states) * len(way.who) for way in WAYS.values())


def test_nobody_looks_again_at_what_went_through_own_hands(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """R88, G3, G6: who checked a sheet does not pass it, who typed it does not sign it off; and only who accepted it
    takes that back."""
    leader = cases.people.everybody[(Role.LEADER, "school")]
    for name, state in (("pass", "CHECKED"), ("sign off", "ENTERED")):
        assert attempt(leader, cases.of[state], WAYS[name]) is not None
    monkeypatch.setattr(cases, "_teacher", lambda _state: leader.user_id)
    cases.of["CHECKED"] = cases.add("CHECKED")
    change = new_change(cases.of["ENTERED"].sheet, "phone")
    change.outcome, change.entered_by_id = "accepted", leader.user_id
    db.session.commit()
    for name, state in (("pass", "CHECKED"), ("sign off", "ENTERED")):
        assert attempt(leader, cases.of[state], WAYS[name]) is None
    teacher = cases.own["CHECKED"][(Role.TEACHER, "class")]
    assert attempt(teacher, cases.of["CHECKED"], WAYS["take the check back"]) is None


def test_a_photo_is_taken_from_the_hand_out_to_the_end(cases: Cases) -> None:
    """Architecture 4: what a family can do to a sheet is send a photo, once it has been handed out."""
    open_ = {state for state, case in cases.of.items() if doors.of_sheet(case.sheet).closed is None}
    assert open_ == set(STATES[2:])
