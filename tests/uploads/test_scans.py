"""Files of scans from strangers, through the door of a pile and the worker that splits them: never an error, no reader
held for long, and the page of the pile says what became of them."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.jobs.children import ChildTimeout
from portal.models import Photo, db
from portal.services import readings, scan_files
from portal.services.work import make_worker
from tests.make import Make
from tests.uploads.doors import Door, PileDoor
from tests.uploads.scans import LONG, SCANS, laughing

PARTS = 4


@pytest.fixture
def pile(app: Flask, make: Make) -> Door:
    return PileDoor(app, make)


def split(door: Door, data: bytes) -> tuple[str, int]:
    """What became of the file, how many photos it is."""
    before = db.session.query(Photo).count()
    address = str(door.send(data).location)
    db.session.rollback()
    make_worker(door.app).drain()
    db.session.expire_all()
    files = db.session.query(Photo).filter(Photo.outcome.in_(["split", "unusable", "splitting"]))
    file = files.order_by(Photo.received_at).all()[-1]
    page = door.browser.get(address)
    assert page.h1
    return file.outcome, db.session.query(Photo).count() - before - 1


@pytest.mark.parametrize("part", range(PARTS))
def test_a_file_of_scans_becomes_photos_or_is_said_to_be_none(pile: Door, part: int) -> None:
    for name in list(SCANS)[part::PARTS]:
        make, photos = SCANS[name]
        outcome, found = split(pile, make())
        if photos is not None:
            assert outcome == ("split" if photos else "unusable"), name
            assert found in (photos, 0), name  # a page like one of another file is met again


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_what_takes_all_the_time_is_given_up(pile: Door, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_files, "MOST_PAGES", 100)
    make, photos = LONG[name]
    outcome, found = split(pile, make())
    assert outcome in ("split", "unusable")
    assert photos is None or found == photos


def test_a_file_of_many_bad_pages_is_left_after_a_few(pile: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []

    class Hanging:
        def call(self, _data: bytes, args: dict[str, list[int]], **_: float) -> None:
            asked.append(args["pages"])
            raise ChildTimeout("hangs")

    monkeypatch.setattr(readings, "readers", Hanging)
    assert split(pile, laughing(1))[0] == "unusable"
    assert len(asked) == 1 + scan_files.MOST_STOPS
