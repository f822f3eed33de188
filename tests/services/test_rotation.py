"""Rotation of the wrapping key: interrupted, while others write, and never a data key that nobody can open."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import create_app
from portal.commands import main
from portal.keys import KeyFile, KeyFileError, Keyring
from portal.models import DataKey, Pupil, Step, db, key_for
from portal.models.data_keys import forget_keys
from portal.services import rotation
from portal.settings import Settings
from tests.make import Make
from tests.standing import end


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A key file of our own: the other tests share theirs."""
    (tmp_path / "keys").mkdir(mode=0o700)
    own = tmp_path / "keys" / "keys.json"
    shutil.copy2(settings.key_file, own)
    return replace(settings, key_file=str(own))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        yield app
    end(app)


def names() -> list[str]:
    db.session.expire_all()
    forget_keys()
    return [pupil.record["name"] for pupil in db.session.scalars(select(Pupil))]


def test_add_rewrap_drop(make: Make, settings: Settings) -> None:
    make.pupil(name="林小试")
    assert rotation.status().old == 0
    assert rotation.add() == 2
    assert rotation.status().old == rotation.status().wrapped[1] > 0
    with pytest.raises(KeyFileError, match="still wrapped by key 1"):
        rotation.drop(1)
    assert rotation.rewrap() == rotation.status().wrapped[2]
    rotation.drop(1)
    assert sorted(KeyFile.load(settings.key_file).keys) == [2]
    assert names() == ["林小试"]
    with pytest.raises(KeyFileError, match="cannot be dropped"):
        rotation.drop(2)
    assert rotation.status().closed == ()
    assert {"ADD_KEY", "REWRAP_KEYS", "DROP_KEY"} <= set(db.session.scalars(select(Step.move)))


def test_an_interrupted_rewrap_goes_on_where_it_was(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        key_for(make.pupil().id)
    db.session.commit()
    monkeypatch.setattr(rotation, "BATCH", 2)
    rotation.add()
    many = db.session.scalar(select(func.count()).select_from(DataKey)) or 0

    def cut(n: int, of: int) -> None:
        if n == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rewrap(cut)
    assert rotation.status().wrapped == {1: many - 4, 2: 4}
    assert rotation.rewrap() == many - 4
    assert rotation.status().old == 0


def test_another_process_notices_the_new_file_and_wraps_with_it(app: Flask, make: Make, settings: Settings) -> None:
    """A server that started before the rotation reads what was wrapped anew, and makes no key that is lost."""
    make.pupil(name="林小试")
    old = create_app(settings)
    db.session.remove()
    rotation.add()
    rotation.rewrap()
    rotation.drop(1)
    db.session.remove()
    with old.app_context():
        assert names() == ["林小试"]
        number, _key = key_for(make.school("2199000002", "试验市第二小学").id)
        db.session.commit()
    end(old)
    assert rotation.status().wrapped == {2: rotation.status().wrapped[2]}
    assert rotation.status().closed == ()


def test_a_data_key_made_while_a_key_is_dropped_is_never_wrapped_by_it(
    app: Flask, make: Make, settings: Settings
) -> None:
    """One thread drops, the other makes a data key with the file it read long ago."""
    place_id, other = make.school().id, create_app(settings)
    for turn in range(8):
        db.session.remove()
        other.extensions["portal.keyring"] = Keyring(KeyFile.load(settings.key_file))
        old = rotation.keyring().file.active
        rotation.add()
        rotation.rewrap()
        db.session.remove()
        begin = threading.Barrier(2, timeout=20)

        def make_key(begin: threading.Barrier = begin, round_id: UUID = UUID(int=turn + 1)) -> None:  # noqa: B008
            with other.app_context():
                begin.wait()
                key_for(place_id, round_id)
                db.session.commit()

        maker = threading.Thread(target=make_key)
        maker.start()
        begin.wait()
        rotation.drop(old)
        maker.join(20)
        assert rotation.status().closed == ()
    end(other)


def test_the_command_tells_how_far_it_is(
    make: Make, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make.pupil()
    db.session.remove()
    monkeypatch.setattr("portal.settings.load", lambda: settings)
    assert main(["keys", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["active"] == 1
    assert main(["keys", "add"]) == 0
    assert main(["keys", "status"]) == 4
    assert main(["keys", "drop", "1"]) == 1
    assert main(["keys", "rewrap", "--json"]) == 0
    assert main(["keys", "drop", "1"]) == 0
    assert main(["keys", "status"]) == 0
    assert "key 2" in capsys.readouterr().out
