"""The matrix outside pytest, for the commands that ask all of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from portal.keys import KeyFile
from portal.models.schema import upgrade
from tests.access.door import opened
from tests.access.elsewhere import keeps
from tests.access.rows import Matrix
from tests.access.world import build
from tests.make import Make
from tests.standing import Standing


@contextmanager
def matrix() -> Iterator[Matrix]:
    """A world in a folder of its own, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="portal-access-") as name:
        folder = Path(name)
        (folder / "var").mkdir()
        KeyFile.create(folder / "keys.json")
        engine = create_engine(f"sqlite:///{folder / 'empty.db'}")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        standing = Standing(folder / "var", folder / "keys.json", folder / "empty.db", None)
        standing.fresh()
        lent = standing.lend()
        app = next(lent)
        try:
            before, filled = keeps(app)
            world = build(Make(), filled)
            with opened(app) as door:
                yield Matrix(app, world, door, before)
        finally:
            next(lent, None)
            standing.close()
