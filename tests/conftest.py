"""What every test may ask for: an application on a fresh copy of a ready-made database, pages, factories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine

from portal.models import base
from portal.models.schema import upgrade
from portal.paper import fonts
from portal.paper.fontfile import Face, faces_of
from portal.services import password_hashes
from portal.settings import Settings
from tests import standing
from tests.make import NOON, Make
from tests.pages import Browser
from tests.standing import Standing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on a real PostgreSQL instead of SQLite")
    parser.addoption("--pictures", action="store_true", help="keep pictures of all screens in screenshots/")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_hashes, "_hasher", standing.QUICK)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Nothing here outlives a power cut; what the disk is asked for, and when, is watched by tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "SYNCHRONOUS", "OFF")
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _fonts_opened_once() -> Iterator[None]:
    """Each printer reads the maps of all installed fonts when a character is rare: seconds, and always the same."""

    @cache
    def opened(path: Path, _size: int, _changed: int) -> list[Face]:
        return faces_of(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "faces_of", lambda path: opened(path, path.stat().st_size, path.stat().st_mtime_ns))
        yield


@pytest.fixture(scope="session")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from portal.keys import KeyFile

    path = tmp_path_factory.mktemp("keys") / "keys.json"
    KeyFile.create(path)
    return path


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("empty") / "portal.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server with a migrated database `template_portal`."""
    yield from standing.run_postgres()


@pytest.fixture(scope="session")
def _standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, keys_file: Path, empty_sqlite: Path
) -> Iterator[Standing]:
    server = request.getfixturevalue("postgres") if request.config.getoption("--postgres") else None
    made = Standing(tmp_path_factory.mktemp("portal"), keys_file, empty_sqlite, server)
    yield made
    made.close()


@pytest.fixture
def settings(_standing: Standing) -> Settings:
    """Settings over an empty folder and a fresh database."""
    _standing.fresh()
    return _standing.settings


@pytest.fixture
def app(_standing: Standing, settings: Settings) -> Iterator[Flask]:
    """An application inside its context."""
    yield from _standing.lend()


@pytest.fixture
def make(app: Flask) -> Make:
    """Factories with plain names."""
    return Make()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stands still at NOON until it is moved on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client that checks every page it gets."""
    return Browser(app)
