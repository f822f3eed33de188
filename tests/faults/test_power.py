"""The power of the disk is cut while phones send (sec-R2): only what was acknowledged before the cut counts."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import world
from tests.faults.comparing import Kept, compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd
from tests.faults.postgres import Postgres
from tests.faults.serving import Serving
from tests.faults.volume import NoVolume, Volume
from tests.faults.world import World

#: and photos that must have been acknowledged before each: more than a thousand in all
CUTS, BETWEEN = 11, 100

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]


@pytest.fixture
def volume(open_folder: Path) -> Iterator[Volume]:
    try:
        made = Volume(700, open_folder / f"cut-{time.monotonic_ns()}")
    except NoVolume as why:
        pytest.skip(f"no power to cut: {why}")
    with made:
        yield made


def cut(volume: Volume, at: World, server: Postgres | None, fault: str, cuts: int) -> tuple[Kept, int]:
    """So many cuts, unless something is lost before; what was kept, and the cuts."""
    luck, done, serving = random.Random(2), 0, Serving(at, fault)
    serving.log = volume.at.parent / "server.log"
    volume.written()
    with serving, Crowd(serving, size=60_000) as crowd:
        while True:
            assert crowd.wait_for(len(crowd.answers.sent) + BETWEEN, seconds=300), crowd.answers.refused[:1]
            time.sleep(luck.uniform(0.05, 0.5))
            before = crowd.answers.until_now()
            volume.cut()
            serving.kill()
            if server:
                server.kill()
            volume.again()
            if server:
                server.start()
            done += 1
            kept = compare(at, before)
            if not kept.whole or done >= cuts:
                return kept, done
            # an answer that was on its way while the disk went off may be told and not kept: it is asked for no more
            with crowd.answers.lock:
                crowd.answers.sent[:] = before
            serving.start()


@pytest.mark.parametrize("fault", ["", "no file fsync", "normal sync"])
def test_sqlite(first_world: World, volume: Volume, fault: str, tell: Tell) -> None:
    at = first_world.on(volume.at / "var")
    kept, done = cut(volume, at, None, fault, CUTS)
    tell(fault="power", on="SQLite", server=fault, kept=kept.told(), cuts=done)
    assert kept.whole == (not fault)
    assert fault or kept.acknowledged >= 1000


@pytest.mark.parametrize("fault", ["", "no file fsync", "synchronous_commit off"])
def test_postgresql(volume: Volume, fault: str, tell: Tell) -> None:
    server = Postgres(volume.at)
    with contextlib.ExitStack() as ending:
        ending.callback(server.kill)
        server.start()
        made = world.make(volume.at / "var", server.address(), papers=80)
        if fault == "synchronous_commit off":
            weak = server.address(options="-csynchronous_commit%3Doff")
            made = replace(made, settings=replace(made.settings, database_url=weak))
        kept, done = cut(volume, made, server, "" if "off" in fault else fault, CUTS)
    tell(fault="power", on="PostgreSQL", server=fault, kept=kept.told(), cuts=done)
    assert kept.whole == (not fault)
    assert fault or kept.acknowledged >= 1000
