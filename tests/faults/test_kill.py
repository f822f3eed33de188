"""kill -9 of the whole server while phones send; what is kept is compared before it starts again (sec-R1)."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.comparing import Kept, compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd
from tests.faults.serving import Serving
from tests.faults.world import World

KILLS, UPLOADS = 12, 1000


def killed(world: World, fault: str, kills: int, uploads: int, seed: int = 1) -> tuple[Kept, dict[str, int]]:
    """At least so many kills and acknowledged uploads, unless something is wrong before; what was kept, and counts."""
    luck, done, temporary = random.Random(seed), 0, 0
    with Serving(world, fault) as server, Crowd(server, seed=seed) as crowd:
        while True:
            before = len(crowd.answers.sent)
            assert crowd.wait_for(before + 1), server.log.read_text()[-3000:]
            time.sleep(luck.uniform(0.15, 0.9))
            server.kill()
            done += 1
            kept = compare(world, crowd.answers.until_now())
            temporary = max(temporary, kept.temporary)
            if not kept.whole or (done >= kills and kept.acknowledged >= uploads):
                break
            server.start()
    answers = crowd.answers
    assert answers.refused == []
    return kept, {"kills": done, "errors": answers.errors, "given up": answers.given_up, "left half": temporary}


def test_a_killed_server_loses_nothing_it_acknowledged(sqlite_world: World) -> None:
    """The short form of what follows."""
    kept, counts = killed(sqlite_world, "", kills=1, uploads=5)
    assert kept.whole
    assert counts["errors"] > 0


@pytest.mark.fault
@pytest.mark.timeout(900)
def test_a_thousand_uploads_and_ten_kills(any_world: World, tell: Tell) -> None:
    kept, counts = killed(any_world, "", kills=KILLS, uploads=UPLOADS)
    tell(fault="kill", on=any_world.database, server="", kept=kept.told(), **counts)
    assert kept.whole
    assert kept.acknowledged >= UPLOADS
    with Serving(any_world):
        assert compare(any_world, []).temporary == 0, "what was half written is cleared away at the start"


@pytest.mark.fault
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", ["row first", "answer early"])
def test_a_broken_server_is_caught_by_killing_it(any_world: World, fault: str, tell: Tell) -> None:
    kept, counts = killed(any_world, fault, kills=KILLS, uploads=UPLOADS)
    tell(fault="kill", on=any_world.database, server=fault, kept=kept.told(), **counts)
    assert not kept.whole
