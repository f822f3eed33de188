"""A disk that says every n-th time that it could not write (sec-R4): such a photo is never acknowledged."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.comparing import Kept, compare
from tests.faults.conftest import Tell
from tests.faults.phones import Phone, Sent, picture
from tests.faults.serving import Nursery, Serving
from tests.faults.world import World

PHOTOS = 60
#: what must be in the path, and every how many-th time it fails
FAILING = [("/.incoming/", 2), ("/uploads/", 7), ("/uploads/", 13), ("-wal", 5), ("-wal", 11)]

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Servers on a disk that fails where and when their environment says."""
    if not shutil.which("cc"):
        pytest.skip("no disk fails here: there is no C compiler for the library in between")
    library = tmp_path_factory.mktemp("failing") / "failing.so"
    source = Path(__file__).parent / "failing.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    made = Nursery(LD_PRELOAD=str(library))
    yield made
    made.close()


def sent_through(server: Serving) -> tuple[list[Sent], dict[str, int], int]:
    """Photos each sent up to five times; what was acknowledged, the photos refused at first, and other answers."""
    acknowledged, failures, odd = [], {"failures": 0, "never": 0}, 0
    phone = Phone(server.world)
    for turn in range(PHOTOS):
        link, data = server.world.links[turn % 40], picture(20_000)
        for _attempt in range(5):
            status, told = phone.send(link, data)
            if status == 201:
                acknowledged.append(Sent(told, hashlib.sha256(data).hexdigest(), link))
                break
            failures["failures"] += 1
            odd += status not in (503, 507) or "<h1" not in told and "error" not in told
        else:
            failures["never"] += 1
    phone.close()
    return acknowledged, failures, odd


def failed(world: World, by: Nursery, fault: str, word: str, every: int) -> tuple[Kept, dict[str, int], int]:
    with Serving(world, fault, by=by, FAIL_WORD=word, FAIL_EVERY=str(every)) as server:
        acknowledged, failures, odd = sent_through(server)
    return compare(world, acknowledged), failures, odd


@pytest.mark.parametrize(("word", "every"), FAILING)
def test_what_could_not_be_written_is_not_acknowledged(
    sqlite_world: World, failing: Nursery, word: str, every: int, tell: Tell
) -> None:
    kept, failures, odd = failed(sqlite_world, failing, "", word, every)
    tell(fault="fsync", on="SQLite", server="", kept=kept.told(), **failures)
    assert failures["failures"] >= 3
    assert kept.whole
    assert kept.temporary == 0
    assert odd == 0, "each refusal says in words what to do"
    assert failures["never"] == 0, "sent again it arrives"


def test_a_server_that_does_not_listen_to_its_disk_is_caught(sqlite_world: World, failing: Nursery, tell: Tell) -> None:
    kept, failures, _odd = failed(sqlite_world, failing, "deaf fsync", "/.incoming/", 2)
    tell(fault="fsync", on="SQLite", server="deaf fsync", kept=kept.told(), **failures)
    assert not kept.whole
