"""`portal audit`: is the history still what was written, and the anchors that show it to somebody outside."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from portal.rules.anchors import typed_code
from portal.rules.clock import local
from portal.services import audit_anchors, audit_results, audit_sealing, audit_verifying
from portal.services.audit_verifying import Answer, Verdict

_WORDS = {
    "changed": "a step or its seal was changed",
    "missing": "a step is missing",
    "unguarded": "the triggers that keep steps as they are were removed, changed or joined by others",
    "cut": "the end was cut off: an anchor lies behind it",
    "rewritten": "the history was written anew: an anchor tells another head",
    "forged": "a line of the anchors does not carry our signature",
    "anchors": "the anchors cannot be read",
}


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("audit", help="the history and its seals").add_subparsers(
        dest="command", required=True
    )
    checking = commands.add_parser(
        "verify",
        help="compute all seals again; exit status 0 ok, 1 tampered, 2 an anchor contradicts, 3 cannot check",
    )
    checking.add_argument("--from", dest="since", type=int, default=1, metavar="POS", help="the first position")
    checking.add_argument("--anchors", type=Path, metavar="FILE|FOLDER", help="default: those of this deployment")
    checking.add_argument("--json", action="store_true")
    checking.set_defaults(func=verify)
    anchoring = commands.add_parser("anchor", help="keep a signed line of the present end now")
    anchoring.set_defaults(func=anchor)
    noting = commands.add_parser(
        "note", help="compare a line that was written down by hand; exit status 1 if it differs"
    )
    noting.add_argument("position", type=int, metavar="POS")
    noting.add_argument("code", nargs="+", metavar="CODE", help="the 16 symbols")
    noting.set_defaults(func=note)


def verify(args: argparse.Namespace, app: Flask) -> int:
    """One line, or JSON; the result is itself a step."""
    try:
        found = audit_verifying.verify(max(1, args.since), args.anchors)
        audit_results.keep(found)
    except Exception as error:  # whatever keeps it from being checked, it was not checked
        print(f"portal audit verify: cannot check: {type(error).__name__}", file=sys.stderr)
        return Answer.CANNOT_CHECK
    print(json.dumps(found.told()) if args.json else line_of(found))
    return found.answer


def line_of(found: Verdict) -> str:
    """What `portal audit verify` prints."""
    if found.answer != Answer.OK:
        at = f" at position {found.position:,}" if found.position is not None else ""
        where = f" ({found.where})" if found.where else ""
        good = f"; good up to {found.last:,}" if found.last >= found.first else ""
        return f"{found.answer.name.replace('_', ' ')}: {_WORDS[found.kind]}{at}{where}{good}"
    oldest = f", oldest {local(found.oldest):%Y-%m-%d}" if found.oldest else ""
    anchors = f"{found.matched:,} anchors matched{oldest}" if found.matched else "no anchors: a cut end would not show"
    lost = f", {len(found.unreadable)} lines of anchors unreadable" if found.unreadable else ""
    age = f"max age {found.age.total_seconds():.0f} s"
    still = ", NO SEALER RUNS" if found.stands_still else ""
    return f"OK {found.first:,}...{found.last:,}, {anchors}{lost}, unsealed {found.unsealed:,} ({age}){still}"


def anchor(args: argparse.Namespace, app: Flask) -> int:
    """Seal what waits, append an anchor and print its short form; exit status 1 when the folder does not take it."""
    audit_sealing.seal_all()
    made = audit_anchors.make()
    print(f"{local(made.time):%Y-%m-%d %H:%M}  {made.position:,}  {made.short}")
    return 0


def note(args: argparse.Namespace, app: Flask) -> int:
    """Does the head at a position still have the code that somebody wrote down?"""
    code = typed_code("".join(args.code))
    if code is None:
        print("portal audit note: the code has 16 symbols in two groups", file=sys.stderr)
        return 2
    kept = audit_anchors.code_at(args.position)
    print("agrees" if kept == code else "differs" if kept else "there is no such position: the end was cut off")
    return 0 if kept == code else 1
