"""Who writes while keys are rotated, notes what it wrote, and reads all of it again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

SCHOOLS = 400


@contextmanager
def _app(environment: dict[str, str] | None = None) -> Iterator[Flask]:
    from portal import create_app, settings
    from portal.models import db

    app = create_app(settings.load(environment or os.environ))
    with app.app_context():
        yield app
        db.session.remove()
    app.extensions["portal.readers"].close()


def prepare(environment: dict[str, str]) -> None:
    """A province and its schools: each gets a data key when it is written to first."""
    from portal.models import db
    from portal.rules.roles import Level
    from tests.make import Make

    with _app(environment):
        make = Make()
        make.round()
        county = make.county()
        from portal.models import Place
        from portal.rules.places import child_path

        for n in range(SCHOOLS):
            code = f"21990{n:05d}"
            own = {"level": Level.SCHOOL, "code": code, "path": child_path(county.path, code), "parent_id": county.id}
            db.session.add(Place(name=f"试验市第{n}小学", stages="1", **own))
        db.session.commit()


def main() -> None:
    """Write until told to end: a user's name, sealed for a school, and a photo, for one school after another."""
    from sqlalchemy import select

    from portal.models import Place, Round, User, db, key_for
    from portal.models.data_keys import scope_of
    from portal.rules.roles import Level
    from portal.services import photos

    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
    who, n = os.getpid(), 0
    with _app(), Path(os.environ["OUT"]).open("w", encoding="utf-8") as out:
        schools = list(db.session.scalars(select(Place.id).where(Place.level == Level.SCHOOL).order_by(Place.code)))
        round_id = db.session.scalars(select(Round.id)).one()
        while not ending:
            n += 1
            school_id, name, data = schools[n % len(schools)], f"写{who}的{n}", os.urandom(500)
            user = User(home_id=school_id, login=f"w{who}-{n}", password_hash="x")
            user.name = name
            db.session.add(user)
            number, key = key_for(school_id, round_id)
            db.session.commit()
            address = photos.store().put(scope_of(school_id, round_id), data, key, number).address
            line = {"user": user.id.hex, "name": name, "school": school_id.hex, "round": round_id.hex,
                    "address": address, "digest": hashlib.sha256(data).hexdigest()}  # fmt: skip
            out.write(json.dumps(line) + "\n")
            out.flush()
        db.session.remove()
    sys.exit(0)


def read_all(environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """Everything that was noted: how many, unreadable, wrong."""
    from portal.keys import Shredded, Tampered
    from portal.models import User, db
    from portal.services import photos

    counts = {"read": 0, "unreadable": 0, "wrong": 0}
    with _app(environment):
        for path in folder.glob("written-*"):
            for line in path.read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                counts["read"] += 2
                try:
                    user = db.session.get_one(User, UUID(told["user"]))
                    data = photos.content_of(told["address"], UUID(told["school"]), UUID(told["round"]))
                    same = hashlib.sha256(data).hexdigest() == told["digest"]
                    counts["wrong"] += (user.name != told["name"]) + (not same)
                except (Tampered, Shredded):
                    counts["unreadable"] += 1
    return counts


def fill(environment: dict[str, str], count: int, size: int) -> None:
    """So many photos with their rows."""
    from portal.models import Photo, db, key_for
    from portal.models.data_keys import scope_of
    from portal.rules.workflow import SheetState
    from portal.services import photos
    from tests.make import Make

    with _app(environment):
        sheet = Make().sheet(SheetState.ISSUED)
        number, key = key_for(sheet.school_id, sheet.round_id)
        db.session.commit()
        scope = scope_of(sheet.school_id, sheet.round_id)
        own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path, "sheet_id": sheet.id}
        db.session.rollback()
        for n in range(count):
            data = os.urandom(size)
            address = photos.store().put(scope, data, key, number).address
            db.session.add(Photo(address=address, size=size, receipt=f"B{n:07d}", source="family", **own))
            if n % 100 == 99:
                db.session.commit()
        db.session.commit()
