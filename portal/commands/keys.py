"""`portal keys`: what the key file and the data keys look like, and the rotation of the wrapping key."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from flask import Flask

from portal.services import rotation, shredding

#: a data key does not open; a rotation is not finished
DAMAGED, UNFINISHED = 1, 4


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("keys", help="the key file and the data keys").add_subparsers(
        dest="command", required=True
    )
    for name, action, told in (
        ("status", status, "which wrapping keys there are and how many data keys need them"),
        ("add", add, "add a wrapping key to the key file and make it active"),
        ("rewrap", rewrap, "wrap every data key with the active key, while the portal is in use"),
        ("drop", drop, "drop an old wrapping key that nothing needs any more"),
    ):
        command = commands.add_parser(name, help=told)
        if name == "drop":
            command.add_argument("number", type=int, help="its number, as `portal keys status` shows it")
        command.add_argument("--json", action="store_true")
        command.set_defaults(func=action)
    gone = commands.add_parser("shred", help="destroy what a finished round held: photos, handwriting, entries")
    gone.add_argument("--province", required=True, metavar="CODE")
    gone.add_argument("--round", required=True, metavar="TITLE")
    gone.add_argument("--unfinished", action="store_true", help="although sheets are not filed")
    gone.add_argument(
        "--rotate", action="store_true", help="rotate the wrapping key, so that old backups do not open it"
    )
    gone.add_argument("--yes", action="store_true", help="do it; without this nothing is done")
    gone.add_argument("--json", action="store_true")
    gone.set_defaults(func=shred)


def status(args: argparse.Namespace, app: Flask) -> int:
    """0: everything opens and is wrapped by the active key; 1: something does not open; 4: rewrap is not finished."""
    found = rotation.status()
    if args.json:
        print(json.dumps(asdict(found)))
    else:
        for number in sorted({*found.in_file, *found.wrapped}):
            active = ", active" if number == found.active else ""
            there = "" if number in found.in_file else ", NOT in the key file"
            print(f"key {number}: {found.wrapped.get(number, 0)} data keys{active}{there}")
        if found.closed:
            print(f"{len(found.closed)} data keys do not open: {', '.join(map(str, found.closed[:20]))}")
    return DAMAGED if found.closed else UNFINISHED if found.old else 0


def add(args: argparse.Namespace, app: Flask) -> int:
    """Rotation, first step."""
    number = rotation.add()
    _say(args, f"key {number} is active; copy the file to every other machine, then: portal keys rewrap", key=number)
    return 0


def rewrap(args: argparse.Namespace, app: Flask) -> int:
    """Rotation, second step; may be interrupted and begun again."""
    done = rotation.rewrap(lambda n, of: print(f"{n} of {of}", file=sys.stderr))
    _say(args, f"{done} data keys wrapped anew", wrapped=done)
    return 0


def drop(args: argparse.Namespace, app: Flask) -> int:
    """Rotation, third step; refused (1) while a data key needs it."""
    rotation.drop(args.number)
    _say(args, f"key {args.number} is dropped: backups made before the rotation open with a copy of the old file only",
         dropped=args.number)  # fmt: skip
    return 0


def shred(args: argparse.Namespace, app: Flask) -> int:
    """0: destroyed; 1: refused; 4: nothing was done, because --yes was not given."""
    found = shredding.titled(args.province, args.round)
    if not args.yes:
        left = shredding.open_sheets(found)
        print(f"{found.title}, ended {found.ends}: {left} sheets not filed; nothing was done. Add --yes to destroy it.")
        return UNFINISHED
    done = shredding.shred(found, args.unfinished)
    dropped = _rotated() if args.rotate else []
    told = {"keys": done.keys, "values": done.values, "files": done.files, "left": done.left, "dropped": dropped}
    if args.json:
        print(json.dumps(told))
        return 0
    print(f"{done.keys} data keys deleted, {done.values} values emptied, {done.files} files removed")
    if done.left:
        print(f"{done.left} files stay until the backup that is being made has ended, then a day at most")
    print(
        "make a new backup now and remove the older ones"
        if dropped
        else "old backups still open it with this key file: rotate (portal keys add, rewrap, drop), then back up anew"
    )
    return 0


def _rotated() -> list[int]:
    """Old wrapping keys that are gone now."""
    rotation.add()
    rotation.rewrap()
    file = rotation.keyring().file
    old = [number for number in sorted(file.keys) if number != file.active]
    for number in old:
        rotation.drop(number)
    return old


def _say(args: argparse.Namespace, line: str, **values: int) -> None:
    print(json.dumps(values) if args.json else line)
