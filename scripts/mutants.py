"""`make mutants`: takes away each question of place once, and sees whether a test notices.

The portal runs with all its questions marked (scripts/mutant_sites.py), so nothing is written to any file. The rows of
the matrix that come past a question are asked again without it. Where another wall stands behind it, a row must notice
when all walls of its way but this one are gone that this one still holds, and when this one goes as well that nothing
does. What no row comes past is left to the tests of its module, run without the question.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts import measured, mutant_sites
from scripts.mutant_sites import ROOT, SITES, switch_off

PARTS = 2
#: rows tried per question, those that are outside or may not first
MOST, MOST_WALLS = 120, 12
ALONE, WALL, TESTS, NONE = "by a row", "by a row, as the last wall", "by the tests of its module", "not"
_ROOMS = ("services", "web", "staff", "teachers", "parents", "house", "rules", "access")


def judge(part: int) -> dict[str, Any]:
    """How each second question was noticed; what no row noticed is `NONE`."""
    mutant_sites.install()
    from tests.access.alone import matrix
    from tests.access.test_matrix import SLICE

    with matrix() as whole:
        ways: dict[str, list[Any]] = defaultdict(list)
        broken, rows = [], 0
        for actor in SLICE:
            for row in whole.slice(actor):
                rows += 1
                mutant_sites.reached.clear()
                fault = _fault(whole, row)
                broken += [fault] if fault else []
                way = frozenset(mutant_sites.reached)
                for key in () if fault else way:
                    ways[key].append((row, way))
        found = {key: _noticed(whole, key, ways[key]) for key in sorted(SITES)[part::PARTS]}
        sites = {key: (site.kind, str(site)) for key, site in SITES.items()}
    return {"found": found, "sites": sites, "rows": rows, "broken": broken, "reached": sorted(ways)}


def _fault(whole: Any, row: Any) -> str | None:
    whole.forget()
    return whole.fault(row)


def _noticed(whole: Any, key: str, ways: list[Any]) -> str:
    """How the rows notice that a question is gone."""
    ways = sorted(ways, key=lambda way: whole.is_allowed(way[0]))
    try:
        switch_off([key])
        if any(_fault(whole, row) for row, _way in ways[:MOST]):
            return ALONE
        return WALL if any(_holds(whole, key, row, way) for row, way in ways[:MOST_WALLS]) else NONE
    finally:
        switch_off()


def _holds(whole: Any, key: str, row: Any, way: Iterable[str]) -> bool:
    """True when this is the last wall of a row: with it the answer is right, without it the answer is wrong."""
    others = {one for one in way if one != key and SITES[one].kind != "may"}
    for _again in range(5):  # behind a wall that is gone there may be more
        switch_off(others | {key})
        mutant_sites.reached.clear()
        fault = _fault(whole, row)
        more = {one for one in mutant_sites.reached if one != key and SITES[one].kind != "may"} - others
        if fault or not more:
            break
        others |= more
    if not fault:
        return False
    switch_off(others)
    return _fault(whole, row) is None


def by_tests(key: str) -> bool:
    """True when a test of the module fails without the question."""
    name = key.split(":")[0].rpartition(".")[2]
    used = re.compile(rf"\b{name}\b")
    files = [
        str(path.relative_to(ROOT))
        for room in _ROOMS
        for path in sorted((ROOT / "tests" / room).glob("test_*.py"))
        if used.search(path.read_text(encoding="utf-8")) or name in path.name
    ]
    if not files:
        return False
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "scripts.mutant_plugin",
        "-x",
        "-q",
        "-n0",
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | {"PORTAL_WITHOUT": key}
    done = subprocess.run(
        [*command, "-m", "not journey and not slow", *files], cwd=ROOT, env=environment, capture_output=True
    )
    return done.returncode == 1


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


def main(quick: bool) -> int:
    """0: each is noticed; 1: some are not; 2: a part did not come to its end. `quick` runs no tests of modules."""
    began = time.monotonic()
    command = [sys.executable, "-m", "scripts.mutants"]
    parts = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(PARTS)]
    said = [part.communicate()[0] for part in parts]
    if any(part.returncode for part in parts):
        print(f"a part ended with {[part.returncode for part in parts]}", file=sys.stderr)
        return 2
    told = [json.loads(text.splitlines()[-1]) for text in said]
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
    measured.write("mutants", shown)
    return 1 if NONE in found.values() else 0


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print(json.dumps(judge(int(sys.argv[1]))))
        sys.exit(0)
    sys.exit(main("--quick" in sys.argv))
