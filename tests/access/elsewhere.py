"""What a page shows must not depend on what lies elsewhere: each is asked once before there is anything elsewhere.

The world is filled from the own class outwards. As soon as all that an actor may see is there, everything the actor
can open is kept; when the rest of the world is there, too, it must look the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.rules.access import PUBLIC
from portal.web.guard import action_of
from tests.access.calls import CALLERS, Calls
from tests.access.door import opened, shown
from tests.access.rows import NOTHING, Matrix, Row
from tests.access.world import World

#: the home after which there is nothing more to see -> for whom
SEEN = {
    "class": ("teacher",),
    "other class": ("registrar", "operator", "leader"),
    "other school": ("county", "leader of the county", "seat of the county"),
    "other county": ("prefecture", "province", "security officer", "auditor"),
}
#: says how many steps of the whole system wait to be sealed: the standing of the machine, not of a place
OF_THE_MACHINE = ("staff.audit",)


def keeps(app: Flask, whole: bool = True) -> tuple[dict[Any, Any], Callable[[World, str], None]]:
    """(what was shown, to be told of each home): for `build`. Not `whole`: one actor of each level."""
    before: dict[Any, Any] = {}

    def filled(world: World, home: str) -> None:
        with app.app_context(), opened(app) as door:
            matrix = Matrix(app, world, door)
            calls = Calls(matrix)
            for actor in SEEN.get(home, ())[: None if whole else 1]:
                for row in own_pages(matrix, actor):
                    answer = matrix.ask(row)
                    before[row] = shown(answer), answer.fetched
                for call in calls.slice(actor, own=whole) if actor in CALLERS else ():
                    if calls.is_allowed(call):
                        before[call] = calls.outcome(call)[0], door.fetched

    return before, filled


def own_pages(matrix: Matrix, actor: str) -> list[Row]:
    """Everything this actor can open of its own."""
    kept = []
    for row in matrix.rows(actor):
        if row.endpoint in OF_THE_MACHINE:
            continue
        private = row.method == "GET" and action_of(matrix.app, row.endpoint) not in PUBLIC
        if private and row.at in ("class", NOTHING) and matrix.is_allowed(row):
            kept.append(row)
    return kept
