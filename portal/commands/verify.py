"""`portal verify`: files and rows belong together, and everything opens."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.files import StoreFailed
from portal.services import backup_time, verifying
from portal.services.stored import Named
from portal.services.verifying import Verdict

CLEAN, DAMAGED, UNKNOWN = 0, 1, 3


def register(groups: Any) -> None:
    """Add the command to the command line."""
    command = groups.add_parser("verify", help="every file has its row, every row its file, and everything opens")
    command.add_argument("--quick", action="store_true", help="only look whether the files are there, open none")
    command.add_argument(
        "--remove-orphans", action="store_true", help="remove files without row that are older than a day"
    )
    command.add_argument("--json", action="store_true")
    command.set_defaults(func=verify)


def verify(args: argparse.Namespace, app: Flask) -> int:
    """0: everything belongs together and opens; 1: damage, or files without row that are older than a day; 3: the store
    or the database did not answer."""
    try:
        found = verifying.verify(quick=args.quick, told=_tell)
        if args.remove_orphans and found.strangers:
            if backup_time.under_way():
                print("portal verify: a backup is being made, so nothing is removed", file=sys.stderr)
            else:
                verifying.remove_strangers(found)
    except (StoreFailed, OperationalError) as error:
        print(f"portal verify: {type(error).__name__}: store or database did not answer", file=sys.stderr)
        return UNKNOWN
    if args.json:
        print(json.dumps(as_document(found)))
    else:
        for line in lines(found):
            print(line)
    return CLEAN if found.clean else DAMAGED


def _tell(n: int) -> None:
    if n and n % 10_000 == 0:
        print(f"{n} rows", file=sys.stderr)


def as_document(found: Verdict) -> dict[str, Any]:
    """What was found as JSON."""
    return {
        "clean": found.clean,
        "files": found.files,
        "opened": found.opened,
        "values_opened": found.values_opened,
        "shredded": found.shredded,
        "young": found.young,
        "missing": [_row(one) for one in found.missing],
        "damaged": [_row(one) for one in found.damaged],
        "without_key": [_row(one) for one in found.closed],
        "values": [{"table": table, "column": column, "row": row.hex} for table, column, row in found.values],
        "strangers": [
            {"address": one.address, "bytes": one.sealed_size, "written_at": one.written_at.isoformat()}
            for one in found.strangers
        ],
        "data_keys": list(found.keys),
        "removed": found.removed,
    }


def _row(one: Named) -> dict[str, Any]:
    scope = {"place": one.place_id.hex, "round": one.round_id.hex if one.round_id else None}
    return {"table": one.table, "row": one.row_id.hex, "column": one.column, "address": one.address} | scope


def lines(found: Verdict) -> list[str]:
    """What was found for people: every fault by itself, then one line that adds up."""
    told = [f"missing: {_at(one)}" for one in found.missing]
    told += [f"damaged: {_at(one)}" for one in found.damaged]
    told += [f"without data key: {_at(one)}" for one in found.closed]
    told += [f"does not open: {table}.{column} of {row.hex}" for table, column, row in found.values]
    told += [f"data key {number} does not open" for number in found.keys]
    told += [
        f"no row names {one.address} ({one.sealed_size} bytes, {one.written_at:%Y-%m-%d})" for one in found.strangers
    ]
    counts = f"{found.files} files, {found.opened} opened, {found.values_opened} values opened"
    gone = f", {found.shredded} shredded" if found.shredded else ""
    young = f", {found.young} files too young to judge" if found.young else ""
    removed = f", {found.removed} removed" if found.removed else ""
    state = "everything belongs together" if found.clean else f"{found.faults} faults, {len(found.strangers)} orphans"
    return [*told, f"{state}: {counts}{gone}{young}{removed}"]


def _at(one: Named) -> str:
    return f"{one.table}.{one.column} of {one.row_id.hex}, file {one.address}"
