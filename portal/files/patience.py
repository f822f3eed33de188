"""How long a store that does not answer is waited for: not by all threads, and not by everybody again and again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from portal.files.store import StoreFailed

#: threads that may wait for the store at the same moment, and the seconds others wait for one of these places
AT_ONCE, IN_LINE = 4, 1.0
#: seconds for which nobody asks a store that was away
PAUSE = 5.0


class StoreAway(StoreFailed):
    """The store itself did not answer, or said that it cannot: asking again at once is of no use."""


class Patience:
    """Guards every question to a store in the network. After one that met no answer all others are refused at once for
    PAUSE seconds; of those asked at the same time at most AT_ONCE wait, so that threads stay free for pages."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._away_until = clock, 0.0
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Around one question. StoreAway without asking while the store is away, StoreFailed when too many ask."""
        if self._clock() < self._away_until:
            raise StoreAway("the store for files is away")
        if not self._places.acquire(timeout=IN_LINE):
            raise StoreFailed("the store for files is slow, and enough wait for it")
        try:
            yield
        except StoreAway:
            self._away_until = self._clock() + PAUSE
            raise
        finally:
            self._places.release()
