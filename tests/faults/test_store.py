"""The object store is away, hangs, fails or is slow (sec-R9): what is acknowledged is in it, and pages go on."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.comparing import compare
from tests.faults.conftest import Tell
from tests.faults.phones import Crowd, Phone
from tests.faults.proxy import Line
from tests.faults.serving import Serving
from tests.faults.world import World

SECONDS = 12.0
MODES = ("refuse", "hang", "reset", "fail", "slow")

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """To an S3 server in this process, which holds an empty bucket `photos`."""
    import boto3
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    to = server.get_host_and_port()
    endpoint = f"http://{to[0]}:{to[1]}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="photos")
    made = Line(to)
    yield made
    made.close()
    server.stop()


def test_phones_wait_for_the_object_store(sqlite_world: World, line: Line, tell: Tell) -> None:
    storage = f"s3://photos/{time.time_ns()}?endpoint=http://127.0.0.1:{line.port}&region=us-east-1"
    world = replace(sqlite_world, settings=replace(sqlite_world.settings, storage_url=storage))
    pages: list[float] = []
    backs: list[float] = []
    credentials = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    with Serving(world, **credentials) as server, Crowd(server, size=30_000) as crowd:
        for mode in MODES:
            assert crowd.wait_for(len(crowd.answers.sent) + 10), server.log.read_text()[-2000:]
            line.turn(mode)
            pages += _pages(world, SECONDS)
            line.turn("pass")
            begun, before = time.monotonic(), len(crowd.answers.sent)
            assert crowd.wait_for(before + 1), mode
            backs.append(time.monotonic() - begun)
    kept = compare(world, crowd.answers.until_now())
    p95 = round(1000 * statistics.quantiles(pages, n=20)[-1])
    tell(fault="store", on="SQLite", server="", kept=kept.told(), back=round(max(backs), 1), pages_p95_ms=p95)
    assert kept.whole
    assert crowd.answers.refused == []
    assert {status for status in crowd.answers.statuses if status != 599} <= {201, 503}
    assert max(backs) < 15
    assert max(pages) < 5


def _pages(world: World, seconds: float) -> list[float]:
    """How long pages take meanwhile that need no photo."""
    taken, phone, ends = [], Phone(world), time.monotonic() + seconds
    while time.monotonic() < ends:
        begun = time.monotonic()
        assert phone.ask("GET", f"/s/{world.links[-1]}")[0] == 200
        taken.append(time.monotonic() - begun)
        time.sleep(0.1)
    phone.close()
    return taken
