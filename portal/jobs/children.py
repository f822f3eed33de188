"""A pool of bounded child processes for work that must not hurt the server, such as decoding photos from outside.

A child is a clean interpreter (no fork of a threaded process), niced, limited in memory and time, without the server's
environment. What hangs, dies or asks too much is killed and replaced at the next call.
"""

from __future__ import annotations

import os
import queue
import threading
import weakref
from typing import Any

from portal.jobs.link import ChildDied, ChildError, ChildFailed, ChildTimeout, Link

__all__ = ["ChildBusy", "ChildDied", "ChildError", "ChildFailed", "ChildTimeout", "Children"]

_CALLS_PER_CHILD = 1000
_WALL_PER_CPU = 1.5


class ChildBusy(ChildError):
    """No child was free in time: put the work into the job table instead."""


class Children:
    """Up to `size` children that run the function `entry` (`package.module:function`).

    The function has the signature `(payload: bytes, args: dict) -> (dict, list[bytes])`; dicts hold only JSON. Children
    are started when first needed, or by `warm`. A call may use `memory_mb` MiB on top of the loaded code and `seconds`
    of CPU. Safe for several threads; after a fork each process has its own children.
    """

    def __init__(
        self, entry: str, size: int, memory_mb: int = 900, seconds: float = 10, nice: int = 10, wait: float = 0.5
    ) -> None:
        if ":" not in entry or size < 1:
            raise ValueError("children need an entry `module:function` and a size of at least 1")
        self._start_with = (entry, memory_mb, nice)
        self._size, self._seconds, self._wait = size, seconds, wait
        self._lock = threading.Lock()
        self._own()

    def call(
        self,
        payload: bytes,
        args: dict[str, Any],
        timeout: float | None = None,
        wait: float | None = None,
        line: int | None = None,
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Run the function in a child and give back its answer.

        `timeout` is wall time in seconds (1.5 times the CPU time unless given), `wait` how long to wait for a free
        child, `line` how many callers may wait at once (any number unless given). ChildBusy; ChildTimeout (wall or CPU
        time); ChildDied (killed, closed); ChildFailed if the function raised, also for want of memory; ValueError or
        TypeError if `args` is no JSON.
        """
        slots = self._slots()
        link = self._free(slots, self._wait if wait is None else wait, line)
        try:
            link = self._started(link)
            return link.call(payload, args, self._seconds, timeout or self._seconds * _WALL_PER_CPU)
        finally:
            slots.put(self._kept(link))

    def _free(self, slots: queue.LifoQueue[Link | None], wait: float, line: int | None) -> Link | None:
        """A free place, in turn; ChildBusy when none is free in time, or at once when the line is full."""
        with self._lock:
            if line is not None and self._waiting >= line and slots.empty():
                raise ChildBusy("enough callers wait for a reader")
            self._waiting += 1
        try:
            return slots.get(timeout=wait)
        except queue.Empty:
            raise ChildBusy("no reader is free") from None
        finally:
            with self._lock:
                self._waiting -= 1

    def has_room(self, line: int) -> bool:
        """Is a child free, or do fewer than `line` callers wait for one?"""
        slots = self._slots()
        with self._lock:
            return self._waiting < line or not slots.empty()

    def warm(self) -> None:
        """Start all children that are free now, so that the first call need not wait for it."""
        slots, taken = self._slots(), []
        try:
            while True:
                taken.append(slots.get_nowait())
                taken[-1] = self._started(taken[-1])
        except queue.Empty:
            pass
        finally:
            for link in taken:
                slots.put(link)

    def close(self) -> None:
        """Kill all children. Calls under way end with ChildDied; later ones start anew."""
        slots, taken = self._slots(), []
        try:
            while True:
                taken.append(slots.get_nowait())
        except queue.Empty:
            pass
        for idle in taken:
            if idle:
                idle.discard()
            slots.put(None)
        for busy in list(self._links):
            busy.kill()

    def _own(self) -> None:
        self._pid, self._waiting = os.getpid(), 0
        self._links: set[Link] = set()
        self._queue: queue.LifoQueue[Link | None] = queue.LifoQueue()
        for _ in range(self._size):
            self._queue.put(None)
        weakref.finalize(self, _discard, self._links)

    def _slots(self) -> queue.LifoQueue[Link | None]:
        with self._lock:
            if os.getpid() != self._pid:
                self._own()  # a fork: the children answer to the parent
            return self._queue

    def _started(self, link: Link | None) -> Link:
        if link is not None and link.alive:
            return link
        made = Link(*self._start_with)
        self._links.add(made)
        made.greet()
        return made

    def _kept(self, link: Link | None) -> Link | None:
        if link is not None and link.alive and link.calls < _CALLS_PER_CHILD:
            return link
        if link is not None:
            link.discard()
        self._links -= {dead for dead in set(self._links) if not dead.alive}
        return None


def _discard(links: set[Link]) -> None:
    for link in list(links):
        link.discard()
