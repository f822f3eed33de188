"""A backup while four write and files are removed; restored into an empty place everything is there; what was cut or
changed is refused (sec-R15, deliver 8)."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import create_app
from portal.commands import main
from portal.keys import KeyFile
from portal.models import Photo, Pupil, Sheet, SignIn, Step, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import backing_up, backup_tables, backup_time, photos, restoring, rotation
from portal.services.backup_folder import BadBackup
from portal.services.refusals import Refusal
from portal.settings import Settings
from tests.make import Make
from tests.services.test_verifying import photo

WHEN = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
NAMES = ("林小试", "𠮷小试", "O'Brien; --")


@pytest.fixture
def world(app: Flask, make: Make) -> Sheet:
    for name in NAMES:
        make.pupil(name=name)
    make.actor(Role.REGISTRAR, make.school())
    sheet = make.sheet(SheetState.ISSUED)
    for n in range(6):
        photo(sheet, os.urandom(200 + n), n)
    return sheet


@contextmanager
def empty_place(settings: Settings, folder: Path) -> Iterator[Flask]:
    """Another machine: empty database and store, the same key file."""
    own = replace(settings, database_url=f"sqlite:///{folder / 'new.db'}", storage_url=f"file://{folder / 'new-files'}")
    app = create_app(replace(own, var=str(folder)))
    db.session.remove()
    try:
        with app.app_context():
            yield app
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
    finally:
        app.extensions["portal.readers"].close()


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as it comes out of the database."""
    with backup_tables.snapshot(db.engine) as connection:
        found: dict[str, list[dict[str, Any]]] = {}
        for piece in backup_tables.pieces(connection):
            found.setdefault(piece.table, []).extend(backup_tables.unpacked(piece))
    found["step"] = [row for row in found.get("step", []) if row["move"] not in ("BACKUP", "RESTORE")]
    for table in found:
        found[table].sort(key=lambda row: [str(value) for value in row.values()])
    return found


def test_what_is_restored_is_what_was_there(world: Sheet, settings: Settings, tmp_path: Path) -> None:
    want = rows()
    made = backing_up.make(tmp_path / "backup", WHEN)
    assert (made.files, made.copied) == (6, 6)
    again = backing_up.make(tmp_path / "backup", WHEN + timedelta(days=1))
    assert (again.files, again.copied) == (6, 0), "files that are there are not copied again"
    with empty_place(settings, tmp_path):
        done = restoring.restore(tmp_path / "backup")
        assert (done.folder, done.files, done.verdict.clean) == (again.folder, 6, True)
        got = rows()
        assert all(row["ended_at"] for row in got["sign_in"]), "nobody is signed in after a restore"
        for table in want.keys() | got.keys():
            same = [{k: v for k, v in row.items() if k != "ended_at"} for row in want.get(table, [])]
            assert [{k: v for k, v in row.items() if k != "ended_at"} for row in got.get(table, [])] == same, table
        assert {pupil.record["name"] for pupil in db.session.scalars(select(Pupil))} >= set(NAMES)
        assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1
        assert {"BACKUP", "RESTORE"} <= set(db.session.scalars(select(Step.move)))
        with pytest.raises(Refusal, match="not empty"):
            restoring.restore(tmp_path / "backup")


def test_nothing_of_a_backup_can_be_read_without_the_key_file(world: Sheet, settings: Settings, tmp_path: Path) -> None:
    """sec-A38: names, logins, the key file's own keys: only counts, sizes and addresses are in the clear."""
    backing_up.make(tmp_path / "backup", WHEN)
    secrets = [name.encode() for name in NAMES] + [b"registrar-", b"2199000001", "试验市".encode()]
    document = json.loads(Path(settings.key_file).read_text())
    secrets += [entry["key"].encode() for entry in [document["root"], *document["keys"]]]
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0, path
            assert [secret for secret in secrets if secret in data] == [], path
            with pytest.raises(gzip.BadGzipFile):
                gzip.decompress(data)
    other = KeyFile.create(tmp_path / "other.json")
    with (
        empty_place(replace(settings, key_file=str(other.path)), tmp_path),
        pytest.raises(BadBackup, match="another key"),
    ):
        restoring.restore(tmp_path / "backup")


@pytest.fixture
def backup(world: Sheet, tmp_path: Path) -> Path:
    return backing_up.make(tmp_path / "backup", WHEN).folder


def test_every_file_of_a_backup_is_needed_as_it_is(backup: Path, settings: Settings, tmp_path: Path) -> None:
    """Each in turn is changed by one bit, every fifth also cut and taken away: refused, and nothing was written."""
    files = sorted(path for path in tmp_path.joinpath("backup").rglob("*") if path.is_file())
    assert len(files) > 10
    with empty_place(settings, tmp_path):
        for n, path in enumerate(files):
            data = path.read_bytes()
            flipped = bytearray(data)
            flipped[(n * 7919) % len(data)] ^= 1 << n % 8
            for damaged in (bytes(flipped),) if n % 5 else (data[:-1], bytes(flipped), None):
                path.unlink()
                if damaged is not None:
                    path.write_bytes(damaged)
                with pytest.raises(BadBackup):
                    restoring.restore(tmp_path / "backup")
                path.write_bytes(data)
        assert list(photos.store().walk()) == []
        assert restoring.restore(tmp_path / "backup").verdict.clean


def test_a_backup_that_was_killed_counts_for_nothing(world: Sheet, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(KeyboardInterrupt):
        backing_up.make(tmp_path / "backup", WHEN, lambda what, n: (_ for _ in ()).throw(KeyboardInterrupt))
    with empty_place(settings, tmp_path), pytest.raises(BadBackup, match="no complete backup"):
        restoring.restore(tmp_path / "backup")
    with db.engine.connect():
        assert backing_up.make(tmp_path / "backup", WHEN + timedelta(seconds=9)).files == 6
    assert [path.name for path in (tmp_path / "backup").iterdir() if path.name.startswith(".")] == []


def test_a_file_that_a_row_names_and_that_is_gone_ends_the_backup(world: Sheet, tmp_path: Path) -> None:
    photos.store().delete(world.photos[0].address)
    with pytest.raises(BadBackup, match="not in the store"):
        backing_up.make(tmp_path / "backup", WHEN)


def test_a_backup_taken_while_four_write_and_remove_has_no_row_without_file(
    app: Flask, world: Sheet, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet_id, stop, counts = world.id, threading.Event(), [0] * 4
    db.session.remove()
    monkeypatch.setattr(backup_tables, "ROWS", 3)

    def write(who: int) -> None:
        while not stop.is_set():
            with app.app_context():
                counts[who] += 1
                row = photo(db.session.get_one(Sheet, sheet_id), os.urandom(60), 10_000 * (who + 1) + counts[who])
                if counts[who] % 2:
                    db.session.delete(row)
                    db.session.commit()
                    photos.remove(row.address)

    writers = [threading.Thread(target=write, args=[who], daemon=True) for who in range(4)]
    for writer in writers:
        writer.start()
    made = [backing_up.make(tmp_path / "backup", WHEN + timedelta(minutes=n)) for n in range(2)]
    stop.set()
    for writer in writers:
        writer.join(20)
    assert min(counts) > 0
    assert made[-1].files > made[0].files >= 6
    with empty_place(settings, tmp_path):
        done = restoring.restore(made[0].folder)
        assert (done.verdict.missing, done.verdict.faults, done.files) == ([], 0, made[0].files)
        assert db.session.scalar(select(func.count()).select_from(Photo)) == made[0].files
        assert restoring.check(made[1].folder)[0].files_count == made[1].files


def test_old_backups_go_with_the_files_only_they_needed(world: Sheet, tmp_path: Path) -> None:
    gone = world.photos[0].address
    backing_up.make(tmp_path / "backup", WHEN)
    db.session.delete(world.photos[0])
    db.session.commit()
    photos.remove(gone)
    for n in range(2):
        backing_up.make(tmp_path / "backup", WHEN + timedelta(hours=n + 1))
    assert backing_up.keep(tmp_path / "backup", 2) == (1, 1)
    assert restoring.check(backing_up.backup_folder.newest(tmp_path / "backup"))[0].files_count == 5


def test_a_backup_made_while_the_clock_was_ahead_is_not_taken_for_the_newest(world: Sheet, tmp_path: Path) -> None:
    """Otherwise it would be the one that is restored, and each new one would be the oldest and go at once."""
    ahead = backing_up.make(tmp_path / "backup", WHEN + timedelta(days=400))
    made = backing_up.make(tmp_path / "backup", WHEN, count=1)
    assert made.folder.name > ahead.folder.name
    assert backing_up.backup_folder.newest(tmp_path / "backup") == made.folder
    assert (made.folder.exists(), ahead.folder.exists(), made.gone) == (True, False, (1, 0))
    assert backing_up.make(tmp_path / "backup", WHEN).folder.name > made.folder.name, "two within a second"


def test_old_backups_go_before_another_one_is_begun(
    world: Sheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that another backup copies meanwhile are needed by none that is there yet."""
    monkeypatch.setattr(backing_up, "keep", lambda *_: (int(backup_time.under_way()), 0))
    assert backing_up.make(tmp_path / "backup", WHEN, count=1).gone == (1, 0)


def test_a_backup_needs_the_wrapping_key_of_its_time(world: Sheet, settings: Settings, tmp_path: Path) -> None:
    """What makes a shredded round unreadable in old backups, too: its data keys there open with no key that is left."""
    (tmp_path / "own").mkdir(mode=0o700)
    own = replace(settings, key_file=str(tmp_path / "own" / "keys.json"))
    shutil.copy2(settings.key_file, own.key_file)
    backing_up.make(tmp_path / "backup", WHEN)
    with empty_place(own, tmp_path):
        ring = rotation.keyring()
        ring.file.with_new_key()
        ring.reload()
        ring.file.without_key(1)
        ring.reload()
        with pytest.raises(BadBackup, match="needs wrapping key 1"):
            restoring.restore(tmp_path / "backup")


def test_the_commands(
    world: Sheet,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    db.session.remove()
    monkeypatch.setattr("portal.settings.load", lambda: settings)
    assert main(["backup", "--to", str(Path(settings.key_file).parent), "--json"]) == 1
    assert "keep backups apart" in capsys.readouterr().err
    assert main(["backup", "--to", str(tmp_path / "backup"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 6
    with pytest.raises(SystemExit):
        main(["backup", "--to", str(tmp_path / "backup"), "--keep", "-1"])
    assert "--keep" in capsys.readouterr().err
    assert main(["restore", "--from", str(tmp_path / "backup")]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", "--from", str(tmp_path / "backup"), "--check"]) == 0
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'c.db'}", storage_url=f"file://{tmp_path / 'c'}")
    monkeypatch.setattr("portal.settings.load", lambda: empty)
    assert main(["restore", "--from", str(tmp_path / "none")]) == 3
    assert main(["restore", "--from", str(tmp_path / "backup"), "--json"]) == 0
    assert main(["verify"]) == 0
