"""`portal roster`: import a file as a school's registrar would, export a class, write the empty template."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from portal.commands import acting
from portal.commands.acting import acting_for, school_coded
from portal.models import Place, RosterImport
from portal.rules.problems import sentence
from portal.rules.roles import Actor
from portal.services import export_machine, lists, roster_view, roster_workbook, rosters

_MOST_LINES = 30


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("roster", help="rosters of a school").add_subparsers(dest="command", required=True)
    taking = commands.add_parser("import", help="import .xls, .xlsx or .csv in the registry's template")
    taking.add_argument("file", type=Path, metavar="FILE")
    _add_school(taking)
    taking.add_argument("--leave-out-bad", action="store_true", help="keep rows with errors as drafts, import the rest")
    taking.add_argument("--yes", action="store_true", help="do not ask at the terminal")
    taking.add_argument("--json", action="store_true")
    taking.set_defaults(func=take_in)
    giving = commands.add_parser("export", help="the pupils of a school or class as .xlsx")
    _add_school(giving)
    giving.add_argument("--class", dest="class_no", metavar="NO", help="class number (default: the whole school)")
    acting.add_purpose(giving)
    giving.add_argument("--masked", action="store_true", help="numbers in part only")
    giving.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    giving.set_defaults(func=give_out)
    empty = commands.add_parser("template", help="the empty template with notes")
    empty.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    empty.set_defaults(func=write_template)


def _add_school(command: argparse.ArgumentParser) -> None:
    command.add_argument("--school", required=True, metavar="CODE", help="the school's 10-digit code")


def take_in(args: argparse.Namespace, app: Flask) -> int:
    """Look at the file, then import it; with errors nothing happens unless bad rows are to be left out."""
    actor = acting_for(school_coded(args.school))
    row = rosters.preview(actor, args.file.name, args.file.read_bytes())
    report = row.report
    stopped = bool(report["counts"]["bad"]) and not args.leave_out_bad
    if stopped or not _agreed(args, report):
        rosters.discard(actor, row.id)
    else:
        rosters.confirm(actor, row.id, args.leave_out_bad)
    _tell(args, row, report)
    return 1 if stopped else 0


def _agreed(args: argparse.Namespace, report: dict[str, Any]) -> bool:
    if args.yes or args.json or not sys.stdin.isatty():
        return True
    print(_counts(report))
    return input("import? [y/N] ").strip().lower() in ("y", "yes")


def _tell(args: argparse.Namespace, row: RosterImport, report: dict[str, Any]) -> None:
    if args.json:
        told = {"faults": _lines(report["faults"]), "hints": _lines(report["hints"]), "file": report["file"]}
        counts = {"rows": report["rows"], **report["counts"], "new_classes": report["new_classes"]}
        done = row.state == rosters.DONE
        print(json.dumps({"import": row.id.hex, "imported": done, **(counts | told)}, ensure_ascii=False))
        return
    print(_counts(report))
    for line in _lines(report["faults"])[:_MOST_LINES]:
        print(f"  {line['row']:>6} {line['column']:<3} {line['message']}")
    if len(report["faults"]) > _MOST_LINES:
        print(f"  ... {report['counts']['faults'] - _MOST_LINES} more")
    print("imported" if row.state == rosters.DONE else "nothing was imported")


def _counts(report: dict[str, Any]) -> str:
    counts = report["counts"]
    names = ("new", "changed", "unchanged", "bad", "gone")
    return f"{report['rows']} rows: " + ", ".join(f"{counts[name]} {name}" for name in names)


def _lines(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Faults as one sees them: numbers and names only in part, for this goes to terminals and logs."""
    return [
        {
            "row": one["row"],
            "column": one["letter"],
            "item": one["item"],
            "code": one["code"],
            "message": sentence(roster_view.problem_of(one, masking=True), str),
        }
        for one in told
    ]


def give_out(args: argparse.Namespace, app: Flask) -> int:
    """Write the pupils of a school or class to a locked file that only its owner can read."""
    school = school_coded(args.school)
    actor = acting.acting_for(school)
    place, password = _class(actor, args) if args.class_no else school, acting.password_for(args)
    with acting.whole_file(args.out) as out:
        _export, content = export_machine.roster(actor, place, args.purpose, not args.masked, password)
        out.write(content)
    acting.tell_password(password)
    print(args.out)
    return 0


def _class(actor: Actor, args: argparse.Namespace) -> Place:
    return lists.place_coded(actor, f"{args.school.strip()}/{args.class_no}")


def write_template(args: argparse.Namespace, app: Flask) -> int:
    """Write the empty template."""
    args.out.write_bytes(roster_workbook.template())
    print(args.out)
    return 0
