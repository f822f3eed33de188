"""A school with papers at home: made once, copied for each fault."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from portal import create_app
from portal.models import db, set_writing
from portal.models.schema import migrating, upgrade
from portal.rules.workflow import SheetState
from portal.settings import Settings
from tests.make import Make
from tests.photographs import leaf_of, link_of

#: papers, of 20 photos at most each
PAPERS = 80


@dataclass(frozen=True)
class World:
    """Where a server keeps what it has, and the symbols behind the papers' QR."""

    settings: Settings
    links: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What the server of this world is started with."""
        return {
            "DATABASE_URL": self.settings.database_url,
            "STORAGE_URL": self.settings.storage_url,
            "PORTAL_VAR": self.settings.var,
            "PORTAL_KEY_FILE": self.settings.key_file,
            "PORTAL_BASE_URL": self.settings.base_url,
            "PORTAL_TRIAL": "1",
        }

    @property
    def port(self) -> int:
        return int(self.settings.base_url.rsplit(":", 1)[1])

    @property
    def database(self) -> str:
        """For the report."""
        return "PostgreSQL" if self.settings.database_url else "SQLite"

    @property
    def uploads(self) -> Path:
        return Path(self.settings.storage_url.removeprefix("file://"))

    def application(self) -> Flask:
        """An application of our own beside the server, to look at what is kept."""
        return create_app(self.settings)

    def on(self, folder: Path, database_url: str = "") -> World:
        """The same papers in another folder, on SQLite or on a database that was copied already."""
        folder.mkdir(parents=True, exist_ok=True)
        if not database_url:
            shutil.copy(Path(self.settings.var) / "portal.db", folder / "portal.db")
        shutil.copy(self.settings.key_file, folder / "keys.json")
        return replace(self, settings=_settings(folder, database_url))


def make(folder: Path, database_url: str = "", papers: int = PAPERS) -> World:
    """A world in an empty folder; its application is closed again."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(folder, database_url)
    app = create_app(settings)
    with app.app_context():
        set_writing(True)
        with migrating(db.engine) as connection:
            upgrade(connection)
        factory = Make()
        links = tuple(link_of(leaf_of(factory.sheet(SheetState.ISSUED))) for _ in range(papers))
        close(app)
    (folder / "links.json").write_text(json.dumps(links))
    return World(settings, links)


def close(app: Flask) -> None:
    """Give the database back; inside the application's context."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _settings(folder: Path, database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        storage_url=f"file://{folder / 'uploads'}",
        var=str(folder),
        key_file=str(folder / "keys.json"),
        base_url=f"http://127.0.0.1:{free_port()}",
        trial=True,
    )
