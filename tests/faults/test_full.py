"""A disk that fills up (sec-R5): photos are refused in words, pages go on, and all works again without a restart."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.comparing import compare
from tests.faults.conftest import Tell
from tests.faults.phones import Phone, Sent, picture
from tests.faults.serving import Serving
from tests.faults.volume import NoVolume, Volume
from tests.faults.world import World

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.fixture
def small(open_folder: Path) -> Iterator[Volume]:
    try:
        made = Volume(40, open_folder / f"small-{time.monotonic_ns()}", in_memory=True)
    except NoVolume as why:
        pytest.skip(f"no disk to fill: {why}")
    with made:
        yield made


def fill(at: Path, leave: int) -> Path:
    """A file that leaves so many bytes free."""
    path, found = at / "filler", os.statvfs(at)
    size = found.f_bavail * found.f_frsize - leave
    with path.open("ab") as file:
        while size > 0:
            try:
                size -= file.write(bytes(min(size, 65536)))
                file.flush()
            except OSError:
                break
    return path


class Sender:
    """One phone that notes what was acknowledged; every refusal must say in words what to do."""

    def __init__(self, at: World) -> None:
        self.phone, self.sent, self._at = Phone(at), list[Sent](), at

    def send(self, *papers: int) -> list[int]:
        """The status of each photo."""
        return [self._one(self._at.links[paper]) for paper in papers]

    def look(self) -> list[int]:
        """The status of pages that need no room."""
        return [self.phone.ask("GET", f"/s/{link}")[0] for link in self._at.links[:5]]

    def _one(self, link: str) -> int:
        data = picture(300_000)
        status, told = self.phone.send(link, data)
        if status == 201:
            self.sent.append(Sent(told, hashlib.sha256(data).hexdigest(), link))
        else:
            assert status in (503, 507), told
            assert "过一会儿" in told, told
        return status


@pytest.mark.parametrize("fault", ["", "litter"])
def test_a_full_disk(first_world: World, small: Volume, fault: str, tell: Tell) -> None:
    at = first_world.on(small.at / "var")
    server, sender = Serving(at, fault), Sender(at)
    server.log = small.at.parent / "server.log"
    with server:
        assert sender.send(*range(10)) == [201] * 10
        nearly = fill(small.at, leave=1_500_000)  # below the low-water mark of 5 %
        statuses, pages = sender.send(*range(10, 30)), sender.look()
        fill(small.at, leave=0)
        statuses, pages = statuses + sender.send(*range(30, 40)), pages + sender.look()
        nearly.unlink()
        begun = time.monotonic()
        while sender.send(41) != [201] and time.monotonic() - begun < 20:
            time.sleep(0.1)
        back = time.monotonic() - begun
        sender.phone.close()
    kept = compare(at, sender.sent)
    with contextlib.closing(sqlite3.connect(f"{small.at}/var/portal.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    tell(fault="full", on="SQLite", server=fault, kept=kept.told(), refused=len(statuses), temporary=kept.temporary)
    assert kept.whole
    if fault:
        assert kept.temporary > 0 or 201 in statuses
        return
    assert kept.temporary == 0
    assert 201 not in statuses
    assert set(pages) == {200}, "what is read goes on"
    assert back < 5
