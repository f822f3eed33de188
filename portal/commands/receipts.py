"""`portal receipts`: the list of a school's receipts as a file, and the check that its photos are still the same."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

from portal.commands.acting import school_coded
from portal.models import Place, Round
from portal.rules.receipts import Day, digest_of, short_text
from portal.services import figures, receipt_days
from portal.services.refusals import NoRound, NotFound

FORM = "portal receipts, form 1"
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def register(groups: Any) -> None:
    """Add the group to the command line."""
    commands = groups.add_parser("receipts", help="receipts of photos").add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="write a school's receipts and their digests, day by day, as JSON")
    listing.add_argument("--school", required=True, metavar="CODE", help="the school's 10-digit code")
    listing.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="one day only")
    listing.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: standard output)")
    listing.set_defaults(func=write)
    checking = commands.add_parser("verify", help="compute the digests again and compare; exit status 1 if one differs")
    checking.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a file written by `list`")
    checking.add_argument("--school", metavar="CODE", help="the photos of this school, as they are kept now")
    checking.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="one day only")
    checking.set_defaults(func=verify)


def write(args: argparse.Namespace, app: Flask) -> int:
    """Write the closed days of a school in its present round."""
    school, found = _school(args.school)
    text = json.dumps(_as_file(school, found, args.day), ensure_ascii=False, indent=1) + "\n"
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8")
    return 0


def _school(code: str) -> tuple[Place, Round]:
    school = school_coded(code)
    found = figures.current_round(school.path)
    if found is None:
        raise NoRound
    return school, found


def _as_file(school: Place, found: Round, only: date | None) -> dict[str, Any]:
    kept = receipt_days.days_of(school.id, found.id)
    lines = receipt_days.lines_by_day(school.id, found.id, _BEGINNING, kept[-1].until) if kept else {}
    before, days = b"", []
    for row in kept:
        if only in (None, row.day):
            own = {"day": row.day.isoformat(), "before": before.hex(), "digest": row.digest.hex()}
            days.append(own | {"receipts": sorted(lines.get(row.day, []))})
        before = row.digest
    head = {"form": FORM, "school": school.code, "school_id": school.id.hex, "round": found.title}
    return head | {"round_id": found.id.hex, "days": days}


def verify(args: argparse.Namespace, app: Flask) -> int:
    """Compare a file with itself and with what is kept, or the photos of a school with the kept digests."""
    if (args.file is None) == (args.school is None):
        print("portal receipts verify: a FILE or --school CODE is needed", file=sys.stderr)
        return 2
    if args.school is not None:
        school, found = _school(args.school)
        return _told(*_of_school(school.id, found.id, args.day))
    try:
        given = json.loads(args.file.read_text(encoding="utf-8"))
        return _told(*_of_file(given, args.day))
    except (ValueError, KeyError, TypeError):
        print(f"portal receipts verify: {args.file} was not written by `portal receipts list`", file=sys.stderr)
        return 2


def _of_school(school_id: UUID, round_id: UUID, only: date | None) -> tuple[int, list[str]]:
    """How many days were compared, and a line for each that differs."""
    days, found = receipt_days.verify(school_id, round_id)
    if only is not None:
        days = sum(row.day == only for row in receipt_days.days_of(school_id, round_id))
        if not days and all(one.day != only for one in found):
            raise NotFound
        found = [one for one in found if one.day == only]
    lines = [
        f"{one.day} differs: {one.photos} photos when it was closed, {one.found} now"
        if one.kept
        else f"{one.day} has {one.found} photos and was never closed"
        for one in found
    ]
    return days, lines


def _of_file(given: dict[str, Any], only: date | None) -> tuple[int, list[str]]:
    if given["form"] != FORM:
        raise ValueError(given["form"])
    school_id, round_id = UUID(hex=given["school_id"]), UUID(hex=given["round_id"])
    kept = {row.day: row.digest for row in receipt_days.days_of(school_id, round_id)}
    count, lines, last = 0, [], None
    for one in given["days"]:
        day, digest, before = date.fromisoformat(one["day"]), bytes.fromhex(one["digest"]), bytes.fromhex(one["before"])
        follows, last = last in (None, before), digest
        if only not in (None, day):
            continue
        count += 1
        if digest_of(Day(school_id, round_id, day, before), ((r, a) for r, a in one["receipts"])) != digest:
            lines.append(f"{day} differs: its list does not give its digest {short_text(digest)}")
        elif not follows and only is None:
            lines.append(f"{day} does not follow the day before it in the file")
        elif kept.get(day) != digest:
            now = short_text(kept[day]) if day in kept else "none"
            lines.append(f"{day} differs: {short_text(digest)} in the file, {now} kept here")
    return count, lines


def _told(days: int, lines: list[str]) -> int:
    for line in lines:
        print(line)
    if not lines:
        print(f"{days} days agree" if days != 1 else "1 day agrees")
    return 1 if lines else 0
