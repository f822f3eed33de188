"""Builds the application from its rooms: settings, keys, database, files, screens."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from portal import settings as portal_settings
from portal.files import open_store
from portal.jobs.children import Children
from portal.keys import KeyFile, KeyFileMissing, Keyring
from portal.models import db, guard_sqlite, key_check
from portal.rules import divisions
from portal.settings import Settings


def build(settings: Settings | None = None) -> Flask:
    """Settings, keys and store, database, screens; refuses to build when a view has no declared action."""
    settings = settings or portal_settings.load()
    app = Flask("portal", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
    app.extensions["portal.settings"] = settings
    divisions.use(divisions.Divisions.standard(trial=settings.trial))
    _open_database(app, settings)
    _open_keys(app, settings)
    app.extensions["portal.store"] = open_store(settings.storage)
    app.extensions["portal.readers"] = Children(
        "portal.paper.reading:entry", settings.readers, memory_mb=settings.reader_memory_mb
    )
    _open_screens(app, settings)
    return app


def _open_keys(app: Flask, settings: Settings) -> None:
    with app.app_context():
        engine = db.engine
    try:
        keyfile = KeyFile.load(settings.keys)
    except KeyFileMissing:
        if settings.https or key_check.has_keys(engine):  # a new one would open nothing of what is there
            raise
        settings.keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keyfile = KeyFile.create(settings.keys)
    ring = Keyring(keyfile)
    key_check.refuse_other(engine, ring)
    app.extensions["portal.keyring"] = ring
    app.secret_key = ring.derive("cookie")


def _open_database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    if settings.database.startswith("sqlite:"):
        Path(settings.var).mkdir(parents=True, exist_ok=True, mode=0o700)
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "connect_args": {"check_same_thread": False},
            "hide_parameters": True,
        }
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True, "pool_size": 10, "hide_parameters": True}
    db.init_app(app)
    with app.app_context():
        guard_sqlite(db.engine)


def _open_screens(app: Flask, settings: Settings) -> None:
    from portal import parents, staff, teachers, web

    web.init(app, settings)
    for room in (parents, teachers, staff):
        app.register_blueprint(room.screens)
    web.refuse_views_without_action(app)
