"""Who manages whose account, who resets whose password: one table (2.2, P1, P6, R126, R127)."""

from __future__ import annotations

import uuid

import pytest

from portal.rules.account_reach import WATCHERS, may_end_sign_ins, may_manage, may_reset
from portal.rules.roles import Actor, Level, Role

P, C, D = "990000/", "990000/990100/", "990000/990100/990101/"
PLACES = {
    "province": (Level.PROVINCE, P),
    "prefecture": (Level.PREFECTURE, C),
    "county": (Level.COUNTY, D),
    "other county": (Level.COUNTY, f"{C}990102/"),
    "school": (Level.SCHOOL, f"{D}2199000001/"),
    "other school": (Level.SCHOOL, f"{D}2199000002/"),
    "city's school": (Level.SCHOOL, f"{C}2199000008/"),
    "province's school": (Level.SCHOOL, f"{P}2199000009/"),
    "class": (Level.CLASS, f"{D}2199000001/2020106/"),
    "other class": (Level.CLASS, f"{D}2199000002/2020106/"),
    "another province": (Level.PROVINCE, "980000/"),
    "far school": (Level.SCHOOL, "980000/2198000005/"),
}
G, L, V, T = Role.REGISTRAR, Role.LEADER, Role.OPERATOR, Role.TEACHER


def at(place: str, role: Role = G) -> Actor:
    level, path = PLACES[place]
    return Actor(None, None, role, level, uuid.UUID(int=0), path, "", "")


MANAGED = {
    "school": {(L, "school"), (V, "school"), (T, "class")},
    "county": {(L, "county"), (V, "county")} | {(r, p) for r in (G, L) for p in ("school", "other school")},
    "prefecture": {(L, "prefecture"), (V, "prefecture")}
    | {(r, p) for r in (G, L) for p in ("county", "other county", "city's school")}
    | {(r, p) for r in WATCHERS for p in ("county", "other county")},
    "province": {(V, "province")}
    | {
        (r, p)
        for r in (G, L)
        for p in (
            "prefecture",
            "county",
            "other county",
            "school",
            "other school",
            "city's school",
            "province's school",
        )
    }
    | {(r, p) for r in WATCHERS for p in ("prefecture", "county", "other county")},
}
#: R126, and everybody's own level
RESET = {
    "school": {"school", "class"},
    "county": {"county", "school", "other school", "class", "other class"},
    "prefecture": set(PLACES) - {"province", "another province", "far school", "province's school"},
    "province": set(PLACES) - {"province", "another province", "far school"},
}


@pytest.mark.parametrize("who", MANAGED)
def test_managing(who: str) -> None:
    found = {(role, place) for role in Role for place in PLACES if may_manage(at(who), role, *PLACES[place])}
    assert found == MANAGED[who]


@pytest.mark.parametrize("who", RESET)
@pytest.mark.parametrize("role", [G, L, V, T])
def test_resetting(who: str, role: Role) -> None:
    assert {place for place in PLACES if may_reset(at(who), role, *PLACES[place])} == RESET[who]


@pytest.mark.parametrize("who", RESET)
@pytest.mark.parametrize("role", WATCHERS)
def test_whoever_is_watched_does_not_reset_the_watcher(who: str, role: Role) -> None:
    """GB/T 22239: only the authority above helps."""
    assert {place for place in PLACES if may_reset(at(who), role, *PLACES[place])} == RESET[who] - {who}


def test_only_the_ministry_resets_accounts_of_a_province() -> None:
    """R126"""
    ministry = Actor(None, None, G, Level.MINISTRY, uuid.UUID(int=0), "", "", "")
    assert may_reset(ministry, G, *PLACES["province"])
    assert may_manage(ministry, G, *PLACES["province"])


@pytest.mark.parametrize("role", [role for role in Role if role != G])
def test_nobody_but_registrars(role: Role) -> None:
    for who in ("school", "county", "province"):
        for place in PLACES.values():
            assert not may_manage(at(who, role), L, *place)
            assert not may_reset(at(who, role), T, *place)
            assert role == Role.SECURITY or not may_end_sign_ins(at(who, role), place[1])


def test_families_are_not_managed_here() -> None:
    assert not may_reset(at("school"), Role.PARENT, *PLACES["school"])
    assert not may_reset(at("province"), Role.PARENT, *PLACES["school"])


def test_hanging_sign_ins_are_ended_by_the_province() -> None:
    """R127"""
    assert may_end_sign_ins(at("province"), PLACES["class"][1])
    assert not may_end_sign_ins(at("province"), PLACES["far school"][1])
    for who in ("prefecture", "county", "school"):
        assert not may_end_sign_ins(at(who), PLACES["class"][1])


def test_an_authoritys_security_officer_ends_sign_ins_in_its_area() -> None:
    officer = at("county", Role.SECURITY)
    assert may_end_sign_ins(officer, PLACES["class"][1])
    assert not may_end_sign_ins(officer, PLACES["city's school"][1])
    assert not may_end_sign_ins(at("school", Role.SECURITY), PLACES["class"][1])
