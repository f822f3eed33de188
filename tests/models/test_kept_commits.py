"""What a commit of the portal asks of SQLite; that the disk is asked, too, `make faults` sees in the calls it makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.models import base
from tests import standing

FULL = 2


def test_a_commit_is_answered_when_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "SYNCHRONOUS", standing.DELIVERED)
    engine = create_engine(f"sqlite:///{tmp_path / 'portal.db'}")
    base.guard_sqlite(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
