"""A parents' meeting on deadline evening: 1,000 parents behind one address in 15 minutes, and one who guesses codes.

    python -m benchmarks.meeting [--quick] [--full] [--strong] [--rate N] [--per-second N] [--json] [--write]

15 % of the tries are mistyped, 1 % of the parents hold last year's code, 2 % of the telephones have no scripts. The
attacker sits in the same room, throws its cookies away before a browser's tries are used up, and uses both ways past
the slowing: work, at `--rate` numbers a second, and every turn of those who wait.

Without `--full` the application runs in this process on a SQLite file and every limit reads one simulated clock; with
it a real server, real work on this machine, and 15 real minutes (`--minutes` for fewer).

- `refused`: parents who were not let in; `saw_work`: who waited beyond their typing, or saw the page that asks to wait.
- `median_extra_s`, `p95_extra_s`: what that cost them.
- `attacker_evaluated_per_s`: guesses that were compared, over the whole time; `attacker_peak_per_s`: its worst minute.
- `unknown_apart_ms`: between the answers to a wrong code of a sheet and to a code of none.
- `alarm`: the province was told. `--write` puts the table into docs/security.md; `--strong` adds an evening
  with a computer and a program made for it.

Exit status 0 when the goals are met (0 refused, at most 5 % see the work, at most 3 guesses a second, alarm), else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import meeting_people
from benchmarks.meeting_clock import Evening
from benchmarks.meeting_people import Told

#: hashes a second of a strong computer with a program made for it
STRONG = 10_000_000
WORDS = {
    "parents": "Parents behind one address",
    "refused": "refused",
    "saw_work": "saw the work",
    "median_extra_s": "median extra time (s)",
    "p95_extra_s": "95th percentile of it (s)",
    "attacker_tried_per_s": "The attacker's tries a second, wished for",
    "attacker_hashes_per_s": "hashes a second of its machine",
    "attacker_evaluated_per_s": "compared, over the whole time",
    "attacker_peak_per_s": "compared, in the worst minute",
    "alarm": "The province was told",
    "unknown_apart_ms": "A code of no sheet and a wrong code of a sheet are answered apart by (ms, medians)",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    parser.add_argument("--full", action="store_true", help="a real server in real time")
    parser.add_argument("--quick", action="store_true", help="a third of the evening at the same pace")
    parser.add_argument("--minutes", type=float, default=15, help="how long all come in (default 15)")
    parser.add_argument("--parents", type=int, default=1000, metavar="N")
    parser.add_argument("--per-second", type=float, default=5, metavar="N", help="what the attacker would like")
    parser.add_argument("--rate", type=int, default=1_000_000, metavar="N", help="hashes a second of its machine")
    parser.add_argument("--seed", type=int, default=6, metavar="N")
    parser.add_argument("--strong", action="store_true", help="a second evening with a much stronger attacker")
    parser.add_argument("--write", action="store_true", help="write the table into docs/security.md")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.minutes, chosen.parents = chosen.minutes / 3, chosen.parents // 3
    found = [one(chosen)]
    if chosen.strong and not chosen.full:
        chosen.rate = STRONG
        found.append(one(chosen))
    if chosen.write:
        from scripts import measured

        measured.write("meeting-real" if chosen.full else "meeting", table(found))
    for run in found:
        print(json.dumps(run) if chosen.json else "\n".join(f"{name:26} {value}" for name, value in run.items()))
    return 0 if is_met(found[0]) else 1


def one(chosen: argparse.Namespace) -> dict[str, Any]:
    """One evening in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="portal-meeting-") as folder:
        return full(Path(folder), chosen) if chosen.full else simulated(Path(folder), chosen)


def is_met(found: dict[str, Any]) -> bool:
    """The goals of the research (sec 9, 5)."""
    few = found["saw_work"] <= 0.05 * found["parents"] and found["attacker_evaluated_per_s"] <= 3
    return found["refused"] == 0 and found["parents"] == found["inside"] and few and found["alarm"]


def table(found: list[dict[str, Any]]) -> str:
    """The figures as Markdown, a column a run."""
    first = found[0]
    lines = [
        f"| {words} | {' | '.join(str(run[name]) for run in found)} |" for name, words in WORDS.items() if name in first
    ]
    command = f"`python -m benchmarks.meeting{' --full' if first['real_time'] else ''} --write`"
    clock = "real" if first["real_time"] else "simulated"
    how = f"Measured by {command} in {first['minutes']:g} minutes of {clock} time."
    return "\n".join(["| |" + " |" * len(found), "|---|" + "---|" * len(found), *lines, "", how])


def simulated(folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """The evening on our own clock."""
    begun = time.perf_counter()
    app, codes = school(folder, chosen.parents)
    told = Told()
    invite(Evening(app, chosen.seed, chosen.rate), codes, chosen, told).run()
    found = figures(told, chosen, alarms(app)) | {"unknown_apart_ms": apart_ms(app, codes)}
    return found | {"took_s": round(time.perf_counter() - begun, 1), "load": round(os.getloadavg()[0], 1)}


def invite(evening: Any, codes: list[str], chosen: argparse.Namespace, told: Told) -> Any:
    """All parents at their seconds, and the attacker from the first on."""
    rng, seconds = random.Random(chosen.seed), 60 * chosen.minutes
    for code in codes:
        evening.add(rng.uniform(0, seconds), meeting_people.parent(random.Random(rng.random()), code, told))
    if not chosen.per_second:
        return evening
    own = (random.Random(rng.random()), chosen.per_second, seconds, told, evening.clock)
    evening.add(0.0, meeting_people.attacker(*own), fast=True)
    for nth in range(3):  # a turn each two seconds, and five to wait for it
        idle = meeting_people.idler(random.Random(rng.random()), seconds, told, evening.clock)
        evening.add(nth * 1.7, idle, fast=True)
    return evening


def full(folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """The evening in real time."""
    from benchmarks.meeting_line import evening

    begun, told = time.perf_counter(), Told()
    alarm = evening(folder, chosen, told)
    took = {"took_s": round(time.perf_counter() - begun, 1), "load": round(os.getloadavg()[0], 1)}
    return figures(told, chosen, alarm) | took


def figures(told: Told, chosen: argparse.Namespace, alarm: bool) -> dict[str, Any]:
    """What is shown."""
    per_minute = [sum(at <= other < at + 60 for other in told.evaluated) for at in told.evaluated[::10]]
    extra = sorted(told.extra)
    return {
        "parents": chosen.parents,
        "inside": told.inside,
        "refused": told.refused,
        "saw_work": told.saw_work,
        "median_extra_s": round(statistics.median(extra), 2),
        "p95_extra_s": round(extra[int(0.95 * len(extra))], 2),
        "attacker_tried_per_s": chosen.per_second,
        "attacker_evaluated_per_s": round(len(told.evaluated) / (60 * chosen.minutes), 2),
        "attacker_peak_per_s": round(max(per_minute, default=0) / 60, 2),
        "alarm": alarm,
        "attacker_hashes_per_s": "one core of this machine" if chosen.full else chosen.rate,
        "strange": len(told.strange),
        "minutes": chosen.minutes,
        "real_time": chosen.full,
    }


def school(folder: Path, parents: int, environment: dict[str, str] | None = None) -> tuple[Flask, list[str]]:
    """An application on an empty folder, and the codes of a school whose papers have been handed out."""
    from portal import create_app, settings
    from portal.models import db
    from portal.models.schema import migrating, upgrade
    from portal.rules.workflow import SheetState
    from portal.services import printed_codes
    from tests.make import Make

    own = {"PORTAL_VAR": str(folder / "var"), "STORAGE_URL": f"file://{folder / 'uploads'}", "PORTAL_TRIAL": "1"}
    app = create_app(settings.load(own | (environment or {})))
    with app.app_context():
        with migrating(db.engine) as connection:
            upgrade(connection)
        make = Make()
        codes = [printed_codes.make_code(make.sheet(SheetState.ISSUED)).code or "" for _ in range(parents)]
        db.session.commit()
        for engine in db.engines.values():
            engine.dispose()
    return app, codes


def apart_ms(app: Flask, codes: list[str]) -> float:
    """Milliseconds between the median answers to wrong codes of printed sheets and to those of no sheet (sec-C7), each
    from an address and a browser of its own."""
    from portal.models import db
    from portal.rules.numbers import random_symbols, with_check
    from portal.services import doors
    from portal.services.refusals import Refusal
    from portal.services.slowing import Asker

    rng = random.Random(1)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with app.app_context():
        for nth, code in enumerate(codes[:120]):
            for known in (True, False):
                text = with_check((code[:7] if known else "R" + random_symbols(rng, 6)) + random_symbols(rng, 8))
                begun = time.perf_counter()
                with contextlib.suppress(Refusal):
                    doors.use_code(text, Asker(f"{known} {nth}", f"10.{int(known)}.{nth}.1"))
                seconds[known].append(time.perf_counter() - begun)
        db.session.remove()
    return round(abs(statistics.median(seconds[True]) - statistics.median(seconds[False])) * 1000, 2)


def alarms(app: Flask) -> bool:
    """True when the province was told."""
    from portal.models import Step, db, set_writing
    from portal.services.slowing_alarm import MOVE

    with app.app_context():
        set_writing(False)
        return db.session.query(Step).filter_by(move=MOVE).count() > 0


if __name__ == "__main__":
    sys.exit(main())
