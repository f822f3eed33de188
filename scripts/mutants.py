"""`make mutants`: takes away each question of place once, and sees whether a test notices.

The portal runs with all its questions marked (scripts/mutant_sites.py), so nothing is written to any file. The rows of
the matrix that come past a question are asked again without it. Where another wall stands behind it, a row must notice
when all walls of its way but this one are gone that this one still holds, and when this one goes as well that nothing
does. What no row can show is left to the tests of tests/places, by module, run without the question.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from scripts import measured, mutant_sites
from scripts.mutant_sites import ROOT, SITES, switch_off

PARTS = 2
#: rows tried per question, those that are outside or may not first
MOST, MOST_WALLS = 200, 30
ALONE, WALL, TESTS, NONE = "by a row", "by a row, as the last wall", "by the tests of its module", "not"
#: what the others are made of: without it none of them could be the last wall
_MADE_OF = ("portal.services.lists", "portal.rules.")


def judge(part: int, only: str = "") -> dict[str, Any]:
    """How each second question was noticed; what no row noticed is `NONE`."""
    mutant_sites.install()
    from tests.access.alone import matrix
    from tests.access.calls import CALLERS, Calls
    from tests.access.test_matrix import SLICE

    with matrix() as whole:
        calls = Calls(whole)
        asked = [(whole, row) for actor in SLICE for row in whole.slice(actor)]
        asked += [(calls, call) for actor in CALLERS for call in calls.slice(actor, own=True)]
        ways, broken = Ways(), []
        for room, row in asked:
            mutant_sites.reached.clear()
            fault = _fault(room, row)
            broken += [fault] if fault else []
            if not fault:
                ways.add(Asked(room, row, frozenset(mutant_sites.reached)))
        mine = [key for key in sorted(SITES) if any(text in str(SITES[key]) for text in only.split(","))][part::PARTS]
        found = {key: _noticed(key, ways) for key in mine}
        sites = {key: (site.kind, str(site)) for key, site in SITES.items()}
    return {"found": found, "sites": sites, "rows": len(asked), "broken": broken, "reached": sorted(ways.past)}


class Asked(NamedTuple):
    """A row of the matrix or a call of a service, and the questions it comes past."""

    room: Any
    row: Any
    way: frozenset[str]


def _fault(room: Any, row: Any) -> str | None:
    room.forget()
    return room.fault(row)


class Ways:
    """Which rows come past a question, and which would if another did not stop them: about foreign things they ask for
    what other rows ask for about own ones."""

    def __init__(self) -> None:
        self.past: dict[str, list[Asked]] = defaultdict(list)
        self._kin: dict[Any, list[Asked]] = defaultdict(list)

    def add(self, one: Asked) -> None:
        for key in one.way:
            self.past[key].append(one)
        self._kin[one.room.kin(one.row)].append(one)

    def straight(self, key: str) -> list[Asked]:
        """Rows that come past it, those about foreign things first."""
        ways = self.past[key]
        outside = [one for one in ways if not one.room.is_allowed(one.row)]
        return [*outside[:MOST], *[one for one in ways if one.room.is_allowed(one.row)][:MOST]]

    def behind(self, key: str) -> list[Asked]:
        """Rows that come past it or would, each with the walls of all its kin."""
        found: list[Asked] = []
        for kin in dict.fromkeys(one.room.kin(one.row) for one in self.past[key]):
            rows = self._kin[kin]
            way = frozenset().union(*(one.way for one in rows))
            found += [one._replace(way=way) for one in rows if not one.room.is_allowed(one.row)][:3]
        return [*found[:MOST_WALLS], *[one for one in self.past[key] if one.room.is_allowed(one.row)][:MOST_WALLS]]


def _noticed(key: str, ways: Ways) -> str:
    """How the rows notice that a question is gone."""
    try:
        switch_off([key])
        if any(_opened(one.room, one.row) for one in ways.straight(key)):
            return ALONE
        return WALL if any(_holds(key, one) for one in ways.behind(key)) else NONE
    finally:
        switch_off()


def _opened(room: Any, row: Any) -> str | None:
    """What is wrong with an answer; a failure is none: whoever meets one has got nothing."""
    fault = _fault(room, row)
    return fault if fault and not fault.endswith(("a failure", "is answered 500")) else None


def _holds(key: str, one: Asked) -> bool:
    """True when this is the last wall of a row: with it the answer is right, or a refusal at least, and without it it
    is neither."""
    others = {wall for wall in one.way if _is_wall(wall, key)}
    for _again in range(5):  # behind a wall that is gone there may be more
        switch_off(others | {key})
        mutant_sites.reached.clear()
        fault, opens = _opened(one.room, one.row), _opens(one)
        more = {wall for wall in mutant_sites.reached if _is_wall(wall, key)} - others
        if opens or not more:
            break
        others |= more
    if not fault and not opens:
        return False
    switch_off(others)
    return (bool(fault) and _fault(one.room, one.row) is None) or (opens and not _opens(one))


def _opens(one: Asked) -> bool:
    one.room.forget()
    return bool(one.room.opens(one.row))


def _is_wall(one: str, key: str) -> bool:
    """May this be another wall beside the one that is looked at?"""
    return one != key and SITES[one].kind != "may" and not one.startswith(_MADE_OF)


def by_tests(key: str) -> bool:
    """True when a test of the module's questions (tests/places) fails without this one."""
    file = ROOT / "tests" / "places" / f"test_{key.split(':')[0].rpartition('.')[2]}.py"
    if not file.exists():
        return False
    command = [sys.executable, "-m", "pytest", "-p", "scripts.mutant_plugin", "-x", "-q", "-n0"]
    environment = os.environ | {"PORTAL_WITHOUT": key}
    command += ["-p", "no:cacheprovider", str(file)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True).returncode == 1


def table(found: dict[str, str], sites: dict[str, tuple[str, str]], seconds: float, rows: int) -> str:
    """The figures as they stand in the document."""
    kinds = Counter(sites[key][0] for key in found)
    how = Counter((sites[key][0], outcome) for key, outcome in found.items())
    head = (ALONE, WALL, TESTS, NONE)
    lines = ["| question | places | " + " | ".join(f"noticed {one}" for one in head) + " |", "| --- " * 6 + "|"]
    lines += [
        f"| {kind} | {n} | " + " | ".join(str(how[(kind, one)]) for one in head) + " |"
        for kind, n in sorted(kinds.items())
    ]
    total = Counter(found.values())
    lines.append(f"| **all** | **{len(found)}** | " + " | ".join(f"**{total[one]}**" for one in head) + " |")
    caught = len(found) - total[NONE]
    lines += [
        "",
        f"{caught} of {len(found)} ({100 * caught / max(1, len(found)):.1f} %) are noticed; "
        f"{rows:,} rows, {seconds:.0f} s.",
    ]
    left = sorted(sites[key][1] for key, outcome in found.items() if outcome == NONE)
    return "\n".join(lines + ([""] + [f"- not noticed: `{one}`" for one in left] if left else []))


def _parts(only: str) -> list[dict[str, Any]] | None:
    """What the parts found, or None when one did not come to its end."""
    command = [sys.executable, "-m", "scripts.mutants", "--only", only, "--part"]
    parts = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(PARTS)]
    said = [part.communicate()[0] for part in parts]
    if any(part.returncode for part in parts):
        print(f"a part ended with {[part.returncode for part in parts]}", file=sys.stderr)
        return None
    return [json.loads(text.splitlines()[-1]) for text in said]


def main(quick: bool, only: str) -> int:
    """0: each is noticed; 1: some are not, or something was wrong before; 2: a part did not come to its end. `quick`
    runs no tests of modules, `only` looks at questions with this text; both write no table."""
    began = time.monotonic()
    told = _parts(only)
    if told is None:
        return 2
    found = {key: outcome for one in told for key, outcome in one["found"].items()}
    for fault in told[0]["broken"]:
        print(f"wrong before anything was taken away: {fault}")
    if not quick:
        left = [key for key, outcome in found.items() if outcome == NONE]
        with ThreadPoolExecutor(PARTS) as pool:
            found |= {key: TESTS for key, failed in zip(left, pool.map(by_tests, left), strict=True) if failed}
    shown = table(found, told[0]["sites"], time.monotonic() - began, told[0]["rows"])
    print(shown)
    for key, outcome in sorted(found.items()):
        if outcome == NONE:
            print(key, "reached" if key in told[0]["reached"] else "not reached")
    if not quick and not only:
        measured.write("mutants", shown)
    return 1 if NONE in found.values() or told[0]["broken"] else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants")
    parser.add_argument("--quick", action="store_true", help="without the tests of modules")
    parser.add_argument("--only", default="", metavar="TEXT", help="questions with this text; several with commas")
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    if asked.part is not None:
        print(json.dumps(judge(asked.part, asked.only)))
        sys.exit(0)
    sys.exit(main(asked.quick, asked.only))
