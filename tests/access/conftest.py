"""One world for all tests of a file; what a request writes is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from portal.models import db
from portal.services import second_step
from tests.access.door import Door, opened
from tests.access.rows import Matrix
from tests.access.world import World, build
from tests.make import Make
from tests.standing import Standing


@pytest.fixture(scope="module")
def shared(_standing: Standing) -> Iterator[tuple[Flask, World]]:
    """An application inside its context, and the world of the access tests."""
    _standing.fresh()
    lent = _standing.lend()
    app = next(lent)
    yield app, build(Make())
    next(lent, None)


@pytest.fixture(scope="module")
def matrix(shared: tuple[Flask, World]) -> Iterator[Matrix]:
    app, world = shared
    with opened(app) as door, pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_step, "RECENT", timedelta(days=1))  # asking takes longer than a proof is good
        yield Matrix(app, world, door)
    db.session.remove()


@pytest.fixture(scope="module")
def door(matrix: Matrix) -> Door:
    return matrix.door
