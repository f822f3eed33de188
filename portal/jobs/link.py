"""The parent's end of one child process: frames with a deadline, and the end of the child when it is missed."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from portal.jobs import child

_LARGEST_HEAD = 8 * 2**20
_LARGEST_ANSWER = 128 * 2**20
_START_SECONDS = 60
_PIECE = 1 << 18


_log = logging.getLogger(__name__)
_OPEN = {
    "network": "child processes keep their network: this system lets no process leave it",
    "files": "child processes may open what the portal's own user may: this kernel offers no Landlock",
}
_told: set[str] = set()


class ChildError(Exception):
    """A child did not answer. The text names no data."""


class ChildTimeout(ChildError):
    """The wall or CPU time of a call ran out; the child was killed."""


class ChildDied(ChildError):
    """The child ended, could not start, or sent what is no answer."""


class ChildFailed(ChildDied):
    """The function raised an error; `kind` is the name of its type (`MemoryError` if the memory was used up)."""

    def __init__(self, kind: str, where: str) -> None:
        super().__init__(f"{kind} at {where}")
        self.kind = kind


class Link:
    """One child process, used by one thread at a time."""

    def __init__(self, entry: str, memory_mb: int, nice: int) -> None:
        self._pid = os.getpid()
        self._ended_by_us = False
        self.calls = 0
        command = [sys.executable, "-P", str(child.__file__), entry, str(memory_mb), str(nice)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    @property
    def alive(self) -> bool:
        """Is the process there, and not told to end?"""
        return not self._ended_by_us and self._process.poll() is None

    def greet(self) -> None:
        """Wait until the child has loaded its function; log once what it is not kept from here. ChildDied if it
        cannot."""
        try:
            is_open, _ = self._receive(time.monotonic() + _START_SECONDS)
        except ChildError as error:
            self.discard()
            raise ChildDied(f"a child could not start: {error}") from None
        _tell({way for way, open_ in is_open.items() if open_})

    def call(
        self, payload: bytes, args: dict[str, Any], cpu_seconds: float, timeout: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """One call; the child is dead after any error but ChildFailed."""
        frame = child.packed({"args": args, "seconds": cpu_seconds}, [payload])
        self.calls += 1
        deadline = time.monotonic() + timeout
        try:
            self._send(frame, deadline)
            return self._receive(deadline)
        except ChildFailed as error:
            if error.kind == "MemoryError":
                self.kill()
            raise
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the process. May come from any thread: the pipes stay open for the one that uses them."""
        self._ended_by_us = True
        if os.getpid() == self._pid:  # in a fork the process is not ours
            self._process.kill()

    def discard(self) -> None:
        """End the process, wait for its end and close the pipes: for the thread that uses the link."""
        self.kill()
        if os.getpid() == self._pid:
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _send(self, frame: Sequence[bytes], deadline: float) -> None:
        for piece in frame:
            left = memoryview(piece)
            while left:
                self._wait_for(self._in, select.POLLOUT, deadline)
                try:
                    left = left[os.write(self._in, left[:_PIECE]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise self._ended() from None

    def _receive(self, deadline: float) -> tuple[dict[str, Any], list[bytes]]:
        [length] = child.LENGTH.unpack(self._read(child.LENGTH.size, deadline))
        if length > _LARGEST_HEAD:
            raise ChildDied("a child sent what is no answer")
        try:
            head = json.loads(self._read(length, deadline))
            document, sizes = head["document"], [int(size) for size in head["blobs"]]
            if any(size < 0 for size in sizes) or sum(sizes) > _LARGEST_ANSWER:
                raise ChildDied("a child sent too much")
            if "error" in document:
                raise ChildFailed(str(document["error"])[:80], str(document["where"])[:120])
            return dict(document["answer"]), [self._read(size, deadline) for size in sizes]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ChildDied("a child sent what is no answer") from None

    def _read(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._wait_for(self._out, select.POLLIN, deadline)
            try:
                part = os.read(self._out, min(_PIECE, size - len(parts)))
            except BlockingIOError:
                continue
            except OSError:
                raise self._ended() from None
            if not part:
                raise self._ended()
            parts += part
        return bytes(parts)

    def _wait_for(self, handle: int, event: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(handle, event)
        if left <= 0 or not poll.poll(left * 1000):
            raise ChildTimeout("a child took too long")

    def _ended(self) -> ChildError:
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return ChildDied("a child closed its pipes")
        if status == -signal.SIGXCPU:
            return ChildTimeout("a child used up its CPU time")
        return ChildDied(f"a child ended with status {status}")


def _tell(ways: set[str]) -> None:
    """Log, once in this process, what the system does not keep children from."""
    for way in sorted(ways - _told):
        _log.warning("%s (docs/operating.md)", _OPEN[way])
    _told.update(ways)


def _environment() -> dict[str, str]:
    """What Python and its libraries need, and nothing else: no database address, no secrets. One thread per library."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
        if name in os.environ
    }
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
    paths = os.pathsep.join(path for path in (*sys.path, os.getcwd()) if path)
    return {**kept, **threads, "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": paths}
