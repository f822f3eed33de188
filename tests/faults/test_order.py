"""What the system was asked for, and in which order, before each receipt was told (sec-R3): right on any disk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.phones import Phone, picture
from tests.faults.serving import Nursery, Serving
from tests.faults.world import World

PHOTOS = 20
_CALLS = "fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write"
_LINE = re.compile(r"(?P<thread>\d+) +(?P<call>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("strace"):
        pytest.skip("the order of system calls is not looked at: strace is not installed")
    return tmp_path_factory.mktemp("trace") / "calls"


@pytest.fixture(scope="module")
def traced(trace: Path) -> Iterator[Nursery]:
    """Servers whose system calls are written down."""
    watched = ["strace", "-f", "--seccomp-bpf", "-y", "-s", "40", "-e", f"trace={_CALLS}", "-e", "signal=none"]
    made = Nursery(*watched, "-o", str(trace))
    yield made
    made.close()


def calls(trace: Path, since: int) -> list[tuple[str, str]]:
    """Thread and call of everything that ended since a place in the trace; calls in two parts are put together."""
    with trace.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(since)
        begun: dict[str, str] = {}
        done = []
        for line in lines:
            found = _LINE.match(line)
            if not found:
                continue
            thread, call = found["thread"], found["call"]
            if call.endswith("<unfinished ...>"):
                begun[thread] = call.removesuffix("<unfinished ...>")
                continue
            if resumed := _RESUMED.match(call):
                call = begun.pop(thread, "") + resumed["rest"]
            done.append((thread, call))
        return done


def right(done: list[tuple[str, str]]) -> tuple[int, int]:
    """How many receipts were told, and before how many of them the photo's thread had asked for all four in order."""
    told, well, start = 0, 0, 0
    for at, (_thread, call) in enumerate(done):
        if "HTTP/1.1 303" in call:
            told += 1
            well += _in_order(done[start:at])
            start = at + 1
    return told, well


def _in_order(before: list[tuple[str, str]]) -> bool:
    """fsync of the new file, its rename, fsync of its folder, fdatasync of the database's log."""
    for at, (thread, call) in enumerate(before):
        named = re.match(r'rename\w*\(.*"([0-9a-f]{32})".*"([0-9a-f]{64})"', call) or re.match(
            r'rename\w*\(.*"([0-9a-f]{32})".*"([0-9a-f]{36,})', call
        )
        if not named:
            continue
        mine = [(n, text) for n, (who, text) in enumerate(before) if who == thread]
        address = named[2]
        file = [n for n, text in mine if text.startswith("fsync(") and "/.incoming/" in text and n < at]
        folder = [n for n, text in mine if text.startswith("fsync(") and f"/{address[2:4]}>" in text and n > at]
        logged = [n for n, text in mine if "sync(" in text and ".db-wal>" in text and folder and n > folder[0]]
        if file and folder and logged:
            return True
    return False


@pytest.mark.parametrize("fault", ["", "no file fsync", "no folder fsync", "normal sync", "answer early"])
def test_all_is_on_the_disk_before_a_receipt_is_told(
    sqlite_world: World, traced: Nursery, trace: Path, fault: str, tell: Tell
) -> None:
    with Serving(sqlite_world, fault, by=traced):
        phone = Phone(sqlite_world)
        assert phone.send(sqlite_world.links[0], picture(5000))[0] == 201  # the first one makes the school's key, too
        since = os.path.getsize(trace)
        statuses = [phone.send(link, picture(20_000))[0] for link in sqlite_world.links[1 : PHOTOS + 1]]
        phone.close()
    assert statuses == [201] * PHOTOS
    told, well = right(calls(trace, since))
    tell(fault="order", on="SQLite", server=fault, told=told, right=well)
    assert told == PHOTOS
    assert (well == PHOTOS) == (not fault)
