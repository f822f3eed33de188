"""A real server in the background of a test, and its end: at once, with its sockets closed and its threads gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import create_server


@contextmanager
def served(app: Any, **options: Any) -> Iterator[None]:
    """Serve while the block runs; `options` are those of waitress."""
    connections: dict[int, Any] = {}
    server: Any = create_server(app, map=connections, **options)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        left = list(connections.values())
        connections.clear()  # what its loop runs for
        server.pull_trigger()
        thread.join(20)
        server.task_dispatcher.shutdown()
        for each in left:
            each.close()
