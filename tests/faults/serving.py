"""A server of the product in a process group of its own, to be started, killed and started again."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from tests.faults.world import World

ROOT = Path(__file__).parents[2]
_START_SECONDS = 90


class Nursery:
    """The process that has loaded everything and makes servers by fork: a new one costs no second of processor time."""

    def __init__(self, *before: str, **environment: str) -> None:
        """`before` is put before the command: a tracer."""
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.faults.server", "nursery"],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lock = threading.Lock()
        atexit.register(self.close)

    def ask(self, question: dict[str, Any]) -> Any:
        """One line there, one line back."""
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """The end of its input is its own and that of all its servers, also when this process is killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        atexit.unregister(self.close)


@cache
def nursery() -> Nursery:
    """One for all tests of this process."""
    return Nursery()


class Serving:
    """`up` is set while the server answers. Ends its processes when it is left, whatever happened."""

    def __init__(self, world: World, fault: str = "", by: Nursery | None = None, **environment: str) -> None:
        self.world, self.up, self.pid = world, threading.Event(), 0
        self._nursery = by or nursery()
        self.keeps_port, self._asked = False, 0.0
        self._environment = world.environment | {"PORTAL_FAULT": fault} | environment
        self.log = Path(world.settings.key_file).parent / "server.log"

    def __enter__(self) -> Serving:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> float:
        """Start, and wait until it answers; in how many seconds."""
        begun = time.monotonic()
        arguments = ["serve", "--port", str(self.world.port)]
        asked = {"arguments": arguments, "environment": self._environment, "log": str(self.log)}
        if self.keeps_port:
            asked["listener"] = self.world.port
        self.pid = self._nursery.ask(asked)
        self.wait_up()
        return time.monotonic() - begun

    def wait_up(self, seconds: float = _START_SECONDS) -> None:
        """Until the health page answers. AssertionError with the log if it never does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._nursery.ask({"ended": self.pid}) is None:
            if healthy(self.world):
                self.up.set()
                return
            time.sleep(0.02)
        raise AssertionError("the server did not start:\n" + self.log.read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL for the whole group, at once; back when no process of it is left."""
        self.up.clear()
        if self.pid:
            group, self.pid = self.pid, 0
            self._until_gone(group)

    def end(self) -> None:
        """SIGTERM for the first process, as a service manager does."""
        self.up.clear()
        self._asked = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)

    def ended(self) -> tuple[int | None, float]:
        """The exit code of a server that was asked to end (None: it had to be killed), and the seconds it took."""
        group, self.pid, code = self.pid, 0, None
        while time.monotonic() - self._asked < 60 and (code := self._nursery.ask({"ended": group})) is None:
            time.sleep(0.01)
        taken = time.monotonic() - self._asked
        self._until_gone(group)
        return code, taken

    def _until_gone(self, group: int) -> None:
        """Kill a group and wait until no process of it is left: theirs are reaped by the nursery and by init."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                return
            self._nursery.ask({"ended": group})
            time.sleep(0.005)
        raise AssertionError("processes of the server do not end")


def healthy(world: World, timeout: float = 5) -> bool:
    """Does the health page answer?"""
    try:
        with urllib.request.urlopen(f"{world.settings.base_url}/health", timeout=timeout):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
