"""`make faults`: all faults done to the product and to its broken servers; the table goes into docs/security.md.

    python -m tests.faults.report [-k EXPRESSION] [--figures FILE]

Exit status 0 when the product stood all and every broken server was caught, else that of pytest. The table is written
when nothing is missing in it; with `--figures` a run adds to what earlier ones found, so that it may be done in parts.
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
_ROWS = ("row first", "answer early")
#: fault -> database -> servers that are broken in a way that must be caught there
EXPECTED: dict[str, dict[str, tuple[str, ...]]] = {
    "kill": {"SQLite": _ROWS, "PostgreSQL": _ROWS},
    "power": {
        "SQLite": ("no file fsync", "normal sync"),
        "PostgreSQL": ("no file fsync", "synchronous_commit off"),
    },
    "order": {"SQLite": ("no file fsync", "no folder fsync", "normal sync", "answer early")},
    "fsync": {"SQLite": ("deaf fsync",)},
    "full": {"SQLite": ("litter",)},
    "again": {"SQLite": ("forgetful",), "PostgreSQL": ("forgetful",)},
    "database": {"PostgreSQL": ()},
    "store": {"SQLite": ()},
    "stop": {"SQLite": ()},
    "restart": {"SQLite": (), "PostgreSQL": ()},
    "worker": {"SQLite": ("end later",), "PostgreSQL": ("end later",)},
}
HEAD = ("Fault", "Database", "Done", "Acknowledged", "Lost", "Rows without file", "Broken servers caught")


def main(given: list[str] | None = None) -> int:
    """Run, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="EXPRESSION", help="only some, as in pytest")
    parser.add_argument("--figures", metavar="FILE", help="add the figures to those of earlier runs")
    chosen = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="portal-figures-") as folder:
        figures = Path(chosen.figures or Path(folder) / "figures").resolve()
        os.environ["PORTAL_FAULT_FIGURES"] = str(figures)
        arguments = ["-q", "-n0", "-m", "fault", "-p", "no:cacheprovider", str(Path(__file__).parent)]
        status = int(pytest.main(arguments + (["-k", chosen.k] if chosen.k else [])))
        told = [json.loads(line) for line in figures.read_text().splitlines()] if figures.exists() else []
    table = table_of(told)
    sys.stdout.write(table + "\n")
    missing = missing_in(told)
    if chosen.figures and status == pytest.ExitCode.NO_TESTS_COLLECTED:
        status = 0  # only what earlier runs found is written
    if status == 0 and not missing:
        measured.write("faults", table)
    elif missing:
        sys.stdout.write(f"not written, there is nothing yet of: {'; '.join(missing)}\n")
    return status


def missing_in(told: list[dict[str, Any]]) -> list[str]:
    """What EXPECTED asks for and no run has found."""
    found = {(one["fault"], one["on"], one["server"]) for one in told}
    wanted = [
        (fault, database, server)
        for fault, databases in EXPECTED.items()
        for database, broken in databases.items()
        for server in ("", *broken)
    ]
    return [", ".join(filter(None, one)) for one in wanted if one not in found]


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
