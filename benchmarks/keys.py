"""Rotation of the wrapping key under load, killed every second; then backup and restore of many photos.

    python -m benchmarks.keys [--json] [--postgres] [--photos N] [--write]

Writers of their own processes make data keys, sealed values and photos all the time, while `portal keys add`, `rewrap`
and `drop` run again and again and are killed (kill -9) while they work. Then everything is read: every value has to be
the one that was written. After that `portal backup` and `portal restore` of what is there.

- `rotations`, `kills`: ended rotations, and commands that were killed; `old_keys_left` has to be 0.
- `unreadable`, `wrong`: values and photos that do not open, or are not what was written: both have to be 0.
- `backup_s`, `restore_s`, `restore_per_s`: files a second, and with them `restore_10000_min` for 10,000 photos.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import running

WRITERS = 2
PHOTO_BYTES = 700_000
RUN = "import sys; from portal.commands import main; sys.exit(main(sys.argv[1:]))"
WRITE = "from benchmarks.keys_writer import main; main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="how long keys are rotated")
    parser.add_argument("--photos", type=int, default=1000, metavar="N", help="photos in the backup")
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-keys-") as folder:
        found = measure(Path(folder), chosen)
    if chosen.write:
        from scripts import measured

        measured.write("keys-postgresql" if chosen.postgres else "keys", as_table(found))
    print(json.dumps(found) if chosen.json else as_table(found))
    good = found["unreadable"] == found["wrong"] == found["old_keys_left"] == found["restore_faults"] == 0
    raise SystemExit(0 if good else 1)


def measure(folder: Path, chosen: Any) -> dict[str, Any]:
    """All figures; see the module."""
    from benchmarks import keys_writer

    with running.database(folder, chosen.postgres) as address:
        environment = os.environ | running.settings(folder, address)
        _ran(environment, "database", "upgrade")
        keys_writer.prepare(environment)
        found = _rotate(environment, folder, chosen.seconds)
        found |= keys_writer.read_all(environment, folder)
        keys_writer.fill(environment, chosen.photos, PHOTO_BYTES)
        found |= _backup(environment, folder)
    return found | {"database": "postgresql" if chosen.postgres else "sqlite"}


def _started(environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command], cwd=running.ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _ran(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command], cwd=running.ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode not in (0, 4):
        raise SystemExit(f"portal {' '.join(command)} ended with {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def _rotate(environment: dict[str, str], folder: Path, seconds: int) -> dict[str, Any]:
    """Rotate again and again; each command is killed once or more, then run to its end."""
    writers = [_started(environment | {"OUT": str(folder / f"written-{n}")}, "-c", WRITE) for n in range(WRITERS)]
    end, rotations, kills = time.monotonic() + seconds, 0, 0
    try:
        while time.monotonic() < end:
            number = _active(environment)
            for command in (("add",), ("rewrap",), ("rewrap",), ("rewrap",), ("drop", str(number))):
                kills += _killed(environment, "keys", *command)
            while _status(environment)["old"]:
                _ran(environment, "keys", "rewrap")
            for old in [one for one in _status(environment)["in_file"] if one != _active(environment)]:
                _ran(environment, "keys", "drop", str(old))
            rotations += 1
    finally:
        for writer in writers:
            writer.terminate()
            writer.wait(30)
    left = len(_status(environment)["in_file"]) - 1
    return {"rotations": rotations, "kills": kills, "old_keys_left": left}


def _killed(environment: dict[str, str], *command: str) -> int:
    """Let a command begin, and kill it at whatever it is doing: most of its time goes by before it begins to work."""
    begun = time.monotonic()
    _status(environment)
    usual = time.monotonic() - begun
    process = _started(environment, "-c", RUN, *command)
    try:
        process.wait(random.uniform(0.4, 1.0) * usual)
        return 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return 1


def _status(environment: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_ran(environment, "keys", "status", "--json"))
    active = found["active"]
    return found | {"old": sum(count for number, count in found["wrapped"].items() if int(number) != active)}


def _active(environment: dict[str, str]) -> int:
    return int(_status(environment)["active"])


def _backup(environment: dict[str, str], folder: Path) -> dict[str, Any]:
    made = json.loads(_ran(environment, "backup", "--to", str(folder / "backup"), "--json"))
    (folder / "new").mkdir()
    empty = environment | {
        "DATABASE_URL": "", "STORAGE_URL": f"file://{folder / 'new' / 'uploads'}", "PORTAL_VAR": str(folder / "new"),
        "PORTAL_KEY_FILE": str(folder / "var" / "keys.json"),
    }  # fmt: skip
    done = json.loads(_ran(empty, "restore", "--from", str(folder / "backup"), "--json"))
    rate = done["files"] / done["seconds"]
    return {
        "backup_s": made["seconds"], "backup_files": made["files"], "backup_mb": round(made["bytes"] / 1e6),
        "restore_s": done["seconds"], "restore_per_s": round(rate, 1), "restore_faults": done["faults"],
        "restore_10000_min": round(10_000 / rate / 60, 1), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def as_table(found: dict[str, Any]) -> str:
    """For docs/security.md."""
    rows = [
        ("rotations of the wrapping key while two processes write", found["rotations"]),
        ("commands killed on the way (kill -9)", found["kills"]),
        ("values and photos written meanwhile, read afterwards", found["read"]),
        ("unreadable", found["unreadable"]),
        ("another value than was written", found["wrong"]),
        ("old wrapping keys left", found["old_keys_left"]),
        (f"backup of {found['backup_files']} files, {found['backup_mb']} MB", f"{found['backup_s']} s"),
        ("restore with every byte compared first and verified after", f"{found['restore_s']} s"),
        ("of 10,000 photos at this rate", f"{found['restore_10000_min']} min"),
        ("rows without file and other faults after the restore", found["restore_faults"]),
    ]
    lines = ["| | |", "| --- | ---: |", *(f"| {what} | {value} |" for what, value in rows)]
    command = f"python -m benchmarks.keys{' --postgres' if found['database'] == 'postgresql' else ''} --write"
    told = f"On {found['database']}, load of the machine {found['load']} at two cores. `{command}`"
    return "\n".join([*lines, "", f"{told}, {datetime.now(UTC):%Y-%m-%d}."])


if __name__ == "__main__":
    main()
