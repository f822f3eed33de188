"""Applications: state x move x role x place, generated; no pair that is not listed succeeds, every listed one does."""

from __future__ import annotations

from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Application, Window, db
from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.clock import now
from portal.rules.place_settings import REGISTRAR_REVIEWS
from portal.rules.roles import Role
from portal.services import place_settings, review_queue, reviewing
from portal.services.refusals import Refusal
from tests.house.matrix_applications import (
    BUSINESS,
    BY_THE_SCHOOL,
    MOVES,
    STATES,
    VARIANTS,
    Cases,
    attempt,
    every_case,
    expected,
    is_free,
    listed,
    makes_again,
    starts,
)
from tests.house.matrix_world import HOME, People, build_places, no_trace
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
        case = cases.of(name, state)
        for (role, place), actor in people.everybody.items():
            became = attempt(actor, *case, move)
            want = expected(VARIANTS[name], state, move, role, place)
            done += became is not None
            if became != want:
                wrong.append(f"{name}: {state} {move} by {role} at {place}: {became} instead of {want}")
    assert not wrong, "\n".join(wrong)
    assert done == sum(len(roles) for one in VARIANTS.values() for _to, roles, _at in listed(one).values())


def reviewers(people: People, cases: Cases) -> list[tuple[str, str, str, Role, str]]:
    """(variant, state, move, role, place) of every listed decision."""
    found = [(name, pair, told) for name, one in VARIANTS.items() for pair, told in listed(one).items()]
    decisions = [(name, pair, told) for name, pair, told in found if pair[1] not in BY_THE_SCHOOL]
    return [(name, *pair, Role(role), at) for name, pair, (_to, roles, at) in decisions for role in roles]


def test_nobody_decides_on_what_went_through_own_hands(make: Make, people: People, cases: Cases) -> None:
    """R88: who made it, typed in it, sent it, added a file or passed it decides nothing, whatever post they come in."""
    wrong = []
    for name, state, move, role, place in reviewers(people, cases):
        one, case = VARIANTS[name], cases.of(name, state)
        hands = {"made": cases.maker, "typed": cases.typist, "sent": cases.sender, "added a file": cases.clerk}
        if state == "WITH_AUTHORITY":
            hands["passed"] = cases.passer
        for what, whose in hands.items():
            actor = people.second_post(whose[one.school], role, place, make)
            if attempt(actor, *case, move) is not None:
                wrong.append(f"{name}: {state} {move} by the {role} who {what} it")
            if not all(row.own for row in review_queue.waiting(actor) if row.application_id == case[0]):
                wrong.append(f"{name}: {state} looks free to the {role} who {what} it")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lets", [True, False])
def test_x07_registrars_review_in_the_school_only_where_the_province_lets_them(
    make: Make, people: People, cases: Cases, lets: bool
) -> None:
    """X7: "leader; registrar if authorised, never the applicant"."""
    place_settings.save(people.everybody[(Role.REGISTRAR, "province")], {REGISTRAR_REVIEWS: lets})
    for name, state, move, role, place in reviewers(people, cases):
        if role != Role.LEADER:
            continue
        case, target = cases.of(name, state), listed(VARIANTS[name])[(state, move)][0]
        for (other_role, other_place), actor in people.everybody.items():
            may_ = other_role == Role.LEADER or (other_role == Role.REGISTRAR and lets)
            want = target if may_ and other_place == place else None
            if other_role in (Role.LEADER, Role.REGISTRAR, Role.OPERATOR):
                became = attempt(actor, *case, move)
                assert became == want, (name, state, move, other_role, other_place)
        assert attempt(cases.maker[place], *case, move) is None


def test_other_business_waits_while_an_application_is_open_or_a_refused_deletion_stands(
    people: People, cases: Cases
) -> None:
    """H7, R104, R113: each kind of new application, and a pupil's leaving, against each application that is there."""
    wrong = []
    for name, state in product(VARIANTS, STATES):
        application_id, _version = cases.of(name, state)
        one, pupil_id = VARIANTS[name], db.session.get_one(Application, application_id).pupil_id
        registrar = cases.maker[one.school]
        for business in BUSINESS:
            started, want = starts(registrar, pupil_id, business), is_free(one, state, business)
            if started != want:
                wrong.append(f"{business} beside {name} in {state}: {started}")
    assert not wrong, "\n".join(wrong)


def test_a_refused_one_is_made_again_by_those_who_apply_and_no_other_is(people: People, cases: Cases) -> None:
    """H5, R104: a new application linked to the refused one; a refused deletion is cleared instead (R113)."""
    wrong = []
    for name, state in product(VARIANTS, STATES):
        one, (application_id, _version) = VARIANTS[name], cases.of(name, state)
        for (role, place), actor in people.everybody.items():
            applies = one.kind != "deletion" and role.value in one.applicants and place == one.school
            want = applies and state.startswith("REFUSED")
            if makes_again(actor, application_id) != want:
                wrong.append(f"{name} in {state} again by {role} at {place}: {not want}")
    assert not wrong, "\n".join(wrong)


def test_an_authority_looks_at_each_by_itself_and_a_leader_may_take_several(people: People, cases: Cases) -> None:
    """H4, R105: not fifty with one click; every role that may decide."""
    for name, state, move, role, place in reviewers(people, cases):
        versions = dict([cases.of(name, state), cases.add(name, state)])
        with no_trace():
            try:
                count = reviewing.decide(
                    people.everybody[(role, place)], versions, ApplicationMove(move), "不符"
                ).decided
            except Refusal:
                count = 0
        assert count == (2 if role == Role.LEADER else 0), (name, state, move, role)


def test_in_a_closed_window_nothing_is_sent_and_what_was_sent_is_still_decided(
    make: Make, people: People, cases: Cases
) -> None:
    """A4, R95: the entry switch of the round holds new applications up, not the review of those that are there."""
    sendable = {name: (cases.of(name, "DRAFTED"), cases.of(name, "WITH_LEADER")) for name in VARIANTS}
    for window in db.session.scalars(select(Window)):
        window.closes_at = now()
    db.session.commit()
    assert starts(cases.maker[HOME], make.pupil(people.places[f"class of {HOME}"]).id, "change") is False
    for name, one in VARIANTS.items():
        drafted, waiting = sendable[name]
        assert attempt(cases.sender[one.school], *drafted, "SEND") is None, name
        assert attempt(people.everybody[(Role.LEADER, one.school)], *waiting, "PASS") is not None, name
