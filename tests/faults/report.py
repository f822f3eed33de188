"""`make faults`: all faults done to the product and to its broken servers; the table goes into docs/security.md.

    python -m tests.faults.report [-k EXPRESSION] [--no-write]

Exit status 0 when the product stood all and every broken server was caught, else that of pytest. A table is written
only of a whole run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from scripts import measured

WORDS = {
    "kill": "killed (SIGKILL) under load, 30 % of the phones give up, compared before each start",
    "power": "power of the disk cut under load (ext4, journal not written out)",
    "order": "order of system calls before each receipt",
    "fsync": "every 2nd to 13th fsync of files or of the database's log fails",
    "full": "disk full",
    "again": "each photo sent three times at once and once more",
    "database": "database killed or stopped under load",
    "store": "object store refuses, hangs, is cut, fails, is slow",
    "stop": "asked to end with uploads half sent",
    "restart": "started anew under load, the port kept open",
    "worker": "worker killed among 500 jobs",
}
HEAD = ("Fault", "Database", "Done", "Acknowledged", "Lost", "Rows without file", "Broken servers caught")


def main(given: list[str] | None = None) -> int:
    """Run, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="EXPRESSION", help="only some, as in pytest; nothing is written")
    parser.add_argument("--no-write", action="store_true", help="print the table, keep the document as it is")
    chosen = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="portal-figures-") as folder:
        figures = Path(folder) / "figures"
        os.environ["PORTAL_FAULT_FIGURES"] = str(figures)
        arguments = ["-q", "-n0", "-m", "fault", "-p", "no:cacheprovider", str(Path(__file__).parent)]
        status = int(pytest.main(arguments + (["-k", chosen.k] if chosen.k else [])))
        told = [json.loads(line) for line in figures.read_text().splitlines()] if figures.exists() else []
    table = table_of(told)
    sys.stdout.write(table + "\n")
    if status == 0 and not chosen.k and not chosen.no_write:
        measured.write("faults", table)
    return status


def table_of(told: list[dict[str, Any]]) -> str:
    """Markdown: one line per fault and database."""
    lines = [f"`make faults`, Linux {platform.release().partition('-')[0]}, {os.cpu_count()} processors:", ""]
    lines += [f"| {' | '.join(HEAD)} |", "| --- | --- | --- | ---: | ---: | ---: | --- |"]
    for fault, words in WORDS.items():
        for database in ("SQLite", "PostgreSQL"):
            runs = [one for one in told if one["fault"] == fault and one["on"] == database]
            sound = [one for one in runs if not one["server"]]
            if sound:
                broken = sorted({one["server"] for one in runs if one["server"]})
                lines.append(_line(words, database, sound, broken))
    return "\n".join(lines)


def _line(words: str, database: str, sound: list[dict[str, Any]], broken: list[str]) -> str:
    kept = [one["kept"] for one in sound if "kept" in one]

    def total(name: str) -> str:
        return f"{sum(one[name] for one in kept):,}" if kept else ""

    cells = [words, database, _done(sound), total("acknowledged"), total("lost"), total("bare"), ", ".join(broken)]
    return f"| {' | '.join(cells)} |"


def _done(sound: list[dict[str, Any]]) -> str:
    """What else was counted, added up over the runs."""
    counted: dict[str, float] = {}
    for one in sound:
        for name, value in one.items():
            if isinstance(value, int | float):
                counted[name] = counted.get(name, 0) + value
    return ", ".join(f"{value:,g} {name.replace('_', ' ')}" for name, value in counted.items())


if __name__ == "__main__":
    sys.exit(main())
