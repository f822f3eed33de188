"""The world of the gallery behind a real server, and the eye that looks at it; once for all screens of a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal import create_app
from portal.models import db
from portal.services import second_step
from portal.settings import Settings
from tests.house import (
    gallery,
    gallery_agree,
    gallery_applications,
    gallery_audit,
    gallery_columns,
    gallery_exports,
    gallery_findings,
    gallery_identity,
    gallery_keeping,
    gallery_maintenance,
    gallery_more,
    gallery_registry,
    gallery_security,
    gallery_world,
)
from tests.house.gallery_eye import Eye
from tests.make import Make
from tests.standing import COMPILED


@pytest.fixture(scope="module")
def eye(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, keys_file: Path
) -> Iterator[Eye]:
    """Looks at screens of a made-up world; the pictures are kept when `--pictures` is given."""
    folder = tmp_path_factory.mktemp("gallery")
    shutil.copy(empty_sqlite, folder / "portal.db")
    settings = Settings(
        var=str(folder), storage_url=f"file://{folder / 'uploads'}", key_file=str(keys_file), trial=True
    )
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        world = gallery_world.build(Make())
        gallery_more.add(world)
        gallery_agree.add(world)
        gallery_findings.add(world)
        gallery_registry.add(world)
        gallery_maintenance.add(world)
        gallery_identity.add(world)
        gallery_applications.add(world)
        gallery_columns.add(world)
        gallery_security.add(world)
        gallery_keeping.add(world)
        gallery_exports.add(world)
        gallery_audit.add(world)
        db.session.remove()
    pictures = gallery.SHOTS if request.config.getoption("--pictures") else None
    gallery.SHOTS.mkdir(exist_ok=True)
    server, address = gallery.serve(app)
    with gallery.chromium() as browser, pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_step, "RECENT", timedelta(days=1))  # looking takes longer than a proof is good
        yield Eye(app, world, browser, address, pictures)
    server.shutdown()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    app.extensions["portal.readers"].close()
