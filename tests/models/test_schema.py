"""The migrations and the models say the same, up and down; the database holds what it can."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from portal.models import Leaf, Photo, PrintRun, Reading, RegistrationCode, Sheet, db
from portal.models.schema import config, metadatas, migrating, upgrade
from tests.make import Make


def test_migrated_schema_equals_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadatas()) == []


def test_migrations_go_down_and_up_again(app: Flask) -> None:
    with db.engine.begin() as connection:
        command.downgrade(config(connection), "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        upgrade(connection)
    assert inspect(db.engine).has_table("sheet")


def test_a_filled_database_keeps_everything_through_the_migrations(make: Make) -> None:
    sheet = make.sheet()
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id}
    photo = Photo(sheet_id=sheet.id, path=sheet.path, address="a", size=1, receipt="R", source="family", **own)
    db.session.add_all([photo, Reading(photo_id=photo.id, verdict="readable", seen={"page": 1}, **own)])
    db.session.commit()
    db.session.remove()
    with migrating(db.engine) as connection:
        command.downgrade(config(connection), "0001")
    with migrating(db.engine) as connection:
        upgrade(connection)
    reading = db.session.scalars(select(Reading)).one()
    assert reading.photo.receipt == "R"
    assert reading.seen == {"page": 1}


def test_one_sheet_per_pupil_and_round(make: Make) -> None:
    sheet = make.sheet()
    with pytest.raises(IntegrityError):
        make.sheet(pupil=sheet.pupil)


def test_one_live_registration_code_per_sheet(make: Make) -> None:
    sheet = make.sheet()
    for selector in ("AAAAAA", "BBBBBB"):
        db.session.add(
            RegistrationCode(
                sheet_id=sheet.id,
                school_id=sheet.school_id,
                round_id=sheet.round_id,
                selector=selector,
                verifier_hash=b"x",
                code=None,
            )
        )
    with pytest.raises(IntegrityError):
        db.session.commit()


def test_leaf_numbers_are_never_reused(make: Make) -> None:
    sheet = make.sheet()
    run = PrintRun(round_id=sheet.round_id, school_id=sheet.school_id, path=sheet.path, number=1)
    db.session.add(run)
    db.session.flush()
    columns = {"number": 7, "sheet_id": sheet.id, "run_id": run.id, "layout_version": 1}
    db.session.add(Leaf(**columns))
    db.session.commit()
    db.session.expunge_all()
    db.session.add(Leaf(**columns))
    with pytest.raises(IntegrityError):
        db.session.commit()


def test_exclusion_needs_a_reason(make: Make) -> None:
    with pytest.raises(IntegrityError):
        make.sheet(in_scope=False)


def test_version_guards_against_lost_updates(make: Make) -> None:
    sheet = make.sheet()
    assert Sheet.__mapper__.version_id_col is not None
    before = sheet.version
    sheet.returned = True
    db.session.commit()
    assert sheet.version == before + 1
