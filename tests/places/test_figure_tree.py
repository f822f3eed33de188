"""The tree of figures opens what lies inside the own place (R130)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.rules.roles import Role
from portal.services import figure_tree
from tests.make import Make


def test_codes_of_places_elsewhere_open_nothing_and_read_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    own = make.class_()
    far = make.class_(make.school("2199000002", "试验市第二小学", make.county("990102", "试验二区教育局")))
    actor, found = make.actor(Role.REGISTRAR, make.county()), make.round()
    read: list[Any] = []
    nodes = figure_tree._nodes

    def watched(*asked: Any) -> Any:
        read.extend(nodes(*asked))
        return nodes(*asked)

    monkeypatch.setattr(figure_tree, "_nodes", watched)
    rows = figure_tree.tree(actor, found, {"2199000001", "2199000002", "990102"})
    assert [row.place_id for row in rows] == [actor.place_id, own.parent_id, own.id]
    assert {node.id for node in read} == {actor.place_id, own.parent_id, own.id}
    assert far.id not in {node.id for node in read}
