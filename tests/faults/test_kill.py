"""kill -9 of the whole server while phones send; what is kept is compared before it starts again (sec-R1)."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

import portal.commands
from tests.faults import world
from tests.faults.comparing import Kept, compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd
from tests.faults.serving import Serving
from tests.faults.world import World

KILLS, UPLOADS = 12, 1000


def killed(world: World, fault: str, kills: int, uploads: int, seed: int = 1) -> tuple[Kept, dict[str, int]]:
    """At least so many kills and acknowledged uploads, unless something is wrong before; what was kept, and counts."""
    luck, done, temporary, seen = random.Random(seed), 0, 0, dict[str, str]()
    with Serving(world, fault) as server, Crowd(server, size=100_000, seed=seed) as crowd:
        while True:
            some = 1 + luck.randrange(2 * uploads // kills)
            assert crowd.wait_for(len(crowd.answers.sent) + some, seconds=300), server.log.read_text()[-3000:]
            time.sleep(luck.uniform(0, 0.2))  # at any moment of what is under way
            server.kill()
            done += 1
            kept = compare(world, crowd.answers.until_now(), seen)
            temporary = max(temporary, kept.temporary)
            if not kept.whole or (done >= kills and kept.acknowledged >= uploads):
                break
            server.start()
    if kept.whole:
        kept = compare(world, crowd.answers.sent)
    answers = crowd.answers
    assert answers.refused == []
    return kept, {"kills": done, "errors": answers.errors, "given up": answers.given_up, "left half": temporary}


def test_a_killed_server_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """The short form of what follows."""
    small = world.make(tmp_path / "var", papers=6)
    kept, counts = killed(small, "", kills=1, uploads=5)
    assert kept.whole
    assert counts["errors"] > 0


@pytest.mark.fault
@pytest.mark.timeout(900)
def test_a_thousand_uploads_and_ten_kills(any_world: World, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, counts = killed(any_world, "", kills=KILLS, uploads=UPLOADS)
    tell(fault="kill", on=any_world.database, server="", kept=kept.told(), **counts)
    assert kept.whole
    assert kept.acknowledged >= UPLOADS
    with Serving(any_world):
        assert compare(any_world, []).temporary == 0, "what was half written is cleared away at the start"
    for name, value in any_world.environment.items():
        monkeypatch.setenv(name, value)
    assert portal.commands.main(["verify"]) == 0, "the operator's own command finds nothing either"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        portal.commands.main(["verify", "--remove-orphans"])
        assert portal.commands.main(["verify"]) == 0
    assert compare(any_world, []).orphans == 0


@pytest.mark.fault
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", ["row first", "answer early"])
def test_a_broken_server_is_caught_by_killing_it(any_world: World, fault: str, tell: Tell) -> None:
    kept, counts = killed(any_world, fault, kills=KILLS, uploads=UPLOADS)
    tell(fault="kill", on=any_world.database, server=fault, kept=kept.told(), **counts)
    assert not kept.whole
