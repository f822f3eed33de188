"""`portal backup` and `portal restore`: everything but the key file, while in use, into an empty place."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from portal.commands.verify import lines
from portal.models import keyring
from portal.services import backing_up, backup_folder, restoring
from portal.services.backup_folder import BadBackup

FAILED, BAD = 1, 3


def register(groups: Any) -> None:
    """Add both commands to the command line."""
    saving = groups.add_parser("backup", help="database and files into a folder, while the portal is in use")
    saving.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="older backups in it are built upon")
    saving.add_argument("--keep", type=_count, default=0, metavar="N", help="remove all but the newest N backups")
    saving.add_argument("--json", action="store_true")
    saving.set_defaults(func=backup)
    back = groups.add_parser("restore", help="a backup into an empty database and store")
    back.add_argument("--from", dest="source", type=Path, required=True, metavar="FOLDER")
    back.add_argument("--check", action="store_true", help="only look whether the backup is complete and unchanged")
    back.add_argument("--json", action="store_true")
    back.set_defaults(func=restore)


def _count(text: str) -> int:
    """Argparse makes one line of it; with a count below 0 the oldest or all of them would go."""
    count = int(text)
    if count < 0:
        raise ValueError(text)
    return count


def backup(args: argparse.Namespace, app: Flask) -> int:
    """0: the backup is there; 1: refused; 3: a file that belongs to it is missing or cannot be read."""
    if _holds_keys(args.to, app.extensions["portal.settings"].keys):
        print(f"portal backup: the key file is in {args.to}; keep backups apart from it", file=sys.stderr)
        return FAILED
    begun = time.perf_counter()
    try:
        made = backing_up.make(args.to, datetime.now(UTC), _tell, args.keep)
    except BadBackup as bad:
        print(f"portal backup: {bad}", file=sys.stderr)
        return BAD
    seconds = round(time.perf_counter() - begun, 1)
    told = {"folder": str(made.folder), "rows": made.rows, "files": made.files, "copied": made.copied,
            "bytes": made.bytes, "seconds": seconds,
            "removed_backups": made.gone[0], "removed_files": made.gone[1]}  # fmt: skip
    if args.json:
        print(json.dumps(told))
    else:
        print(f"{made.folder}: {made.rows} rows, {made.files} files ({made.copied} new) in {seconds} s")
    return 0


def _holds_keys(folder: Path, keys: Path) -> bool:
    return folder.resolve() in keys.resolve().parents


def _tell(what: str, n: int) -> None:
    if n:
        print(f"{what}: {n}", file=sys.stderr)


def restore(args: argparse.Namespace, app: Flask) -> int:
    """0: restored and verified, or complete with --check; 1: refused, nothing was written; 3: the backup is incomplete
    or was changed, or what was restored does not belong together."""
    begun = time.perf_counter()
    try:
        if args.check:
            folder = backup_folder.newest(args.source)
            manifest, kept = restoring.check(folder, _tell)
            rows = sum(one.rows for one in manifest.parts)
            _say(args, f"{folder}: complete and unchanged", {"folder": str(folder), "rows": rows, "files": len(kept)})
            return 0
        done = restoring.restore(args.source, _tell)
    except BadBackup as bad:
        print(f"portal restore: {bad}", file=sys.stderr)
        return BAD
    seconds = round(time.perf_counter() - begun, 1)
    told = {"folder": str(done.folder), "rows": done.rows, "files": done.files, "seconds": seconds,
            "faults": done.verdict.faults, "key_check": keyring().check_value}  # fmt: skip
    _say(args, f"{done.rows} rows and {done.files} files restored in {seconds} s; {lines(done.verdict)[-1]}", told)
    return BAD if done.verdict.faults else 0


def _say(args: argparse.Namespace, line: str, told: dict[str, Any]) -> None:
    print(json.dumps(told) if args.json else line)
