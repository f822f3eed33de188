"""The long faults run only where they are asked for by name: `make faults`, or `pytest -m fault tests/faults`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import volume, world
from tests.faults.postgres import Postgres
from tests.faults.world import World

Tell = Callable[..., None]
PASSED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "fault" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("fault")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> None:
    """Here it is waited for: what a world is made of must outlive the power cut of a test."""


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once and only copied."""
    return world.make(tmp_path_factory.mktemp("world") / "var")


@pytest.fixture
def sqlite_world(first_world: World, tmp_path: Path) -> World:
    return first_world.on(tmp_path / "var")


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder other users may enter, too: as root PostgreSQL runs as another one."""
    volume.sweep()
    folder = volume.new_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[Postgres]:
    """A server that keeps its promises; `first` is the database all others are copied from."""
    server = Postgres(open_folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def postgres_first(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    postgres.ask("CREATE DATABASE first")
    return world.make(tmp_path_factory.mktemp("world") / "var", postgres.address("first"))


@pytest.fixture
def postgres_world(postgres: Postgres, postgres_first: World, tmp_path: Path) -> World:
    name = f"copy_{os.urandom(4).hex()}"
    postgres.ask(f"CREATE DATABASE {name} TEMPLATE first")
    return postgres_first.on(tmp_path / "var", postgres.address(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same papers on each database in turn."""
    return request.getfixturevalue("sqlite_world" if request.param == "sqlite" else "postgres_world")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Keeps figures for the table of `make faults`: fault, database, server, what was counted. Only of a test that
    found what it should, so that a broken server named there was caught."""
    told: list[dict[str, Any]] = []
    yield lambda **figures: told.append(figures)
    path = os.environ.get("PORTAL_FAULT_FIGURES")
    if path and request.node.stash.get(PASSED, False):
        with Path(path).open("a", encoding="utf-8") as lines:
            lines.writelines(f"{json.dumps(figures)}\n" for figures in told)
