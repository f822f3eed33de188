"""How fast the demo's pages answer: `python -m benchmarks.pages [--json]`.

Two demo provinces in one run, 20 schools and 1,000 schools with the same number of pupils a school; each page asked in
turn many times through the WSGI interface, after a warm-up. Prints the median in milliseconds of each page and of all,
for both sizes, and the ratio of the two; then, in the smaller one, of the two pages with the longest tables: the
figures with a thousand classes open, and a class of sixty.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

PUPILS_A_SCHOOL = 20
ROUNDS = 15


def province(schools: int, folder: Path) -> Flask:
    """A demo province in a folder of its own."""
    from portal import create_app
    from portal.commands import demo_life, demo_province
    from portal.models import Place, db
    from portal.models.schema import upgrade
    from portal.settings import Settings

    settings = Settings(var=str(folder), storage_url=f"file://{folder / 'uploads'}", trial=True)
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        with db.engine.begin() as connection:
            upgrade(connection)
        made = demo_province.build(schools, schools * PUPILS_A_SCHOOL)
        demo_life.bring_to_life(db.session.get_one(Place, made.schools[0].id), demo_life.unlock())
    return app


def pages(app: Flask) -> dict[str, tuple[str | None, str]]:
    """What is asked: name -> (login or nobody, address)."""
    from portal.models import Leaf, Sheet, db
    from portal.paper.identity import qr_text_front
    from portal.rules.workflow import SheetState
    from portal.services.photos import paper_key

    with app.app_context():
        leaf = db.session.scalar(select(Leaf.number).order_by(Leaf.number).limit(1))
        received = db.session.scalars(
            select(Sheet).where(Sheet.state == SheetState.RECEIVED).order_by(Sheet.id)
        ).first()
        assert leaf is not None
        assert received is not None
        link = qr_text_front("X", leaf, paper_key()).rsplit("/", 1)[1]
        county = db.session.get_one(type(received.school), received.school.parent_id)
        prefecture = db.session.get_one(type(county), county.parent_id)
        opened = f"{prefecture.code},{county.code}"
        found = {
            "home": (None, "/"),
            "landing of a family": (None, f"/s/{link}"),
            "class list": ("teacher", "/class"),
            "a sheet": ("teacher", f"/class/sheet/{received.id}"),
            "round": ("registrar", "/staff/round"),
            "roster": ("registrar", "/staff/roster"),
            "entry": ("registrar", "/staff/entry"),
            "queue": ("leader", "/staff/queue"),
            "figures of the province": ("province", "/staff/figures"),
            "figures, a county open": ("province", f"/staff/figures?open={opened}"),
            "list of a school": ("county", f"/staff/figures/{received.school_id}/expected"),
            "windows": ("province", "/staff/windows"),
        }
    return found


def measure(app: Flask, asked: dict[str, tuple[str | None, str]]) -> dict[str, float]:
    """Median milliseconds of each page."""
    from portal.commands.demo_province import PASSWORD

    clients: dict[str | None, Any] = {None: app.test_client()}
    for login in {login for login, _address in asked.values() if login}:
        clients[login] = app.test_client()
        assert clients[login].post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
    times: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(ROUNDS + 2):
        for name, (login, address) in asked.items():
            begun = time.perf_counter()
            answer = clients[login].get(address, follow_redirects=True)
            took = (time.perf_counter() - begun) * 1000
            assert answer.status_code == 200, f"{name}: {answer.status_code}"
            if turn >= 2:
                times[name].append(took)
    return {name: round(statistics.median(found), 1) for name, found in times.items()}


def main() -> int:
    """Measure both sizes and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--long", action="store_true", help="only the two longest pages, in a small province")
    parser.add_argument("--schools", type=int, nargs=2, default=[20, 1000])
    args = parser.parse_args()
    os.environ["PORTAL_TRIAL"] = "1"
    if args.long:
        args.schools = args.schools[:1]
    results: dict[str, Any] = {}
    long_ones: dict[str, float] = {}
    for schools in args.schools:
        with tempfile.TemporaryDirectory() as folder:
            app = province(schools, Path(folder))
            found = {} if args.long else measure(app, pages(app))
            if not results:
                from benchmarks import long_pages  # the portal is loaded once its settings are known

                long_ones = measure(app, long_pages.make(app))
            app.extensions["portal.readers"].close()
        results[str(schools)] = {"median_ms": round(statistics.median(found.values() or [0.0]), 1), "pages": found}
    if args.long:
        print(json.dumps({"long_pages": long_ones}, ensure_ascii=False))
        return 0
    few, many = (results[str(n)]["median_ms"] for n in args.schools)
    results["ratio"] = round(many / few, 2)
    slowest = max(ms for n in args.schools for ms in results[str(n)]["pages"].values())
    results["slowest_page_median_ms"] = slowest
    results["long_pages"] = long_ones
    print(json.dumps(results, ensure_ascii=False, indent=None if args.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
