"""`portal trace-export`: who took what turned up somewhere; exit status 0 found, 1 not ours, 2 not readable."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from portal.models import Place, User, db
from portal.rules.exports import Kind, marks_in
from portal.services import export_marks, export_tracing
from portal.services.export_tracing import Candidate, Traced

FOUND, NOT_OURS, UNREADABLE = 0, 1, 2


def register(groups: Any) -> None:
    """Add the command to the command line."""
    command = groups.add_parser("trace-export", help="find the export a leaked file or page comes from")
    command.add_argument("file", type=Path, nargs="?", metavar="FILE", help=".xlsx, .pdf, .csv or text")
    command.add_argument("--mark", metavar="TEXT", help="the mark read from a paper or photo, as DC000012-7K3QX")
    command.add_argument("--locked", action="store_true", help="ask for the password of a locked workbook")
    command.add_argument("--json", action="store_true")
    command.set_defaults(func=trace)


def trace(args: argparse.Namespace, app: Flask) -> int:
    """Find where it comes from and tell it."""
    traced = _traced(args)
    if traced is None:
        print("portal trace-export: give a file, or --mark with a mark as DC000012-7K3QX", file=sys.stderr)
        return UNREADABLE
    if args.json:
        print(json.dumps(_told(traced), ensure_ascii=False))
    else:
        _tell(traced)
    if traced.is_ours:
        return FOUND
    return UNREADABLE if traced.unreadable else NOT_OURS


def _traced(args: argparse.Namespace) -> Traced | None:
    if args.mark:
        marks = marks_in(args.mark.upper().strip())
        return export_tracing.trace_mark(marks) if marks else None
    if args.file is None:
        return None
    try:
        data = args.file.read_bytes()
    except OSError as failed:
        return Traced([], [], unreadable=str(failed))
    return export_tracing.trace(data, getpass.getpass("password: ") if args.locked else None)


def _told(traced: Traced) -> dict[str, Any]:
    found = {"found": traced.is_ours, "exports": [_one(one) for one in traced.candidates], "forged": traced.forged}
    return found | {"rows": traced.rows, "by_names": traced.by_names, "unreadable": traced.unreadable or None}


def _one(candidate: Candidate) -> dict[str, Any]:
    export = candidate.export
    told = export.purpose or {}
    facts = {
        "mark": export_marks.token_of(export.number),
        "kind": Kind(export.kind).value,
        "unit": db.session.get_one(Place, export.place_id).name,
        "by": _name(export.by_id) or export_marks.MACHINE,
        "released_by": _name(export.decided_by_id) or None,
        "purpose": told.get("words", ""),
        "fetched_at": export.fetched_at.isoformat() if export.fetched_at else None,
        "rows": export.rows,
    }
    return facts | {"how": candidate.how, "share": candidate.share, "people": candidate.people}


def _name(user_id: Any) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return (user.name or user.login) if user else ""


def _tell(traced: Traced) -> None:
    for candidate in traced.candidates:
        one = _one(candidate)
        share = f", {one['people']} of {traced.rows} rows" if traced.rows and one["people"] else ""
        print(f"{one['mark']}  {one['kind']}  {one['unit']}  {one['by']}  {one['fetched_at'] or 'not fetched'}")
        print(f"    by {', '.join(one['how'])}{share}; released by {one['released_by'] or '-'}; {one['purpose']}")
    for mark in traced.forged:
        print(f"{mark}  is no mark of this portal")
    if traced.by_names:
        print("no number was found in it: people were told by their names")
    if traced.unreadable:
        print(f"cannot be read: {traced.unreadable}", file=sys.stderr)
    elif not traced.is_ours:
        print("no export of this portal")
