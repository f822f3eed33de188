"""Bytes that changed, files that are gone and files nobody knows are found, each exactly once (sec-R22)."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal.commands import main
from portal.files import LocalStore
from portal.models import Base, DataKey, Photo, Sheet, db, key_for
from portal.models.data_keys import forget_keys, scope_of
from portal.rules.workflow import SheetState
from portal.services import backup_time, photos, stored, verifying
from portal.services.refusals import TooLate
from portal.settings import Settings
from tests.make import Make
from tests.services.test_decisions import at_once

MANY = 40


def photo(sheet: Sheet, data: bytes, n: int) -> Photo:
    """A photo with its file; what is on it is nobody's business here."""
    number, key = key_for(sheet.school_id, sheet.round_id)
    address = photos.store().put(scope_of(sheet.school_id, sheet.round_id), data, key, number).address
    own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
    row = Photo(sheet_id=sheet.id, address=address, size=len(data), receipt=f"R{n:07d}", source="family", **own)
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def kept(app: Flask, make: Make) -> list[Photo]:
    sheet = make.sheet(SheetState.ISSUED)
    return [photo(sheet, os.urandom(300) + bytes([n]), n) for n in range(MANY)]


def file_of(app: Flask, address: str) -> Path:
    folder = Path(app.extensions["portal.settings"].storage.removeprefix("file://"))
    return folder / address[:2] / address[2:4] / address


def age(path: Path, hours: float) -> None:
    moment = path.stat().st_mtime - hours * 3600
    os.utime(path, (moment, moment))


def test_three_changed_bytes_one_missing_file_and_one_stranger_are_told_exactly(
    app: Flask,
    kept: list[Photo],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert verifying.verify().clean
    for one, at in zip(kept[:3], (0, 100, -1), strict=True):
        path = file_of(app, one.address)
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
    file_of(app, kept[3].address).unlink()
    stranger = file_of(app, os.urandom(32).hex())
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"somebody else's")
    young = verifying.verify()
    assert (young.strangers, young.young) == ([], 1), "it may belong to a row that is being written"
    age(stranger, 25)
    found = verifying.verify()
    assert {one.address for one in found.damaged} == {one.address for one in kept[:3]}
    assert [one.address for one in found.missing] == [kept[3].address]
    assert [one.address for one in found.strangers] == [stranger.name]
    assert (len(found.damaged), found.faults, found.young, found.closed, found.values) == (3, 4, 0, [], [])
    quick = verifying.verify(quick=True)
    assert (quick.damaged, len(quick.missing), len(quick.strangers)) == ([], 1, 1)
    parts = [verifying.verify(part=(n, 7)) for n in range(7)]
    assert sum(len(one.damaged) for one in parts) == 3, "in a week every file is opened once"
    assert sum(one.opened for one in parts) == MANY
    told_by_the_command(settings, monkeypatch, capsys)


def told_by_the_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    db.session.remove()
    monkeypatch.setattr("portal.settings.load", lambda: settings)
    assert main(["verify", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [len(told[kind]) for kind in ("damaged", "missing", "strangers")] == [3, 1, 1]
    with backup_time.marked():
        assert main(["verify", "--quick", "--remove-orphans"]) == 1
    assert "nothing is removed" in capsys.readouterr().err
    assert main(["verify", "--quick", "--remove-orphans"]) == 1, "what is missing stays missing"
    assert len(verifying.verify().strangers) == 0
    monkeypatch.setattr(LocalStore, "walk", lambda store: (_ for _ in ()).throw(photos.StoreFailed("away")))
    assert main(["verify"]) == 3


def test_a_file_is_not_removed_when_its_bytes_were_sent_again_meanwhile(app: Flask, kept: list[Photo]) -> None:
    address, sheet_id = kept[0].address, kept[0].sheet_id
    again = {name: getattr(kept[0], name) for name in ("school_id", "round_id", "path", "size", "source")}
    db.session.delete(kept[0])
    db.session.commit()
    age(file_of(app, address), 30)
    found = verifying.verify(quick=True)
    assert [one.address for one in found.strangers] == [address]
    db.session.add(Photo(sheet_id=sheet_id, address=address, receipt="R9999999", **again))
    db.session.commit()
    assert verifying.remove_strangers(found) == 0
    assert photos.store().exists(address)


def test_a_file_is_not_removed_when_its_bytes_come_while_others_are_removed(
    app: Flask, kept: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the rows were asked: the photo is acknowledged, so it must still be there."""
    sheet = db.session.get_one(Sheet, kept[0].sheet_id)
    data = photos.content_of(kept[0].address, sheet.school_id, sheet.round_id)
    address = kept[0].address
    db.session.delete(kept[0])
    db.session.commit()
    age(file_of(app, address), 30)
    found, named = verifying.verify(quick=True), list(stored.named(db.session))
    db.session.rollback()

    def named_before_it_came(*_: object) -> list[stored.Named]:
        photo(sheet, data, 9_999)
        return named

    monkeypatch.setattr(stored, "named", named_before_it_came)
    assert verifying.remove_strangers(found) == 0
    assert photos.store().exists(address)


def test_values_and_data_keys_that_do_not_open_are_told(make: Make, kept: list[Photo]) -> None:
    one, other = make.pupil(), make.pupil()
    one.record_sealed = other.record_sealed
    db.session.commit()
    assert verifying.verify().values == [("pupil", "record", one.id)]
    db.session.execute(delete(DataKey).where(DataKey.scope == scope_of(kept[0].school_id, kept[0].round_id)))
    db.session.commit()
    forget_keys()
    assert len(verifying.verify(quick=True).closed) == MANY
    key = db.session.scalars(select(DataKey)).first()
    assert key is not None
    key.wrapped = key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1])
    db.session.commit()
    forget_keys()
    assert verifying.verify(quick=True).keys == (key.number,)
    assert verifying.verify().values, "a pupil whose school's key is broken"


def test_every_column_that_names_a_file_is_looked_at() -> None:
    """A new column for an address must join `stored.COLUMNS`, or its files would be taken for strangers."""
    known = {(column.model.__tablename__, column.name) for column in stored.COLUMNS}
    found = {
        (mapper.class_.__tablename__, column.key)
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.key == "address" or column.key.endswith("_address")
    }
    assert found == known


def test_nothing_removes_a_file_but_photos_remove() -> None:
    """While a backup is being made files stay: whoever deletes one asks `photos.remove`."""
    here = Path(verifying.__file__).parent
    callers = [path.name for path in here.rglob("*.py") if "store().delete(" in path.read_text(encoding="utf-8")]
    assert callers == ["photos.py"]


def test_of_backups_that_begin_at_once_one_is_made(app: Flask, kept: list[Photo]) -> None:
    db.session.rollback()
    refused = threading.Semaphore(0)

    def back_up() -> None:
        try:
            with backup_time.marked():
                for _ in range(3):  # until the others were refused
                    assert refused.acquire(timeout=30)
        except TooLate:
            refused.release()
            raise

    assert at_once(app, [back_up] * 4) == ["TooLate"] * 3 + ["done"]


def test_while_a_backup_is_being_made_no_file_is_removed(app: Flask, kept: list[Photo]) -> None:
    with backup_time.marked():
        assert not photos.remove(kept[0].address)
        assert photos.store().exists(kept[0].address)
        with pytest.raises(Exception, match="being made already"), backup_time.marked():
            pass
    assert photos.remove(kept[0].address)
    assert backup_time.last_done() is not None
