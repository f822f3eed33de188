"""The search for leaks finds every dress, and nothing personal lies in the files of a small world (sec-A38)."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
from flask import Flask

from benchmarks.leaks_needles import Needles
from portal.models import db
from portal.rules.workflow import SheetState
from portal.services.history import record
from portal.settings import Settings
from tests.make import PASSWORD, Make

TEXT = "林小试"
SECRET = Needles({"name": {TEXT}, "id number": {"990101201501011237"}})
DRESSES = {
    "plain": TEXT.encode(), "of spreadsheets": TEXT.encode("utf-16-le"), "of old files": TEXT.encode("gb18030"),
    "hexadecimal": b"00" + TEXT.encode().hex().encode(), "HEXADECIMAL": TEXT.encode().hex().upper().encode(),
    "address": b"/x?q=%E6%9E%97%E5%B0%8F%E8%AF%95", "json": json.dumps({"a": TEXT}).encode(),
    **{f"base64 {n}": base64.b64encode(b"x" * n + b"990101201501011237" + b"yy") for n in range(4)},
}  # fmt: skip


@pytest.mark.parametrize("dress", DRESSES)
def test_every_dress_is_seen(dress: str, tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(40_000)
    assert SECRET.in_bytes(noise, "noise") == set()
    (tmp_path / "file").write_bytes(noise[:20_000] + DRESSES[dress] + noise[20_000:])
    found, files, size = SECRET.in_folder(tmp_path, "temp")
    assert (len({one.where for one in found}), files) == (1, 1)
    assert size > len(noise)


def test_a_needle_over_the_edge_of_two_pieces_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.leaks_needles._PIECE", 1000)
    for at in range(990, 1001):
        (tmp_path / "file").write_bytes(b"x" * at + TEXT.encode() + b"x" * 50)
        assert SECRET.in_folder(tmp_path, "temp")[0], at


def test_a_world_leaves_nothing_readable_and_a_leak_of_ours_is_seen(
    app: Flask, make: Make, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    if not settings.database.startswith("sqlite"):
        pytest.skip("reads the files of SQLite")
    items = ("name", "id_number", "student_number", "phone", "current_address", "guardian1_name")
    texts: dict[str, set[str]] = {item: set() for item in items} | {"password": {PASSWORD}}
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name=TEXT))
    user = make.guardian(sheet.pupil)
    sheet.note = "林小试的奶奶来过"
    texts |= {"note": {"林小试的奶奶来过"}, "own phone": {user.phone or ""}}
    for item in items:
        texts[item].add(sheet.pupil.record[item])
    db.session.commit()
    needles = Needles(texts)
    folder = Path(settings.var)
    found, files, _size = needles.in_folder(folder, "var")
    assert found == set()
    assert files >= 1
    assert needles.in_bytes(caplog.text.encode(), "log") == set()
    record(None, sheet, "LOOK_AT", sheet.school_id, name=TEXT)  # what no service may do
    db.session.commit()
    assert {one.kind for one in needles.in_folder(folder, "var")[0]} == {"name"}
