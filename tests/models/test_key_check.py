"""A database knows its key file: another one is refused before anything is written (sec-A49, sec 6)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from portal import create_app
from portal.commands import main
from portal.keys import KeyFile, KeyFileError, KeyFileMissing
from portal.models import DataKey, Deployment, Step, db
from portal.services import rotation
from portal.settings import Settings
from tests.make import Make
from tests.standing import end


def opened_with(settings: Settings, path: Path) -> None:
    end(create_app(replace(settings, key_file=str(path))))


def test_the_first_data_key_says_whose_database_it_is(
    app: Flask, make: Make, settings: Settings, tmp_path: Path
) -> None:
    make.pupil()
    assert db.session.scalars(select(Deployment.key_check)).all() == [app.extensions["portal.keyring"].check_value]
    other = KeyFile.create(tmp_path / "other.json")
    with pytest.raises(KeyFileError, match="belongs to another key file"):
        opened_with(settings, other.path)
    opened_with(settings, Path(settings.key_file))


def test_a_database_from_before_the_check_is_tried_with_its_data_keys(
    app: Flask, make: Make, settings: Settings, tmp_path: Path
) -> None:
    make.pupil()
    db.session.execute(delete(Deployment))
    db.session.commit()
    with pytest.raises(KeyFileError, match="does not open the data keys"):
        opened_with(settings, KeyFile.create(tmp_path / "other.json").path)
    with pytest.raises(KeyFileMissing):
        opened_with(settings, tmp_path / "gone.json")
    assert not (tmp_path / "gone.json").exists(), "no new key file beside a database that needs the old one"
    rotation.bind()
    assert db.session.scalar(select(func.count()).select_from(Deployment)) == 1


def test_every_command_refuses_the_wrong_key_file_in_one_line_and_writes_nothing(
    make: Make, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make.pupil()
    steps = db.session.scalar(select(func.count()).select_from(Step))
    keys = db.session.scalar(select(func.count()).select_from(DataKey))
    db.session.remove()
    KeyFile.create(tmp_path / "other.json")
    monkeypatch.setattr("portal.settings.load", lambda: replace(settings, key_file=str(tmp_path / "other.json")))
    for command in (["database", "upgrade"], ["keys", "rewrap"], ["figures", "recount"], ["serve", "--port", "1"]):
        assert main(command) == 1
        told = capsys.readouterr().err.strip().splitlines()
        assert len(told) == 1
        assert "another key file" in told[0]
    assert db.session.scalar(select(func.count()).select_from(Step)) == steps
    assert db.session.scalar(select(func.count()).select_from(DataKey)) == keys
