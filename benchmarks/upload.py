"""Sending photos: how many a second are accepted and read, how long 20 phones wait, and whether one is lost.

    python -m benchmarks.upload [--json] [--postgres] [--photos N]

A real server (`portal serve`, two processes and the worker) on an empty folder, a school printed by the product, photos
of 2,000 pixels made by the workshop of the tests; the phones run on the same machine.

- `answer_p95_s`: 20 phones send at once; until the answering page is there, the photo read or "being read".
- `accepted_per_s`: 20 phones send one photo after the other while all readers are busy; a photo counts once its receipt
  has come, which is after its file and its row are on disk.
- `read_per_s`: of those that were `left_unread` when the last was sent, until the last of them is read.
- `read_cpu_ms`: processor time of the whole server for each of them, which a busy machine disturbs less.
- `lost`: receipts without row, without the very bytes that were sent, or without a reading at the end.
- `fsync_ms`: what one durable write of a megabyte costs in that folder; `load`: the machine's, before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import running, upload_school
from benchmarks.upload_phones import Answers, Phone, keep_sending, together
from benchmarks.upload_school import Sheet

PHONES = 20
BURSTS = 3
ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--photos", type=int, default=100, metavar="N", help="photos sent while all readers are busy")
    chosen = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        found = measure(Path(folder), chosen.photos, chosen.postgres) | {"load": load, "cpus": os.cpu_count()}
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:18} {value}" for name, value in found.items()))


def measure(folder: Path, photos: int, postgres: bool) -> dict[str, Any]:
    """All figures; see the module."""
    with running.database(folder, postgres) as address:
        environment = running.settings(folder, address)
        app = running.application(environment)
        sheets = upload_school.build(app, PHONES, folder)
        with running.server(environment, folder) as server:
            figures = _figures(app, sheets, photos, (int(environment["PORTAL_BASE_URL"].rsplit(":", 1)[1]), server))
        app.extensions["portal.readers"].close()
    return figures | {"fsync_ms": _fsync_ms(folder), "database": "postgresql" if postgres else "sqlite"}


def _figures(app: Flask, sheets: list[Sheet], photos: int, where: tuple[int, int]) -> dict[str, Any]:
    """`where` is the server's port and process."""
    port, server = where
    phones = [Phone(port, sheet) for sheet in sheets]
    for phone in phones:
        phone.open()
    warm, bursts, many = Answers(), Answers(), Answers()
    together(phones[:6], lambda nth, phone: phone.send(0, warm))
    _until_read(app)
    for burst in range(BURSTS):
        together(phones, lambda nth, phone, burst=burst: phone.send(1 + burst, bursts))
        _until_read(app)
    busy, seconds = keep_sending(phones, photos, many)
    begun, used, (stored, left) = time.perf_counter(), _cpu_seconds(server), upload_school.counts(app)
    _until_read(app)
    until_read, used = time.perf_counter() - begun, _cpu_seconds(server) - used
    for phone in phones:
        phone.close()
    kept = upload_school.check(app, warm.acknowledged | bursts.acknowledged | many.acknowledged)
    return {
        "accepted_per_s": round(busy / seconds, 1),
        "read_per_s": round(left / until_read, 1) if left else None,
        "read_cpu_ms": round(used / max(left, 1) * 1000),
        "left_unread": left,
        "answer_p50_s": round(statistics.median(bursts.seconds), 2),
        "answer_p95_s": round(statistics.quantiles(bursts.seconds, n=20)[-1], 2),
        "read_at_once": round(bursts.read_at_once / len(bursts.seconds), 2),
        "acknowledged": stored,
        "outcomes": kept.outcomes,
        "lost": kept.lost,
        "refused": len(warm.refused + bursts.refused + many.refused),
        "photo_kb": round(statistics.mean(len(sheet.photo) for sheet in sheets) / 1000),
    }


def _until_read(app: Flask) -> None:
    deadline = time.monotonic() + 120
    while upload_school.counts(app)[1] and time.monotonic() < deadline:
        time.sleep(0.1)


def _cpu_seconds(root: int) -> float:
    """Processor time of a process and all that it has started and that still run."""
    seconds, waiting = 0.0, [root]
    while waiting:
        number = waiting.pop()
        try:
            told = Path(f"/proc/{number}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            seconds += (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
            for thread in Path(f"/proc/{number}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text(encoding="ascii").split()]
        except OSError:
            continue
    return seconds


def _fsync_ms(folder: Path) -> float:
    times = []
    for n in range(20):
        with (folder / f"fsync-{n}").open("wb") as file:
            file.write(b"x" * 1_000_000)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()
