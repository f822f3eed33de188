"""What is sealed is nowhere in the clear, bound to its row, and gone with its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from portal.keys import Tampered
from portal.models import DataKey, Pupil, db
from portal.models.data_keys import forget_keys
from portal.settings import Settings
from tests.make import Make


def test_record_reads_back_as_it_was_kept(make: Make) -> None:
    kept = make.pupil(name="林小试").id
    db.session.expunge_all()
    assert db.session.get_one(Pupil, kept).record["name"] == "林小试"


def test_nothing_personal_stands_in_the_database_file(app: Flask, make: Make, settings: Settings) -> None:
    """sec-A38: neither the file nor its write-ahead log holds a name, number or phone."""
    if not settings.database.startswith("sqlite"):
        pytest.skip("reads the SQLite file")
    pupil = make.pupil(name="林小试")
    record = pupil.record
    stored = b"".join(path.read_bytes() for path in Path(settings.var).glob("portal.db*"))
    assert stored
    for item in ("name", "id_number", "student_number", "phone", "current_address", "guardian1_name"):
        assert record[item].encode() not in stored, item


def test_ciphertext_moved_to_another_row_is_refused(make: Make) -> None:
    one, other = make.pupil(), make.pupil()
    other.record_sealed = one.record_sealed
    with pytest.raises(Tampered):
        _ = other.record


def test_record_is_gone_with_its_key(app: Flask, make: Make) -> None:
    pupil = make.pupil()
    db.session.execute(delete(DataKey))
    db.session.commit()
    forget_keys()
    with pytest.raises(KeyError):
        _ = db.session.get_one(Pupil, pupil.id).record
