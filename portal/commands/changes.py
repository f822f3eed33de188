"""`portal changes`: accepted changes of a school as files for the registry, and what the registry answered."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from flask import Flask

from portal.commands import acting
from portal.commands.acting import acting_for, school_coded
from portal.models import ChangeFile
from portal.services import change_file_views, change_files, export_machine
from portal.services.change_file_views import FileView


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("changes", help="accepted changes as files for the registry")
    commands = commands.add_subparsers(dest="command", required=True)
    giving = commands.add_parser("export", help="put what is due into the next file, or write an earlier one again")
    _add_school(giving)
    giving.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    giving.add_argument("--number", type=int, metavar="N", help="the file of this number as it was made")
    acting.add_purpose(giving)
    giving.set_defaults(func=export)
    taking = commands.add_parser("taken", help="note that the registry has taken a file")
    _add_school(taking)
    taking.add_argument("--number", type=int, required=True, metavar="N")
    taking.add_argument("--receipt", required=True, metavar="TEXT", help="what the registry gave as a receipt")
    taking.set_defaults(func=taken)
    refusing = commands.add_parser("refused", help="note that the registry refused a file; its changes come again")
    _add_school(refusing)
    refusing.add_argument("--number", type=int, required=True, metavar="N")
    refusing.add_argument("--reason", required=True, metavar="TEXT")
    refusing.set_defaults(func=refused)
    listing = commands.add_parser("list", help="the files of a school, and how much is due")
    _add_school(listing)
    listing.set_defaults(func=show)


def _add_school(command: argparse.ArgumentParser) -> None:
    command.add_argument("--school", required=True, metavar="CODE", help="the school's 10-digit code")
    command.add_argument("--json", action="store_true")


def export(args: argparse.Namespace, app: Flask) -> int:
    """Write a locked file that only its owner can read; nothing is made when it cannot be written."""
    actor, password = acting_for(school_coded(args.school)), acting.password_for(args)
    export_machine.checked(args.purpose)
    with acting.whole_file(args.out) as out:
        number = args.number if args.number is not None else change_files.make(actor).number
        file = change_files.numbered(actor, number)
        out.write(export_machine.changes(actor, file, args.purpose, password)[1])
    acting.tell_password(password)
    _tell(args, file)
    return 0


def taken(args: argparse.Namespace, app: Flask) -> int:
    """Note the registry's receipt of a file."""
    actor = acting_for(school_coded(args.school))
    file = change_files.numbered(actor, args.number)
    _tell(args, change_files.taken(actor, file.id, file.version, args.receipt))
    return 0


def refused(args: argparse.Namespace, app: Flask) -> int:
    """Note that the registry refused a file."""
    actor = acting_for(school_coded(args.school))
    file = change_files.numbered(actor, args.number)
    _tell(args, change_files.drop(actor, file.id, file.version, args.reason))
    return 0


def show(args: argparse.Namespace, app: Flask) -> int:
    """Print the files, the newest first, and how many changes are in none yet."""
    actor = acting_for(school_coded(args.school))
    files, (due, _waiting, _taken) = change_file_views.files_of(actor), change_file_views.counts_of(actor)
    if args.json:
        print(json.dumps({"due": due, "files": [_told(file) for file in files]}, ensure_ascii=False))
        return 0
    print(f"{due} changes due")
    for file in files:
        print(_line(_told(file)))
    return 0


def _tell(args: argparse.Namespace, file: ChangeFile) -> None:
    told = _told(change_file_views.view(file))
    print(json.dumps(told, ensure_ascii=False) if args.json else _line(told))


def _told(file: FileView) -> dict[str, Any]:
    facts = {"number": file.number, "state": file.state, "pupils": file.pupils, "changes": file.items}
    return facts | {"made_at": file.made_at.isoformat(), "receipt": file.receipt or None}


def _line(told: dict[str, Any]) -> str:
    receipt = f"  receipt {told['receipt']}" if told["receipt"] else ""
    return f"file {told['number']}: {told['pupils']} pupils, {told['changes']} changes, {told['state']}{receipt}"
