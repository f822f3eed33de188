"""A worker is killed again and again (sec-R21): each job has its effect, and only once."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults import jobs
from tests.faults.conftest import Tell
from tests.faults.postgres import Postgres
from tests.faults.serving import nursery

JOBS, KILLS = 500, 100

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    name = f"jobs_{os.urandom(4).hex()}"
    server.ask(f"CREATE DATABASE {name}")
    return server.address(name)


@pytest.mark.parametrize("broken", ["", "end later"])
def test_a_killed_worker_leaves_nothing_out_and_does_nothing_twice(
    address: str, broken: str, tmp_path: Path, tell: Tell
) -> None:
    engine, luck, kills = jobs.engine_of(address), random.Random(3), 0
    jobs.put(engine, JOBS)
    asked = {"arguments": ["jobs", address, broken], "environment": {}, "log": str(tmp_path / "worker.log")}
    while jobs.left(engine):
        pid = nursery().ask(asked)
        some = jobs.counted(engine)[3] + luck.randrange(1, 2 * JOBS // KILLS)
        while jobs.left(engine) and jobs.counted(engine)[3] < some:
            time.sleep(0.01)
        time.sleep(luck.uniform(0, 0.02))  # at any moment of what is under way
        os.killpg(pid, signal.SIGKILL)
        while nursery().ask({"ended": pid}) is None:
            time.sleep(0.005)
        kills += 1
    done, parked, with_effect, effects = jobs.counted(engine)
    engine.dispose()
    database = "SQLite" if address.startswith("sqlite") else "PostgreSQL"
    figures = {"kills": kills, "jobs": JOBS, "done": done, "parked": parked, "effects": effects}
    tell(fault="worker", on=database, server=broken, **figures)
    if broken:
        assert effects > with_effect
        return
    assert with_effect == effects == done
    assert done + parked == JOBS
    assert kills >= KILLS // 2
