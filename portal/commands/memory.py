"""Memory that a server process has used goes back to the machine."""

from __future__ import annotations

import ctypes

# <malloc.h> of glibc
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE, ARENAS = 256 * 1024, 2


def give_back() -> None:
    """From now on in this process: what is larger than LARGE bytes is given back as soon as it is free.

    Left to itself glibc learns from the first freed photo of 20 MB to keep such pieces for the next one, for each of
    its threads. Other C libraries have no such switch and need none.
    """
    switch = getattr(ctypes.CDLL(None), "mallopt", None)
    if switch is not None:
        switch(_M_MMAP_THRESHOLD, LARGE)
        switch(_M_ARENA_MAX, ARENAS)
