"""Picture bombs: do other pages wait, does the server's memory grow, is each answered?

    python -m benchmarks.bombs [--json] [--bombs N] [--write]

`portal serve` as it is delivered; four senders post 100 files of 20 kinds (security paper 4.1: pictures of thousands of
megapixels in a few kilobytes, texts and profiles that unpack to 50 MB, ten thousand scans, lying containers, real
pictures of 144 megapixels), while one browser asks for pages and the memory of each web process is looked at.

- `pages_p95_ms`: the other pages, the health page among them (goal: 300 ms).
- `memory_grown_mb`: the most that one web process has grown by, at its worst moment and after the last answer
  (goal: 50 MB at the end); the readers are processes of their own with a limit of their own.
- `answered`: of all bombs; `slowest_s`: the longest wait for an answer; `read_s`: until none waited any more.

`--write` puts the table into docs/security.md.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from benchmarks import running
from benchmarks.slow_phones import Browser, resident_mb
from tests.faults import world
from tests.faults.phones import Phone
from tests.faults.world import World
from tests.paper import pictures
from tests.uploads.hostile import REFUSED, TAKEN

BOMBS, SENDERS = 100, 4
_REFUSED = (
    "jpeg of 20 MB of fill bytes",
    "jpeg of a million segments",
    "png of a million chunks",
    "heic of a million boxes",
    "jpeg cut at 50 %",
)
_TAKEN = (
    "png with a text that explodes",
    "png with a profile that explodes",
    "png that unpacks to 50 MB",
    "png that unpacks to nothing",
    "png of 40 MP",
    "heic that is smaller than it is",
    "heic of noise",
    "jpeg with exif in a circle",
    "jpeg with a thousand colour profiles",
    "jpeg with two frames",
)


def _many_scans() -> bytes:
    """A progressive picture of 36 megapixels whose last scan comes two thousand times."""
    whole = pictures.coded(Image.new("L", (6000, 6000), 90), "JPEG", progressive=True)
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * 2000 + b"\xff\xd9"


def _large() -> bytes:
    """A real picture of 144 megapixels."""
    out = io.BytesIO()
    Image.new("L", (12_000, 12_000), 200).save(out, "JPEG", quality=50)
    return out.getvalue()


KINDS: dict[str, Callable[[], bytes]] = {
    "png of 2,500 MP": lambda: pictures.png_of_size(50_000, 50_000, 1, 0),
    "png of 169 MP": lambda: pictures.png_of_size(13_000, 13_000),
    "heic of 108 MP": lambda: pictures.heic_of_size(12_000, 9_000),
    "progressive jpeg of 200 MP": lambda: pictures.jpeg_of_size(16_000, 12_500, 0xC2),
    "jpeg of two thousand scans": _many_scans,
    "jpeg of 144 MP": _large,
}
KINDS |= {name: REFUSED[name][0] for name in _REFUSED} | {name: TAKEN[name] for name in _TAKEN}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--bombs", type=int, default=BOMBS, metavar="N", help="how many files are sent")
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    chosen = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(prefix="portal-bombs-") as folder:
        found = measure(Path(folder), chosen.bombs) | {"load": load, "cpus": os.cpu_count()}
    if chosen.write:
        write(found)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:20} {value}" for name, value in found.items()))


def measure(folder: Path, count: int) -> dict[str, Any]:
    """All figures; see the module."""
    files = {name: make() for name, make in KINDS.items()}
    made = world.make(folder / "var", papers=max(10, count // 10))
    app = made.application()
    with running.server(made.environment, folder) as pid:
        time.sleep(5)  # the readers load
        alone, busy, memory = Browser(made), Browser(made), Memory(pid)
        alone.look(5)
        memory.begin()
        threads = [threading.Thread(target=busy.look_until_told), threading.Thread(target=memory.watch)]
        for thread in threads:
            thread.start()
        answers = _send(made, files, count)
        begun = time.monotonic()
        _until_read(app)
        read_s = time.monotonic() - begun
        busy.enough.set()
        memory.enough.set()
        for thread in threads:
            thread.join()
    app.extensions["portal.readers"].close()
    return {
        "bombs": count,
        "kinds": len(files),
        "answered": sum(status not in (0, 500) for status, _seconds in answers),
        "statuses": dict(Counter(str(status) for status, _seconds in answers)),
        "slowest_s": round(max(seconds for _status, seconds in answers), 1),
        "read_s": round(read_s, 1),
        "pages_p95_ms": busy.p95("page", "health"),
        "alone_pages_p95_ms": alone.p95("page", "health"),
        "asked": sum(len(taken) for taken in busy.taken.values()),
        "memory_grown_mb": round(memory.grown),
        "memory_peak_mb": round(memory.most),
    }


class Memory:
    """What each web process holds of its own, looked at five times a second."""

    def __init__(self, root: int) -> None:
        children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="ascii").split()
        self._web, self.enough = [int(pid) for pid in children[:2]], threading.Event()
        self.grown, self.most = 0.0, 0.0

    def begin(self) -> None:
        """From here on it counts."""
        self._first = [resident_mb(pid) for pid in self._web]

    def watch(self) -> None:
        """Until `enough` is set."""
        while not self.enough.wait(0.2):
            self._look()
        time.sleep(2)
        self._look()

    def _look(self) -> None:
        self.grown = max(resident_mb(pid) - first for pid, first in zip(self._web, self._first, strict=True))
        self.most = max(self.most, self.grown)


def _send(made: World, files: dict[str, bytes], count: int) -> list[tuple[int, float]]:
    """Status (0: the line was cut) and seconds of each answer."""
    names = list(files)
    turns = iter(range(count))

    def sender(_n: int) -> list[tuple[int, float]]:
        phone, told = Phone(made, timeout=60), []
        for turn in turns:
            begun = time.monotonic()
            try:
                data = files[names[turn % len(names)]] + turn.to_bytes(4, "big")  # never the same file twice
                status = phone.send(made.links[turn % len(made.links)], data)[0]
            except OSError:
                status = 0
            told.append((status, time.monotonic() - begun))
        phone.close()
        return told

    with ThreadPoolExecutor(SENDERS) as threads:
        return [one for told in threads.map(sender, range(SENDERS)) for one in told]


def _until_read(app: Flask) -> None:
    from portal.models import Photo, db, set_writing

    waiting = select(func.count()).select_from(Photo).where(Photo.outcome == "waiting")
    deadline = time.monotonic() + 300
    with app.app_context():
        set_writing(False)
        while db.session.scalar(waiting) and time.monotonic() < deadline:
            db.session.rollback()
            time.sleep(0.2)
        db.session.remove()


def write(found: dict[str, Any]) -> None:
    """The table of docs/security.md."""
    from scripts import measured

    rows = [
        ("other pages, p95", f"{found['pages_p95_ms']} ms", "300 ms"),
        ("with nobody else there", f"{found['alone_pages_p95_ms']} ms", ""),
        ("a web process has grown by", f"{found['memory_grown_mb']} MB", "50 MB"),
        ("at its worst moment by", f"{found['memory_peak_mb']} MB", ""),
        ("bombs answered", f"{found['answered']} of {found['bombs']}", "all"),
        ("longest wait for an answer", f"{found['slowest_s']} s", "15 s"),
        ("none waits to be read after", f"{found['read_s']} s", ""),
    ]
    head = f"`python -m benchmarks.bombs --write`: {found['bombs']} files of {found['kinds']} kinds, {SENDERS} at once,"
    table = [f"{head} {found['cpus']} processors, load {found['load']} before.", ""]
    table += ["| | measured | goal |", "| --- | ---: | ---: |"]
    measured.write("bombs", "\n".join(table + [f"| {' | '.join(row)} |" for row in rows]))


if __name__ == "__main__":
    main()
