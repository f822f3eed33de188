"""Whatever changes something writes a step, and without the step nothing stays changed (sec 7): every route that may
change anything, asked by somebody who may, with what the matrix sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portal.models import Step
from portal.rules.access import PUBLIC, may
from portal.web.guard import action_of
from tests.access.door import SELF, Answer
from tests.access.rows import HOMES, NOTHING, Matrix, Row

#: table -> why a change of it alone is no act
NO_ACT = {
    "job": "long work: what it does is an act when it is done",
    "data_key": "made with the first thing that is sealed",
    "delta": "follows from what was done",
}
#: endpoint -> why it changes something without a step
WITHOUT = {
    "staff.columns_open": "rows of a column are kept free for a few minutes for who types them",
    "web.sign_out": "the end of the own sign-in stands in it",
    "web.choose_post": "a sign-in in another post is a step of its own",
}


#: tables written in a savepoint of their own, whose end looks like a commit here; tests/services/test_history.py asks
NESTED = {"export"}


def _tables(answer: Answer) -> set[str]:
    return {one if isinstance(one, str) else one[0] for one in answer.written}


def _changes(matrix: Matrix) -> Iterator[Row]:
    """Each route with each form, by the first who may, about own things."""
    asked: set[tuple[str, int]] = set()
    for actor in matrix.actors:
        for row in matrix.rows(actor):
            action = action_of(matrix.app, row.endpoint)
            allowed = action is not None and action not in PUBLIC and may(matrix.actors[actor], action)
            form = (row.endpoint, row.extra)
            if row.method == "POST" and allowed and row.at in (HOMES[0], NOTHING) and form not in asked:
                asked.add(form)
                yield row


@contextmanager
def no_steps() -> Iterator[None]:
    """The insert of every step fails."""

    def fail(*_: Any) -> None:
        raise RuntimeError("no step can be written")

    event.listen(Step, "before_insert", fail)
    try:
        yield
    finally:
        event.remove(Step, "before_insert", fail)


def faults(matrix: Matrix) -> tuple[set[str], list[str], list[str]]:
    """(routes that changed something, what was changed without a step, what stayed although its step failed)."""
    changed, silent, stayed = set[str](), list[str](), list[str]()
    for row in _changes(matrix):
        written = _tables(matrix.ask(row))
        if not written - SELF - set(NO_ACT):
            continue
        changed.add(row.endpoint)
        if row.endpoint in WITHOUT:
            continue
        if "step" not in written:
            silent.append(f"{row}: {sorted(written)}")
        with no_steps():
            left = _tables(matrix.ask(row)) - SELF - set(NO_ACT) - NESTED
        if left:
            stayed.append(f"{row}: {sorted(left)}")
    return changed, silent, stayed
