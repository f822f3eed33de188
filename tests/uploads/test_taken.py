"""What has the header of a picture is kept and read in a process of its own; whatever it is, the answer is a page, and
nothing a stranger hid in it ever comes out again (sec-U7, sec-U16 ... sec-U29, sec-U40)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from portal.models import Evidence, Photo, db
from portal.paper.bounds import inspect
from portal.paper.containers import PhotoRefused
from portal.services import application_evidence, evidence, photos, readings
from tests.make import Make
from tests.uploads.conftest import SECONDS
from tests.uploads.doors import ApplicationDoor, DocumentDoor, Door, FamilyDoor
from tests.uploads.hostile import EICAR, SCRIPT, TAKEN, photo

#: nobody's sheet: what may be told of such a picture
ANSWERS = {"not_a_sheet", "unusable", "unknown"}
HIDDEN = (EICAR, SCRIPT, b"PK\x03\x04", b"%PDF", b"Exif", b"Lin Xiaoshi", b"maker note")
BOMBS = [name for name in TAKEN if "explodes" in name or "unpacks" in name or "MP" in name]
PARTS = 3


@pytest.fixture
def family(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(photos, "MOST_PHOTOS", len(TAKEN) + 1)
    return FamilyDoor(app, make)


@pytest.fixture
def document(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(evidence, "MOST_SHOWN", len(TAKEN) + 1)
    monkeypatch.setattr(evidence, "MOST_SENT", len(TAKEN) + 1)
    return DocumentDoor(app, make)


@pytest.fixture
def application(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(application_evidence, "MOST_FILES", len(TAKEN) + 1)
    return ApplicationDoor(app, make)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_photo_gets_an_answer_and_gives_away_nothing(family: Door, part: int) -> None:
    for name in list(TAKEN)[part::PARTS]:
        data = TAKEN[name]()
        sent = family.send(data)
        receipt = str(sent.location).rsplit("/", 1)[1]
        row = db.session.query(Photo).filter_by(receipt=receipt).one()
        if row.outcome == "waiting":  # a busy machine: the worker would
            readings.read_now(row, wait=30.0, seconds=SECONDS)
        assert row.outcome in ANSWERS, name
        assert row.tries == 0, name
        assert photos.content_of(row.address, row.school_id, row.round_id) == data, "kept as it was sent"
        page = family.browser.get(str(sent.location))
        for image in page.all("main img"):
            shown = family.browser.get(str(image["src"])).answer
            assert (shown.content_type, shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
            assert not any(hidden in shown.data for hidden in HIDDEN), name


@pytest.mark.parametrize("part", range(PARTS))
def test_a_document_is_kept_as_a_bare_picture_or_not_at_all(document: Door, part: int) -> None:
    _send_all(document, list(TAKEN)[part::PARTS])


def test_an_application_keeps_bare_pictures_too(application: Door) -> None:
    """The work is the same; a few of each kind show that the door leads to it."""
    _send_all(application, list(TAKEN)[1::5])


def _send_all(door: Door, names: list[str]) -> None:
    for name in names:
        before = db.session.query(Evidence).count()
        page = door.send(TAKEN[name](), _status(name))
        rows = db.session.query(Evidence).order_by(Evidence.at).all()
        if page.status == 400:
            assert (len(rows), len(page.all("[data-errors] li"))) == (before, 1), name
        else:  # two that show the same are the same document
            kept = photos.content_of(rows[-1].address, rows[-1].school_id, rows[-1].round_id)
            assert kept[:3] == b"\xff\xd8\xff"
            assert not any(hidden in kept for hidden in HIDDEN), name


#: what only a reader can tell to be no picture
UNREADABLE = {
    "png without pixels",
    "heic that is smaller than it is",
    "heic that is larger than it says",
    "heic of noise",
    "jpeg with two frames",
    "png that unpacks to nothing",
}


def _status(name: str) -> int:
    return 400 if name in UNREADABLE else 303


@pytest.mark.parametrize("name", BOMBS)
def test_what_explodes_does_not_explode_in_the_server(family: Door, name: str) -> None:
    data = TAKEN[name]()
    family.send(photo())
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _peak_mb()
    family.send(data)
    assert _peak_mb() - before < 60


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _spoilt(data: bytes, seed: int) -> bytes:
    """A file with a few bytes changed, doubled or left out."""
    chance = np.random.default_rng(seed)
    spoilt = bytearray(data)
    for _ in range(int(chance.integers(1, 20))):
        at = int(chance.integers(2, len(spoilt) - 2)) if chance.random() < 0.5 else int(chance.integers(2, 300))
        how = chance.integers(3)
        if how == 0:
            spoilt[at] = int(chance.integers(256))
        elif how == 1:
            spoilt[at:at] = spoilt[at : at + int(chance.integers(1, 50))]
        else:
            del spoilt[at : at + int(chance.integers(1, 8))]
    return bytes(spoilt)


KINDS = ("jpeg in cmyk", "webp", "png of a palette", "heic", "progressive jpeg")
SPOILT = [(name, seed) for name in KINDS for seed in range(5)]
MANY = [(name, seed) for name in KINDS for seed in range(100, 130)]


@pytest.mark.parametrize("cases", [SPOILT, pytest.param(MANY, marks=pytest.mark.slow)], ids=["some", "many"])
def test_spoilt_pictures_are_refused_or_answered(
    family: Door, cases: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST_PHOTOS", 10_000)
    for name, seed in cases:
        data = _spoilt(TAKEN[name](), seed)
        page = family.send(data, _expected(data))
        if page.status == 400:
            assert len(page.all("[data-errors] li")) == 1
    tried = db.session.query(Photo).filter(Photo.tries > 0).count()
    assert tried == 0, "no reader died or hung"


def _expected(data: bytes) -> int:
    try:
        inspect(data)
    except PhotoRefused:
        return 400
    return 303
