"""A finished round is destroyed: refused too early, taken up when interrupted, not to be opened from a backup."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from portal import create_app
from portal.commands import main
from portal.keys import Shredded
from portal.models import DataKey, Photo, Round, Sheet, db, key_for
from portal.models.data_keys import forget_keys
from portal.rules.clock import today
from portal.rules.workflow import SheetState
from portal.services import backing_up, photos, restoring, rotation, shredding, stored, verifying
from portal.services.backup_folder import BadBackup
from portal.services.refusals import Refusal, TooLate
from portal.settings import Settings
from tests import standing
from tests.make import Make
from tests.services.test_verifying import photo


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A key file of our own: it is rotated."""
    (tmp_path / "keys").mkdir(mode=0o700)
    own = tmp_path / "keys" / "keys.json"
    shutil.copy2(settings.key_file, own)
    return replace(settings, key_file=str(own))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        yield app
    standing.end(app)


@pytest.fixture
def sheet(make: Make) -> Sheet:
    sheet = make.sheet(SheetState.ISSUED)
    sheet.note = "奶奶代签"
    db.session.commit()
    photo(sheet, os.urandom(200), 1)
    return sheet


def end(round_: Round) -> Round:
    round_.ends = today() - timedelta(days=1)
    db.session.commit()
    return round_


def test_a_round_is_destroyed_only_when_it_is_over_and_filed(sheet: Sheet) -> None:
    with pytest.raises(TooLate):
        shredding.shred(sheet.round)
    end(sheet.round)
    with pytest.raises(Refusal, match="1 张表没有归档"):
        shredding.shred(sheet.round)
    sheet.state = SheetState.ARCHIVED
    db.session.commit()
    done = shredding.shred(sheet.round)
    assert (done.keys, done.files, done.left) == (1, 1, 0)
    with pytest.raises(Shredded):
        _ = sheet.note
    with pytest.raises(Shredded):
        photos.content_of(sheet.photos[0].address, sheet.school_id, sheet.round_id)
    assert sheet.pupil.record["name"], "a pupil's record belongs to the school, not to the round"
    assert verifying.verify().clean
    again = shredding.shred(sheet.round)
    assert (again.keys, again.values) == (0, 0)
    key_for(sheet.school_id, UUID(int=7))
    db.session.commit()
    with pytest.raises(Shredded):  # no later key has the number of one that was destroyed
        _ = sheet.note
    assert rotation.status().closed == ()


def test_what_was_interrupted_is_ended_by_the_next_call(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = end(sheet.round)
    with monkeypatch.context() as patch:
        patch.setattr(shredding, "_empty", lambda round_id: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            shredding.shred(round_, unfinished=True)
    db.session.rollback()
    with pytest.raises(Shredded):
        _ = db.session.get_one(Sheet, sheet.id).note
    done = shredding.shred(round_)
    assert (done.keys, done.files) == (0, 1)
    assert done.values >= 1


def test_a_large_round_is_emptied_in_pieces(sheet: Sheet, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A province has a million readings: they are never in memory at once."""
    monkeypatch.setattr(stored, "_PIECE", 2)
    monkeypatch.setattr(shredding, "_PIECE", 2)
    for n in range(6):
        make.sheet(SheetState.ISSUED).note = f"第 {n} 张"
    db.session.commit()
    whole: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and "_sealed IS NOT NULL" in statement and "LIMIT" not in statement:
            whole.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        done = shredding.shred(end(sheet.round), unfinished=True)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert (done.values >= 7, whole) == (True, [])
    for one in db.session.scalars(select(Sheet)):
        with pytest.raises(Shredded):
            _ = one.note


def test_another_process_seals_nothing_with_a_key_that_is_gone(sheet: Sheet) -> None:
    """Its cache still has the key; the value would be lost at its next start."""
    round_ = end(sheet.round)
    number, _key = key_for(sheet.school_id, sheet.round_id)
    db.session.execute(update(DataKey).where(DataKey.number == number).values(scope="shredded:1", wrapped=b""))
    db.session.commit()
    sheet.note = "后来写的"
    db.session.commit()
    forget_keys()
    assert db.session.get_one(Sheet, sheet.id).note == "后来写的"
    assert key_for(sheet.school_id, round_.id)[0] != number


def test_the_command_and_what_old_backups_open_afterwards(
    sheet: Sheet,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    title = end(sheet.round).title
    backing_up.make(tmp_path / "backup", datetime(2026, 11, 22, tzinfo=UTC))
    old = {row.number: bytes(row.wrapped) for row in db.session.scalars(select(DataKey))}
    db.session.remove()
    monkeypatch.setattr("portal.settings.load", lambda: settings)
    command = ["keys", "shred", "--province", "990000", "--round", title, "--unfinished", "--rotate"]
    assert main(command) == 4
    assert "nothing was done" in capsys.readouterr().out
    assert main([*command[:4], "--round", "no such round", "--yes"]) == 1
    assert main([*command, "--yes", "--json"]) == 0
    assert '"dropped": [1]' in capsys.readouterr().out
    assert main(["verify"]) == 0
    rotation.keyring().reload()
    for number, wrapped in old.items():
        with pytest.raises(Exception, match="wrapping key 1"):
            rotation.keyring().unwrap(wrapped, number, "whatever")
    with pytest.raises(BadBackup, match="needs wrapping key 1"):
        restoring.check(backing_up.backup_folder.newest(tmp_path / "backup"))
    assert db.session.scalars(select(Photo)).one().receipt
