"""Every actor at every door (R129, R130, sec-A6 to A8, 2.6): a slice by a fixed rule; the whole is `make access`."""

from __future__ import annotations

import re

import pytest

from portal.rules.access import Action
from portal.web.guard import action_of
from tests.access.forms import FORMS
from tests.access.rows import NOTHING, Matrix, Row, objects, routes
from tests.access.world import ACTORS

#: who answers for the others in `make test`: the rest differs by place only
SLICE = tuple(name for name in ACTORS if not name.endswith((" another school", " another class", "other county")))
#: rows that are asked in every form: one with an object, one without, for a role that may and for one that may not
REPRESENTATIVE = (
    ("teacher", "teachers.sheet", "class"),
    ("teacher", "teachers.sheet", "other class"),
    ("operator", "staff.entry_change", "other school"),
    ("operator", "staff.round", NOTHING),
    ("registrar", "staff.manage_record_movement", "class"),
    ("registrar", "staff.classes", NOTHING),
    ("family", "parents.child", "class"),
    ("family", "parents.child", "classmate"),
    ("anonymous", "staff.review", "class"),
)


@pytest.mark.parametrize("actor", SLICE)
def test_each_role_gets_what_the_map_allows_inside_its_place(matrix: Matrix, actor: str) -> None:
    before = matrix.door.digest()
    assert [fault for fault in map(matrix.fault, matrix.slice(actor)) if fault] == []
    assert matrix.door.digest() == before, "something was written for good"


@pytest.mark.parametrize("name", FORMS)
def test_another_form_of_a_request_opens_nothing(matrix: Matrix, name: str) -> None:
    asked = [
        Row(actor, method, endpoint, at)
        for actor, endpoint, at in REPRESENTATIVE
        for method in ("GET", "POST")
        if (endpoint, method) in matrix.rules
    ]
    assert [fault for fault in (FORMS[name](matrix, row) for row in asked) if fault] == []


@pytest.mark.parametrize(
    "bad", ["1", "-1", str(2**63), "abc", "%00", "..", "9" * 40, "0d0d0d0d-4444-4eee-8fff-00000000000g"]
)
def test_malformed_objects_do_not_exist(matrix: Matrix, bad: str) -> None:
    """sec-F6: every part of an address that names a thing takes ids and nothing else."""
    token = matrix.world.tokens["registrar"]
    known = {"teachers.sheet": "/class/sheet/{}", "staff.review": "/staff/reviews/{}", "parents.child": "/home/{}"}
    for endpoint, address in known.items():
        assert endpoint in matrix.app.view_functions
        assert matrix.door.ask(token, "GET", address.format(bad)).status in (400, 404), (endpoint, bad)


def test_every_part_that_names_a_thing_is_an_id(matrix: Matrix) -> None:
    for rule, _method in routes(matrix.app):
        for name in objects(rule):
            assert type(rule._converters[name]).__name__ == "UUIDConverter", rule.rule


def test_every_address_is_kebab_case(matrix: Matrix) -> None:
    for rule, _method in routes(matrix.app):
        words = re.sub(r"<[^>]*>", "", rule.rule)
        assert words == words.lower(), rule.rule
        assert "_" not in words, rule.rule


def test_every_action_of_the_map_is_used_by_a_view(matrix: Matrix) -> None:
    used = {action_of(matrix.app, endpoint) for endpoint in matrix.app.view_functions}
    assert set(Action) - used == set()


def test_the_slice_asks_every_route_and_every_actor(matrix: Matrix) -> None:
    asked = {(row.endpoint, row.method) for actor in SLICE for row in matrix.slice(actor)}
    missing = {(rule.endpoint, method) for rule, method in routes(matrix.app)} - asked
    assert {endpoint for endpoint, _ in missing} <= {"web.sign_out", "parents.leave"}
