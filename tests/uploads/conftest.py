"""Readers of these tests are given time on a busy machine, and how long the portal would have given them is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.jobs.children import Children

#: a reader is held no longer than this, nor is the sender (sec-A27)
SECONDS = 10.0
#: what a machine with other work to do may need
PATIENCE = 120.0


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Seconds of wall time that each call of a reader was given."""
    given: list[float] = []
    call = Children.call

    def patient(self: Children, data: bytes, args: dict[str, Any], timeout: float | None = None, **more: Any) -> Any:
        given.append(timeout or self._seconds)
        return call(self, data, args, timeout=PATIENCE, **more)

    monkeypatch.setattr(Children, "call", patient)
    yield given
    assert all(seconds <= SECONDS for seconds in given)
