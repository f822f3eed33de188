"""Does an unknown login answer faster than a known one? Real hashes, real pages, one after the other (sec-A33).

The medians are of processor time, which a busy machine does not blur; the test of chance is on what a clock sees.

python -m benchmarks.sign_in_time [--rounds N] [--json] [--write]     0: goal met; 1: not
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from math import erfc
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from portal import create_app
from portal.models import Place, Try, db
from portal.models.schema import migrating, upgrade
from portal.rules.roles import Level, Role
from portal.services import accounts
from portal.settings import Settings
from scripts import measured

#: milliseconds that the medians may lie apart, and how sure a difference must be to count
MOST_APART, SURE = 3.0, 0.01
PASSWORD = "four quiet horses"
Pair = tuple[float, float]


def main() -> int:
    """Measure, print, and say whether the goal was met."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=60)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--write", action="store_true", help="into docs/security.md")
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known, unknown = times(Path(folder), args.rounds)
    seen = [[wall for wall, _ in one] for one in (known, unknown)]
    work = [median(spent for _, spent in one) for one in (known, unknown)]
    found = {
        "rounds": args.rounds,
        "known_ms": round(work[0], 2),
        "unknown_ms": round(work[1], 2),
        "apart_ms": round(abs(work[0] - work[1]), 2),
        "p": round(likelihood(*seen), 3),
    }
    print(json.dumps(found) if args.json else "\n".join(f"{name:<12} {value}" for name, value in found.items()))
    if args.write:
        measured.write("sign-in", _table(found))
    return 0 if found["apart_ms"] < MOST_APART and found["p"] > SURE else 1


def times(folder: Path, rounds: int) -> tuple[list[Pair], list[Pair]]:
    """(clock, processor) in milliseconds of a wrong password for known logins and for unknown ones, by turns."""
    app = create_app(Settings(var=str(folder), storage_url=f"file://{folder / 'uploads'}", trial=True))
    app.config.update(WTF_CSRF_ENABLED=False)
    with app.app_context():
        with migrating(db.engine) as connection:
            upgrade(connection)
        place = Place(level=Level.COUNTY, code="990101", name="试验区教育局", path="990101/")
        db.session.add(place)
        db.session.flush()
        accounts.make_user(place, "known", "周试验", Role.REGISTRAR, place, PASSWORD)
        db.session.commit()
        client = app.test_client()
        taken: dict[str, list[Pair]] = {"known": [], "unknown": []}
        for n in range(2 * (rounds + 3)):
            login = ("known", "unknown")[n % 2]
            db.session.query(Try).delete()
            db.session.commit()
            begun, spent = perf_counter(), process_time()
            client.post("/sign-in", data={"login": login, "password": "not the one"})
            if n >= 6:  # the first ones compile templates
                taken[login].append((1000 * (perf_counter() - begun), 1000 * (process_time() - spent)))
        db.session.remove()
    app.extensions["portal.readers"].close()
    return taken["known"], taken["unknown"]


def likelihood(one: list[float], other: list[float]) -> float:
    """How likely so large a difference is by chance: Mann-Whitney, two-sided, normal approximation."""
    wins = sum((a > b) + 0.5 * (a == b) for a in one for b in other)
    n, m = len(one), len(other)
    spread = (n * m * (n + m + 1) / 12) ** 0.5
    return erfc(abs(wins - n * m / 2) / spread / 2**0.5)


def _table(found: dict[str, float]) -> str:
    head = "| tries each | known login, work | unknown login, work | apart | chance (Mann-Whitney) |\n"
    head += "| --- | --- | --- | --- | --- |"
    row = "| {rounds} | {known_ms} ms | {unknown_ms} ms | {apart_ms} ms | p = {p} |".format(**found)
    return f"{head}\n{row}\n\nGoal: less than {MOST_APART:g} ms apart, p above {SURE}."


if __name__ == "__main__":
    sys.exit(main())
