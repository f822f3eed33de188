"""Phones on a bad line: do pages wait for them?

    python -m benchmarks.slow_phones [--json] [--phones N] [--write]

`portal serve` as it is delivered, without a proxy before it. 200 phones send a photo at 10 kB a second each and 20 more
send the head of a request and then nothing; meanwhile one browser asks for the health page and three pages in turn.

- `health_p95_ms`, `pages_p95_ms`: how long these took while the phones were at it (goals: 200 and 500 ms).
- `acknowledged`: slow phones that got a receipt; `silent_cut_s`: when the last silent one was cut off.
- `alone_*`: the same pages before, with nobody else there: what the machine itself costs.

`--write` puts the table into docs/security.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import running
from tests.faults import world
from tests.faults.phones import Phone, form, picture
from tests.faults.world import World

PHONES, SILENT = 200, 20
BYTES_A_SECOND, SIZE = 10_000, 400_000
PIECES_A_SECOND = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--phones", type=int, default=PHONES, metavar="N", help="slow phones")
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    chosen = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(prefix="portal-slow-") as folder:
        found = measure(Path(folder), chosen.phones) | {"load": load, "cpus": os.cpu_count()}
    if chosen.write:
        write(found)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:20} {value}" for name, value in found.items()))


def measure(folder: Path, phones: int) -> dict[str, Any]:
    """All figures; see the module."""
    made = world.make(folder / "var", papers=max(20, phones // 15))
    with running.server(made.environment, folder) as pid:
        time.sleep(5)  # the readers load
        alone = Browser(made)
        alone.look(5)
        busy, memory = Browser(made), _memory_mb(pid)
        looking = threading.Thread(target=busy.look_until_told)
        looking.start()
        acknowledged, cut = asyncio.run(_evening(made, phones))
        busy.enough.set()
        looking.join()
        grown = _memory_mb(pid) - memory
    return {
        "phones": phones,
        "silent": SILENT,
        "health_p95_ms": busy.p95("health"),
        "pages_p95_ms": busy.p95("page"),
        "alone_health_p95_ms": alone.p95("health"),
        "alone_pages_p95_ms": alone.p95("page"),
        "asked": len(busy.taken["health"]) + len(busy.taken["page"]),
        "acknowledged": acknowledged,
        "silent_cut_s": round(cut, 1),
        "memory_grown_mb": round(grown),
    }


class Browser:
    """Asks for pages one after the other and notes how long each took, in seconds."""

    def __init__(self, at: World) -> None:
        self._base, self.enough = at.settings.base_url, threading.Event()
        self._pages = [f"/s/{at.links[-1]}", "/sign-in", f"/s/{at.links[-2]}/photo"]
        self.taken: dict[str, list[float]] = {"health": [], "page": []}

    def look(self, seconds: float) -> None:
        """For so long."""
        threading.Timer(seconds, self.enough.set).start()
        self.look_until_told()

    def look_until_told(self) -> None:
        """Until `enough` is set."""
        turn = 0
        while not self.enough.wait(0.05):
            self._ask("health", "/health")
            self._ask("page", self._pages[turn % len(self._pages)])
            turn += 1

    def p95(self, *kinds: str) -> int:
        """Milliseconds, of these kinds together."""
        return round(1000 * statistics.quantiles([one for kind in kinds for one in self.taken[kind]], n=20)[-1])

    def _ask(self, kind: str, address: str) -> None:
        begun = time.perf_counter()
        with urllib.request.urlopen(self._base + address, timeout=60) as answer:
            answer.read()
        self.taken[kind].append(time.perf_counter() - begun)


async def _evening(at: World, phones: int) -> tuple[int, float]:
    """Phones with a receipt, and the seconds after which the last silent one was cut."""
    first = Phone(at)
    page = first.ask("GET", f"/s/{at.links[0]}/photo")[2]
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    first.close()
    slow = [_slow(at, at.links[n % len(at.links)], found[1], first.cookie, n / phones) for n in range(phones)]
    silent = [_silent(at) for _ in range(SILENT)]
    statuses = await asyncio.gather(*slow, *silent)
    return sum(status == 303 for status in statuses[:phones]), max(statuses[phones:])


async def _slow(at: World, link: str, token: str, cookie: str, begin: float) -> float:
    """Send one photo at BYTES_A_SECOND; the status of the answer."""
    await asyncio.sleep(begin)
    body = form(token, picture(SIZE))
    head = f"POST /s/{link}/photo HTTP/1.1\r\nHost: 127.0.0.1:{at.port}\r\nCookie: {cookie}\r\nConnection: close\r\n"
    head += f"Content-Type: multipart/form-data; boundary=----the-photo\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    writer.write(head.encode())
    piece = BYTES_A_SECOND // PIECES_A_SECOND
    try:
        for start in range(0, len(body), piece):
            writer.write(body[start : start + piece])
            await writer.drain()
            await asyncio.sleep(1 / PIECES_A_SECOND)
        line = await asyncio.wait_for(reader.readline(), 120)
        return float(line.split()[1]) if line else 0
    except (OSError, TimeoutError):
        return 0
    finally:
        writer.close()


async def _silent(at: World) -> float:
    """Begin a request and say no more; the seconds until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    begun = time.monotonic()
    writer.write(f"POST /s/{at.links[0]}/photo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000\r\n\r\n".encode())
    try:
        await asyncio.wait_for(reader.read(), 120)
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()
    return time.monotonic() - begun


def _memory_mb(root: int) -> float:
    """What the server's own processes hold, in megabytes: `root` and the processes it forked, not the readers."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="ascii").split()
    return sum(resident_mb(int(pid)) for pid in [str(root), *children])


def resident_mb(pid: int) -> float:
    """The share of the memory that a process holds itself, in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss: +(\d+) kB", text, re.M)
    return int(found[1]) / 1024 if found else 0


def write(found: dict[str, Any]) -> None:
    """The table of docs/security.md."""
    from scripts import measured

    rows = [
        ("health page, p95", f"{found['health_p95_ms']} ms", "200 ms", f"{found['alone_health_p95_ms']} ms"),
        ("pages, p95", f"{found['pages_p95_ms']} ms", "500 ms", f"{found['alone_pages_p95_ms']} ms"),
        ("slow phones with a receipt", f"{found['acknowledged']} of {found['phones']}", "all", ""),
        ("silent phones cut off after", f"{found['silent_cut_s']} s", "40 s", ""),
        ("memory of the server's processes", f"+{found['memory_grown_mb']} MB", "", ""),
    ]
    head = (
        f"`python -m benchmarks.slow_phones --write`: {found['phones']} phones at 10 kB/s and {found['silent']} silent"
    )
    table = [f"{head} ones, {found['cpus']} processors, load {found['load']} before.", ""]
    table += ["| | measured | goal | with nobody else |", "| --- | ---: | ---: | ---: |"]
    measured.write("slow-phones", "\n".join(table + [f"| {' | '.join(row)} |" for row in rows]))


if __name__ == "__main__":
    main()
