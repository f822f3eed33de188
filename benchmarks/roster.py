"""How long a roster takes: `python -m benchmarks.roster [--rows N] [--json]`.

A made-up school of N pupils (2,000 unless told) is imported as .xlsx into a fresh database of its own, in a running
round: preview, then confirmation. Prints the seconds of both, and the most memory in MB that this process (from the
moment the file is there) and its reading child held together.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any


def _school(year: int) -> Any:
    """A school of the trial divisions with its authorities, and a round that runs."""
    from portal.models import Place, Round, db
    from portal.rules.clock import today
    from portal.rules.places import child_path
    from portal.rules.roles import Level

    place = None
    for level, code in zip(
        (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY, Level.SCHOOL),
        ("990000", "990100", "990101", "2199000001"),
        strict=True,
    ):
        parent_id, path = (place.id, place.path) if place else (None, "")
        place = Place(level=level, code=code, name=code, path=child_path(path, code), parent_id=parent_id, stages="1")
        db.session.add(place)
        if level == Level.PROVINCE:
            begins = today() - timedelta(days=1)
            dates = {"cut_off": begins, "begins": begins, "ends": today() + timedelta(days=20)}
            db.session.add(Round(province_id=place.id, path=place.path, title="round", year=year, **dates))
    db.session.commit()
    return place


def measure(rows: int) -> dict[str, Any]:
    """{"rows", "preview_s", "confirm_s", "peak_mb"} in a folder that is thrown away."""
    from portal import create_app
    from portal.commands.acting import acting_for
    from portal.commands.made_up_roster import roster
    from portal.models import db
    from portal.models.schema import upgrade
    from portal.rules.clock import today
    from portal.rules.dates import school_year_of
    from portal.services import roster_reading, roster_workbook, rosters
    from portal.settings import Settings

    year = school_year_of(today())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.xlsx"
        file.write_bytes(roster_workbook.roster(roster(rows, year)))
        settings = Settings(var=folder, storage_url=f"file://{folder}/uploads", trial=True)
        app = create_app(settings)
        with app.app_context():
            with db.engine.begin() as connection:
                upgrade(connection)
            actor = acting_for(_school(year))
            _forget_peak()
            started = time.perf_counter()
            row = rosters.preview(actor, file.name, file.read_bytes())
            looked = time.perf_counter()
            assert row.report["counts"]["new"] == rows, row.report["faults"][:3]
            rosters.confirm(actor, row.id)
            done = time.perf_counter()
            peak = _peak_mb()
            db.session.remove()
        roster_reading.close()
        app.extensions["portal.readers"].close()
    seconds = {"preview_s": round(looked - started, 2), "confirm_s": round(done - looked, 2)}
    return {"rows": rows, **seconds, "peak_mb": peak}


def _forget_peak() -> None:
    """Making the file is not part of the import: count the memory of this process from here on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mb() -> float:
    """The highest memory of this process and of its child; the child's is asked while it lives, for itself alone."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return round(sum(_highest_kb(who) for who in ("self", *children)) / 1024, 1)


def _highest_kb(who: str) -> int:
    lines = Path(f"/proc/{who}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.roster", description=__doc__)
    parser.add_argument("--rows", type=int, default=2000, metavar="N")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.rows)
    if args.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:<10} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
