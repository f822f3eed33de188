"""Stands in for a kernel without Landlock, inside the child that loads it."""

import ctypes
from types import SimpleNamespace
from typing import Any

from tests.jobs.entries import echo as echo

ctypes.CDLL = lambda *_: SimpleNamespace(syscall=_none)  # type: ignore[assignment, misc]


def _none(*_: Any) -> int:
    return -1
