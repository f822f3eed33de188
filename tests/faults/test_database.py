"""PostgreSQL is killed and started again while phones send (sec-R10)."""

from __future__ import annotations

import time

import pytest

from tests.faults.comparing import compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd, Phone
from tests.faults.postgres import Postgres
from tests.faults.serving import Serving
from tests.faults.world import World

RESTARTS = 6

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]


def test_phones_wait_for_the_database(postgres_world: World, postgres: Postgres, tell: Tell) -> None:
    backs, words = [], set[tuple[int, str | None, bool]]()
    with Serving(postgres_world) as server, Crowd(server, size=30_000) as crowd:
        for turn in range(RESTARTS):
            assert crowd.wait_for(len(crowd.answers.sent) + 5), server.log.read_text()[-2000:]
            if turn % 2:
                postgres.kill_backend()
                continue
            postgres.wait()
            postgres.stop_at_once()
            phone = Phone(postgres_world)
            for _ in range(4):
                status, _address, page = phone.ask("GET", f"/s/{postgres_world.links[0]}")
                words.add((status, phone.headers.get("Retry-After"), "<h1" in page))
            phone.close()
            postgres.start()
            begun, before = time.monotonic(), len(crowd.answers.sent)
            assert crowd.wait_for(before + 1)
            backs.append(time.monotonic() - begun)
    postgres.wait()
    kept = compare(postgres_world, crowd.answers.until_now())
    statuses = {status for status in crowd.answers.statuses if status != 599}
    tell(fault="database", on="PostgreSQL", server="", kept=kept.told(), restarts=RESTARTS, back=round(max(backs), 1))
    assert kept.whole
    assert crowd.answers.refused == []
    assert statuses <= {201, 503}, server.log.read_text()[-2000:]
    assert words == {(503, "5", True)}, "each page says in words that it will be back"
    assert max(backs) < 5
