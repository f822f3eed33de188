"""Requests that no page of ours sent: without the token, from another site, by another method (sec-A12, sec-F7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from portal.rules.access import PUBLIC, may
from portal.web.guard import action_of
from portal.web.origin import is_foreign
from tests.access import audited
from tests.access.door import SELF
from tests.access.rows import FILLERS, HOMES, Matrix, Row, objects, routes
from tests.access.world import STAFF

OWN = "http://localhost"
#: heads of a request that says where it comes from -> whether it is ours
SENT = (
    ({}, True),
    ({"Origin": OWN}, True),
    ({"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, True),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),  # own pages send no referrer
    ({"Origin": "null"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
    ({"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "nonsense"}, False),
    ({"Sec-Fetch-Site": ""}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": f"{OWN}.evil.example"}, False),
    ({"Origin": f"{OWN}:8080"}, False),
    ({"Origin": "https://localhost"}, False),
    ({"Origin": ""}, False),
)


@pytest.fixture
def guarded(matrix: Matrix) -> Iterator[Matrix]:
    """The same application with tokens in its forms."""
    matrix.app.config["WTF_CSRF_ENABLED"] = True
    yield matrix
    matrix.app.config["WTF_CSRF_ENABLED"] = False


def unsafe(matrix: Matrix) -> Iterator[tuple[str, Row]]:
    """(address, row) of every route that may change something, asked by somebody who may and about an own thing."""
    for rule, method in routes(matrix.app):
        if method != "POST":
            continue
        action = action_of(matrix.app, rule.endpoint)
        assert action is not None
        actor = next(name for name in (*STAFF, "family") if name in matrix.actors and may(matrix.actors[name], action))
        if action in PUBLIC:
            actor = "registrar"
        row = Row(actor, "POST", rule.endpoint, HOMES[0])
        yield matrix.address(row)[0], row


def test_nothing_changes_without_the_token_of_the_page(guarded: Matrix) -> None:
    before, wrong = guarded.door.digest(), []
    for address, row in unsafe(guarded):
        answer = guarded.ask(row)
        if answer.status != 400 or answer.written - SELF:
            wrong.append(f"{row} {address}: {answer.status}, {set(answer.written)}")
    assert wrong == []
    assert guarded.door.digest() == before


def test_nothing_changes_from_another_site_even_with_the_token(matrix: Matrix) -> None:
    """Tokens are switched off here, which is as good as a right one."""
    wrong = []
    for n, (_address, row) in enumerate(unsafe(matrix)):
        heads = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"})[n % 2]
        answer = matrix.ask(row, heads)
        if answer.status != 403 or answer.written - SELF:
            wrong.append(f"{row}: {answer.status}, {set(answer.written)}")
    assert wrong == []


@pytest.mark.parametrize(("heads", "ours"), SENT, ids=lambda value: str(value) or "-")
def test_what_a_request_says_of_where_it_comes_from(matrix: Matrix, heads: dict[str, str], ours: bool) -> None:
    answer = matrix.door.ask(None, "POST", "/language", {"to": "en"}, heads)
    assert (answer.status == 303) == ours
    assert ours or answer.status == 403


def test_reading_is_open_from_everywhere() -> None:
    """A link in a message is followed from another site."""
    assert not any(is_foreign(method, "cross-site", "https://a.example", OWN) for method in ("GET", "HEAD", "OPTIONS"))
    assert is_foreign("POST", "cross-site", None, OWN)


def test_what_changes_something_is_never_read_and_what_is_read_is_never_sent(matrix: Matrix) -> None:
    """Each address answers to its own methods only: 405 for all others, and nothing is written."""
    methods: dict[str, set[str]] = {}
    for rule, method in routes(matrix.app):
        methods.setdefault(rule.rule, set()).add(method)
    wrong = []
    for address, allowed in methods.items():
        there = re.sub(r"<[^<>]*?(\w+)>", lambda found: _filled(found[1]), address)
        for method in {"GET", "POST"} - allowed:
            if matrix.urls.test(there, method):
                continue  # another view answers this address, too
            answer = matrix.door.ask(matrix.world.tokens["registrar"], method, there)
            if answer.status not in (404, 405) or answer.written:
                wrong.append(f"{method} {there}: {answer.status}")
    assert wrong == []


def _filled(name: str) -> str:
    return "0d0d0d0d-4444-4eee-8fff-0c0c0c0c0c0c" if name.endswith("_id") else str(FILLERS[name])


def test_objects_are_found_in_addresses(matrix: Matrix) -> None:
    assert objects(matrix.rules[("staff.identity_remove_file", "POST")]) == ["pupil_id", "evidence_id"]


def test_every_change_writes_a_step_and_none_stays_without_it(matrix: Matrix) -> None:
    changed, silent, stayed = audited.faults(matrix)
    assert silent == []
    assert stayed == []
    assert len(changed) > 20, f"only {len(changed)} routes changed anything: {sorted(changed)}"
